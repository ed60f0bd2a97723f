package annotations

import (
	"strconv"
	"testing"
)

func TestAMemoReadsAValueOnceAndRemembersTheFirstOnes(t *testing.T) {
	m, read := Memo[string, int]{}, map[string]int{}
	length := func(s string) int { read[s]++; return len(s) }
	for range 2 {
		for i := range mostRemembered + 1 {
			if got := m.Of(strconv.Itoa(i), length); got != len(strconv.Itoa(i)) {
				t.Errorf("%d has length %d", i, got)
			}
		}
	}
	if n := read["0"]; n != 1 {
		t.Errorf("the first value was read %d times", n)
	}
	if n := read[strconv.Itoa(mostRemembered)]; n != 2 {
		t.Errorf("a value too many was read %d times", n)
	}
	if len(m) != mostRemembered {
		t.Errorf("%d values are remembered", len(m))
	}
}
