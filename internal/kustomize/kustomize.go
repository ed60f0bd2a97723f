// Package kustomize builds kustomizations. It stands alone because only the command line needs it, and it is large.
package kustomize

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// Build gives the objects of the kustomization in a folder, as YAML.
func Build(folder string) ([]byte, error) {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, fmt.Errorf("building the kustomization %s: %w", folder, err)
	}
	data, err := objects.AsYaml()
	if err != nil {
		return nil, fmt.Errorf("building the kustomization %s: %w", folder, err)
	}
	return data, nil
}
