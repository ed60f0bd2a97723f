package finding

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindingsAreSortedWhateverTheOrderInWhichTheyCame(t *testing.T) {
	a, b := &Object{Kind: "Ingress", Name: "a"}, &Object{Kind: "Ingress", Name: "b"}
	want := []Finding{
		{Code: NothingSelected},
		{Code: KeyExact, Origin: Origin{Object: a, Field: "x", Line: 1}},
		{Code: KeyExact, Origin: Origin{Object: a, Field: "y", Line: 1}, Args: []string{"1"}},
		{Code: KeyExact, Origin: Origin{Object: a, Field: "y", Line: 1}, Args: []string{"2"}},
		{Code: KeyNoop, Origin: Origin{Object: a, Field: "a", Line: 2}},
		{Code: ProtectionOpen, Origin: Origin{Object: b}},
		{Code: ProtectionOpen, Origin: Origin{Object: b}, Waived: true},
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		all := append(append([]Finding(nil), want...), want...)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for i := range all {
			if o := all[i].Origin.Object; o != nil && r.IntN(2) == 0 {
				same := *o
				all[i].Origin.Object = &same // the same object, read twice
			}
		}
		l := Take(all[:5])
		l.Add(all[5:]...)
		if diff := cmp.Diff(want, l.Sorted()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, l.Sorted()); diff != "" {
			t.Fatalf("sorted again (-want +got):\n%s", diff)
		}
	}
}
