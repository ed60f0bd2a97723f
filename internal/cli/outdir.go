package cli

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/translate/split"
)

// treeResult counts what was done to a folder.
type treeResult struct{ written, unchanged, removed, secrets int }

// writeTree brings a folder to hold the files: it writes what is new or different, each file at once or not at all, and
// removes what an earlier run wrote and this one does not. Files that we did not write are not touched, and nothing is
// written if one is in the way. Nothing outside of the folder is reached, whatever links there are in it.
func writeTree(folder string, files []split.File) (treeResult, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return treeResult{}, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return treeResult{}, err
	}
	defer root.Close()
	t := tree{root: root, wanted: map[string]bool{}}
	for _, f := range files {
		t.wanted[f.Path] = true
		if err := t.look(f); err != nil {
			return treeResult{}, err
		}
	}
	stale, err := t.stale()
	if err != nil {
		return treeResult{}, err
	}
	for _, f := range files {
		if err := t.write(f); err != nil {
			return t.done, err
		}
	}
	for _, name := range stale {
		if err := root.Remove(name); err != nil {
			return t.done, err
		}
		t.done.removed++
	}
	return t.done, t.removeEmptyTeams()
}

type tree struct {
	root   *os.Root
	wanted map[string]bool
	done   treeResult
}

// read gives the content of a file that we wrote; nil if there is none.
func (t *tree) read(name string) ([]byte, error) {
	info, err := t.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, foreign(name)
	}
	data, err := t.root.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, []byte(split.Header)) {
		return nil, foreign(name)
	}
	return data, nil
}

// foreignError is a file that we did not write.
type foreignError struct{ name string }

func foreign(name string) error { return foreignError{name} }

func (e foreignError) Error() string {
	return fmt.Sprintf("%s was not written by ingress2gw and is not replaced: remove it or choose another folder", e.name)
}

// look fails if something that is not ours is in a file's place.
func (t *tree) look(f split.File) error {
	_, err := t.read(f.Path)
	return err
}

// stale lists what an earlier run wrote, by its kustomizations, and this run does not.
func (t *tree) stale() ([]string, error) {
	folders := []string{split.PlatformFolder}
	teams, err := t.folders(split.TeamsFolder)
	if err != nil {
		return nil, err
	}
	for _, team := range teams {
		folders = append(folders, path.Join(split.TeamsFolder, team))
	}
	var out []string
	for _, folder := range folders {
		for _, name := range t.former(folder) {
			full := path.Join(folder, name)
			if data, err := t.read(full); t.wanted[full] || data == nil || err != nil {
				continue // still wanted, gone, or somebody else's
			}
			out = append(out, full)
		}
	}
	return out, nil
}

func (t *tree) folders(name string) ([]string, error) {
	entries, err := fs.ReadDir(t.root.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// former lists the files that an earlier run put into a folder, if its kustomization is ours.
func (t *tree) former(folder string) []string {
	data, err := t.read(path.Join(folder, split.KustomizationFile))
	if err != nil {
		return nil
	}
	names := []string{split.MeshConfigFile}
	if data == nil {
		return names
	}
	var k struct {
		Resources []string `json:"resources"`
	}
	if err := sigsyaml.Unmarshal(data, &k); err != nil {
		return nil
	}
	for _, r := range k.Resources {
		if path.Base(r) == r && strings.HasSuffix(r, ".yaml") && !slices.Contains(names, r) {
			names = append(names, r)
		}
	}
	return append(names, split.KustomizationFile)
}

// write puts a file in place in one step, so that no reader sees half of it. A file that is the same is left alone.
func (t *tree) write(f split.File) error {
	secret := f.Mode == split.SecretMode
	if secret {
		t.done.secrets++
	}
	if old, err := t.read(f.Path); err == nil && bytes.Equal(old, f.Data) {
		t.done.unchanged++
		if secret {
			return t.root.Chmod(f.Path, f.Mode)
		}
		return nil
	}
	if err := t.root.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
		return err
	}
	temporary := path.Join(path.Dir(f.Path), ".ingress2gw-"+rand.Text()+".tmp")
	err := t.create(temporary, f)
	if err == nil {
		err = t.root.Rename(temporary, f.Path)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(t.root.Remove(temporary)))
	}
	t.done.written++
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (t *tree) create(name string, f split.File) error {
	w, err := t.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.Mode)
	if err != nil {
		return err
	}
	_, err = w.Write(f.Data)
	if closed := w.Close(); err == nil {
		err = closed
	}
	return err
}

// removeEmptyTeams removes the folders of teams that have nothing any more.
func (t *tree) removeEmptyTeams() error {
	teams, err := t.folders(split.TeamsFolder)
	if err != nil || t.done.removed == 0 {
		return err
	}
	for _, team := range teams {
		name := path.Join(split.TeamsFolder, team)
		entries, err := fs.ReadDir(t.root.FS(), name)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			if err := t.root.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}
