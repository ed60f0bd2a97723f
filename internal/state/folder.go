// Package state reads what there is, to compare a translation with: the objects of a folder, or those of a cluster and what
// applying would make of them. It changes nothing.
package state

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/reports/diff"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Folder is what stands in a folder of manifests.
type Folder struct {
	Objects []map[string]any // in the order of their files, each once
	Notices []string         // what cannot be read or stands there twice
	// Unreadable counts the documents that could not be read: a comparison says nothing about them.
	Unreadable int
	// Mesh is the content of platform/meshconfig.yaml, if the folder has it. It is no object.
	Mesh map[string]any

	seen map[string]string
}

// maxFile bounds a manifest: what is larger is none.
const maxFile = 64 << 20

// ReadFolder reads all YAML and JSON files of a folder and the folders within it. Hidden ones are left out, and so is what is
// no Kubernetes object.
func ReadFolder(root fs.FS, meshConfig string) (*Folder, error) {
	f := &Folder{seen: map[string]string{}}
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir() || !e.Type().IsRegular() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)):
			return nil
		}
		if info, err := e.Info(); err == nil && info.Size() > maxFile {
			f.unreadable("%s is too large to be a manifest", name)
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if name == meshConfig {
			return f.mesh(name, data)
		}
		f.file(name, data)
		return nil
	})
	return f, err
}

func (f *Folder) unreadable(format string, args ...any) {
	f.Notices = append(f.Notices, fmt.Sprintf(format, args...))
	f.Unreadable++
}

func (f *Folder) mesh(name string, data []byte) error {
	if err := sigsyaml.Unmarshal(data, &f.Mesh); err != nil {
		f.unreadable("%s cannot be read: %s", name, err)
	}
	return nil
}

func (f *Folder) file(name string, data []byte) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for n := 1; ; n++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var tree any
		if err == nil {
			err = sigsyaml.Unmarshal(document, &tree)
		}
		if err != nil {
			f.unreadable("document %d of %s cannot be read: %s", n, name, err)
			return
		}
		f.add(name, tree)
	}
}

// add takes an object, or the objects of a list.
func (f *Folder) add(file string, tree any) {
	object, _ := tree.(map[string]any)
	if items, ok := object["items"].([]any); ok && strings.HasSuffix(diff.TreeID(object).Kind, "List") {
		for _, item := range items {
			f.add(file, item)
		}
		return
	}
	id := diff.TreeID(object)
	if id.Kind == "" || id.APIVersion == "" || id.Name == "" {
		return // a kustomization, values of a chart, and the like
	}
	if first, twice := f.seen[id.Key()]; twice {
		f.Notices = append(f.Notices, fmt.Sprintf("%s stands in %s and in %s; the first is compared", id, first, file))
		return
	}
	f.seen[id.Key()] = file
	f.Objects = append(f.Objects, object)
}

// Pairs brings wanted objects together with those that are there, and with those of ours that are no longer wanted.
func Pairs(wanted []*manifest.Object, there []map[string]any) []diff.Pair {
	byKey := make(map[string]map[string]any, len(there))
	for _, tree := range there {
		byKey[diff.TreeID(tree).Key()] = tree
	}
	var out []diff.Pair
	for _, o := range wanted {
		p := pairOf(o)
		p.Live, p.Wanted = byKey[p.ID.Key()], manifest.Unstructured(o).Object
		p.Notices = takeover(p.Live)
		delete(byKey, p.ID.Key())
		out = append(out, p)
	}
	for _, tree := range there {
		id := diff.TreeID(tree)
		if byKey[id.Key()] != nil && ours(tree) {
			out = append(out, diff.Pair{ID: id, Live: tree})
		}
	}
	return out
}

func pairOf(o *manifest.Object) diff.Pair {
	return diff.Pair{ID: diff.IDOf(o), Owner: o.Owner, Origins: o.Origins}
}

// The label by which objects of ours are known.
const (
	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "ingress2gw"
)

func ours(tree map[string]any) bool {
	md, _ := tree["metadata"].(map[string]any)
	labels, _ := md["labels"].(map[string]any)
	return labels[labelManagedBy] == managedBy
}

// takeover warns where an object of that name exists and is not ours.
func takeover(live map[string]any) []string {
	if live == nil || ours(live) {
		return nil
	}
	return []string{"exists and is not ours (no label " + labelManagedBy + "=" + managedBy + "): applying takes it over"}
}

// MeshPair compares what the mesh must hold with a file of it.
func MeshPair(file string, there map[string]any, wanted manifest.Map) diff.Pair {
	p := diff.Pair{ID: diff.ID{Kind: "MeshConfig", Name: path.Base(file)}, Live: there}
	if len(wanted) > 0 {
		p.Wanted = manifest.GoTree(wanted)
	}
	return p
}
