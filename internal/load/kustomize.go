package load

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// kustomization builds a kustomization and reads the result. Its lines are those of no file, so they are left out.
func (r *reader) kustomization(folder string) error {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return fmt.Errorf("building the kustomization %s: %w", folder, err)
	}
	data, err := objects.AsYaml()
	if err != nil {
		return fmt.Errorf("building the kustomization %s: %w", folder, err)
	}
	r.unplaced = true
	r.stream(folder, string(data))
	return nil
}
