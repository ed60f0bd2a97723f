package fleet

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSameOptionsGiveTheSameBytes(t *testing.T) {
	write := func(seed uint64) string {
		var b bytes.Buffer
		require.NoError(t, Write(&b, Options{Ingresses: 200, Profile: Light, TLS: true, Seed: seed}))
		return b.String()
	}
	first := write(7)
	if first != write(7) {
		t.Error("two runs differ")
	}
	if first == write(8) {
		t.Error("the seed decides nothing")
	}
	if got := strings.Count(first, "\nkind: Ingress\n"); got != 200 {
		t.Errorf("%d Ingresses of 200", got)
	}
}

func TestHeavyMeansTwentyEightAnnotations(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(&b, Options{Ingresses: 1, Profile: Heavy, WithoutServices: true}))
	if got := strings.Count(b.String(), prefix); got != 28 {
		t.Errorf("%d annotations", got)
	}
}
