package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const docsFolder = "../../docs"

func TestGeneratedPagesAreUpToDate(t *testing.T) {
	root := newRoot("ingress2gw", Streams{}, fakes())
	want := pages(root)
	require.Greater(t, len(want), 6)
	for name, page := range want {
		got, err := os.ReadFile(filepath.Join(docsFolder, name))
		require.NoError(t, err, "run make generate")
		if diff := cmp.Diff(strings.Split(string(page), "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("docs/%s is stale, run make generate (-generated +file):\n%s", name, diff)
		}
	}
	stale, err := stalePages(docsFolder, want)
	require.NoError(t, err)
	if len(stale) > 0 {
		t.Errorf("pages of commands that are gone: %v", stale)
	}
}

func TestPagesAreWrittenAndRemoved(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, writePages(folder, map[string][]byte{"cli/gone.md": []byte("a"), "cli/kept.md": []byte("b"), "x.md": []byte("c")}))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "mine.md"), []byte("mine"), 0o600))
	require.NoError(t, writePages(folder, map[string][]byte{"cli/kept.md": []byte("new"), "x.md": []byte("c")}))
	got := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(folder, path)
		got[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	if diff := cmp.Diff(map[string]string{"cli/kept.md": "new", "x.md": "c", "mine.md": "mine"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
