// Package krm is the frame of a KRM function: the ResourceList that kustomize, kpt and others send and take back.
package krm

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/split"
)

// List is a ResourceList.
type List struct {
	rw       *kio.ByteReadWriter
	items    []*yaml.RNode
	places   map[string]framework.File // where items come from, by "Kind namespace/name"
	versions map[string]string         // API versions, likewise
	placed   bool                      // items say where they come from
}

// Read reads a list. It fails for anything else.
func Read(in io.Reader) (*List, error) {
	l := &List{rw: &kio.ByteReadWriter{Reader: in, KeepReaderAnnotations: true, OmitReaderAnnotations: true}, places: map[string]framework.File{}, versions: map[string]string{}}
	var err error
	if l.items, err = l.rw.Read(); err != nil {
		return nil, fmt.Errorf("reading the ResourceList: %w", err)
	}
	if l.rw.WrappingKind != kio.ResourceListKind {
		return nil, fmt.Errorf("standard input holds no %s, which kustomize and kpt send", kio.ResourceListKind)
	}
	for _, item := range l.items {
		l.versions[ref(item)] = item.GetApiVersion()
		annotations := item.GetAnnotations()
		file := framework.File{Path: first(annotations, kioutil.PathAnnotation, formerPath)}
		file.Index, _ = strconv.Atoi(first(annotations, kioutil.IndexAnnotation, formerIndex))
		if file.Path != "" {
			l.placed = true
			l.places[ref(item)] = file
		}
	}
	return l, nil
}

func first(m map[string]string, keys ...string) string {
	for _, k := range keys {
		if m[k] != "" {
			return m[k]
		}
	}
	return ""
}

// The names that the annotations had before; some callers know these only.
const (
	formerPath  = "config.kubernetes.io/path"
	formerIndex = "config.kubernetes.io/index"
)

// ref is "Kind namespace/name", as findings name objects.
func ref(item *yaml.RNode) string {
	if item.GetNamespace() == "" {
		return item.GetKind() + " " + item.GetName()
	}
	return item.GetKind() + " " + item.GetNamespace() + "/" + item.GetName()
}

// key is the same for all versions of an object.
func key(apiVersion, kind, namespace, name string) string {
	group, _, _ := strings.Cut(apiVersion, "/")
	if !strings.Contains(apiVersion, "/") {
		group = ""
	}
	return group + "\x00" + kind + "\x00" + namespace + "\x00" + name
}

func itemKey(item *yaml.RNode) string {
	return key(item.GetApiVersion(), item.GetKind(), item.GetNamespace(), item.GetName())
}

// Config is the functionConfig as a tree; nil if there is none.
func (l *List) Config() (map[string]any, error) {
	if l.rw.FunctionConfig == nil {
		return nil, nil
	}
	config, err := l.rw.FunctionConfig.Map()
	if err != nil {
		return nil, fmt.Errorf("reading the functionConfig: %w", err)
	}
	return config, nil
}

// Input is what there is to translate, as a stream of YAML: all items but those that an earlier run made. "" if there are none.
func (l *List) Input() (string, error) {
	var b strings.Builder
	for _, item := range l.items {
		if ours(item) {
			continue
		}
		text, err := item.String()
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", ref(item), err)
		}
		b.WriteString("---\n" + text)
	}
	return b.String(), nil
}

// The label by which objects of ours are known.
const (
	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "ingress2gw"
)

func ours(item *yaml.RNode) bool { return item.GetLabels()[labelManagedBy] == managedBy }

// Replace puts the objects of a translation into the list: in the place of what an earlier run made, behind the rest where there
// is no such thing, and what is no longer wanted goes. Items that are not ours are never touched; it names those that
// objects would have to replace.
func (l *List) Replace(objects []*manifest.Object) (taken []*manifest.Object, err error) {
	wanted := map[string]*manifest.Object{}
	for _, o := range objects {
		wanted[key(o.APIVersion, o.Kind, o.Namespace, o.Name)] = o
	}
	var kept []*yaml.RNode
	for _, item := range l.items {
		k := itemKey(item)
		o := wanted[k]
		delete(wanted, k)
		switch {
		case !ours(item):
			kept = append(kept, item)
			if o != nil {
				taken = append(taken, o)
			}
		case o != nil:
			fresh, err := node(o)
			if err != nil {
				return nil, err
			}
			if err := keepPlace(fresh, item); err != nil {
				return nil, err
			}
			kept = append(kept, fresh)
		}
	}
	for _, o := range objects {
		if wanted[key(o.APIVersion, o.Kind, o.Namespace, o.Name)] != o {
			continue
		}
		fresh, err := node(o)
		if err == nil && l.placed {
			err = place(fresh, path.Join(split.Folder(o), split.FileName(o)))
		}
		if err != nil {
			return nil, err
		}
		kept = append(kept, fresh)
	}
	l.items = kept
	return taken, nil
}

func node(o *manifest.Object) (*yaml.RNode, error) {
	tree, err := o.Build()
	if err != nil {
		return nil, err
	}
	text, err := manifest.YAML(tree)
	if err != nil {
		return nil, err
	}
	return yaml.Parse(string(text))
}

// keepPlace takes over what the caller keeps in annotations of an item, so that it is written where it was.
func keepPlace(fresh, old *yaml.RNode) error {
	annotations := fresh.GetAnnotations()
	for k, v := range old.GetAnnotations() {
		prefix, _, _ := strings.Cut(k, "/")
		if strings.HasSuffix(prefix, "config.kubernetes.io") || strings.HasSuffix(prefix, "kustomize.config.k8s.io") {
			annotations[k] = v
		}
	}
	return fresh.SetAnnotations(annotations)
}

func place(item *yaml.RNode, file string) error {
	annotations := item.GetAnnotations()
	for _, k := range [...]string{kioutil.PathAnnotation, formerPath} {
		annotations[k] = file
	}
	for _, k := range [...]string{kioutil.IndexAnnotation, formerIndex} {
		annotations[k] = "0"
	}
	return item.SetAnnotations(annotations)
}

// Remove takes items out of the list.
func (l *List) Remove(unwanted func(apiVersion, kind, namespace, name string) bool) {
	var kept []*yaml.RNode
	for _, item := range l.items {
		if ours(item) || !unwanted(item.GetApiVersion(), item.GetKind(), item.GetNamespace(), item.GetName()) {
			kept = append(kept, item)
		}
	}
	l.items = kept
}

// Write writes the list with results.
func (l *List) Write(out io.Writer, results framework.Results) error {
	l.rw.Writer, l.rw.Results = out, nil // those of functions before are not ours to repeat
	if len(results) > 0 {
		text, err := yaml.Marshal(results)
		if err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
		if l.rw.Results, err = yaml.Parse(string(text)); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	if err := l.rw.Write(l.items); err != nil {
		return fmt.Errorf("writing the ResourceList: %w", err)
	}
	return nil
}
