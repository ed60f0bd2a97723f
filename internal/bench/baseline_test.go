package bench

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/fleet"
)

func TestTheBaselineDecodesEverything(t *testing.T) {
	write := func(name string, write func(io.Writer) error) string {
		path := filepath.Join(t.TempDir(), name)
		f, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, write(f))
		require.NoError(t, f.Close())
		return path
	}
	for name, path := range map[string]string{
		"a fleet": write("fleet.yaml", func(w io.Writer) error {
			return fleet.Write(w, fleet.Options{Ingresses: 20, Profile: fleet.Heavy, TLS: true})
		}),
		"Ingresses of one path": write("one.yaml", func(w io.Writer) error { return onePath(w, 20) }),
	} {
		t.Run(name, func(t *testing.T) {
			n, err := Baseline(path)
			require.NoError(t, err)
			if n != 40 {
				t.Errorf("decoded %d objects of 40", n)
			}
		})
	}
}
