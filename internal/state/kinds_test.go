package state

import (
	"io/fs"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ingress2gw/ingress2gw/reports/diff"
)

// What the golden cases write must be found again by --prune.
func TestEveryKindOfTheOutputIsLookedForWhenPruning(t *testing.T) {
	seen := map[schema.GroupKind]bool{}
	require.NoError(t, fs.WalkDir(os.DirFS("../../testdata"), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.Name() != "platform.yaml" && e.Name() != "teams.yaml" {
			return err
		}
		data, err := os.ReadFile("../../testdata/" + name)
		if err != nil {
			return err
		}
		f := &Folder{seen: map[string]string{}}
		f.file(name, data)
		for _, o := range f.Objects {
			if id := diff.TreeID(o); ours(o) {
				seen[schema.GroupKind{Group: id.Group(), Kind: id.Kind}] = true
			}
		}
		return nil
	}))
	if len(seen) < 10 {
		t.Errorf("only %d kinds are in the golden cases: %v", len(seen), seen)
	}
	for kind := range seen {
		if !slices.Contains(kinds(), kind) {
			t.Errorf("%s is not among the kinds", kind)
		}
	}
}
