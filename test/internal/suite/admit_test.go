package suite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGoldensAreFolders(t *testing.T) {
	root := t.TempDir()
	if _, err := Goldens(root); err == nil {
		t.Error("an empty folder proves nothing, and no error says so")
	}
	write(t, root, map[string]string{"a/one/platform.yaml": "", "a/one/teams.yaml": "", "b/two/platform.yaml": "", "b/none/in.yaml": ""})
	got, err := Goldens(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []Job{{Path: filepath.Join(root, "a/one"), Admit: true}, {Path: filepath.Join(root, "b/two"), Admit: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadGolden(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"full/platform.yaml": "a", "full/teams.yaml": "b", "full/meshconfig.yaml": "c", "part/platform.yaml": "a"})
	tests := map[string][2]string{"full": {"a\n---\nb", "c"}, "part": {"a\n---\n", ""}}
	for name, want := range tests {
		stream, mesh, err := readGolden(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, [2]string{stream, string(mesh)}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
