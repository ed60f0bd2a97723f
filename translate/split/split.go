// Package split lays a translation out as files for GitOps: a folder for the platform team and one for each application team,
// an object a file, a kustomization in each folder.
package split

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Header is the first line of every file: by it a later run knows the files that it may replace and remove.
const Header = "# Written by ingress2gw. Changes are lost when it runs again.\n"

// Names of folders and files in the layout.
const (
	PlatformFolder    = "platform"
	TeamsFolder       = "teams"
	KustomizationFile = "kustomization.yaml"
	MeshConfigFile    = "meshconfig.yaml"
)

// The modes of files.
const (
	PublicMode fs.FileMode = 0o644
	SecretMode fs.FileMode = 0o600 // key material
)

// File is one file to be written. Path is relative and has slashes.
type File struct {
	Path string
	Mode fs.FileMode
	Data []byte
}

// Layout says what stands in which file: Secrets and what the platform owns in platform, the rest in teams/<namespace>, and
// the mesh configuration, which is no object, beside the platform's kustomization. Objects keep their order in the
// kustomizations. Files are sorted by path. It fails only if two objects are the same or one cannot be written, which are
// bugs of ours.
func Layout(objects []*manifest.Object, mesh manifest.Map) ([]File, error) {
	var files []File
	resources := map[string][]any{}
	seen := map[string]string{}
	for _, o := range objects {
		folder, name := Folder(o), FileName(o)
		full := path.Join(folder, name)
		if other, twice := seen[full]; twice {
			return nil, fmt.Errorf("%s and %s would both be written to %s", other, o.ID(), full)
		}
		seen[full] = o.ID()
		var b bytes.Buffer
		b.WriteString(Header)
		if err := manifest.WriteYAML(&b, o); err != nil {
			return nil, err
		}
		mode := PublicMode
		if o.Secret {
			mode = SecretMode
		}
		files = append(files, File{full, mode, b.Bytes()})
		resources[folder] = append(resources[folder], name)
	}
	for folder, names := range resources {
		f, err := document(path.Join(folder, KustomizationFile), manifest.Map{
			{Key: "apiVersion", Value: "kustomize.config.k8s.io/v1beta1"}, {Key: "kind", Value: "Kustomization"},
			{Key: "sortOptions", Value: manifest.Map{{Key: "order", Value: "fifo"}}}, // applied as listed: base objects before what hangs on them
			{Key: "resources", Value: names},
		})
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(mesh) > 0 {
		f, err := document(path.Join(PlatformFolder, MeshConfigFile), mesh)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

func document(name string, tree manifest.Map) (File, error) {
	data, err := manifest.YAML(tree)
	return File{name, PublicMode, append([]byte(Header), data...)}, err
}

// Folder is the folder of an object.
func Folder(o *manifest.Object) string {
	if o.Secret || o.Owner == "" {
		return PlatformFolder
	}
	return path.Join(TeamsFolder, safe(o.Owner))
}
