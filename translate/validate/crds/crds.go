// Package crds holds the published schemas of the custom resources that this program emits.
//
// The files are generated (go generate) from the modules named in them, without descriptions; see NOTICE.
package crds

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:generate go run ./gen

//go:embed istio.json.gz
var istio []byte

//go:embed gatewayapi.json.gz
var gatewayAPI []byte

// File is what one module publishes.
type File struct {
	Source string `json:"source"` // module and version
	Kinds  []Kind `json:"kinds"`
}

// Kind is one custom resource.
type Kind struct {
	Group      string    `json:"group"`
	Kind       string    `json:"kind"`
	Namespaced bool      `json:"namespaced"`
	Versions   []Version `json:"versions"`
}

// Version is a served version with its schema, an openAPIV3Schema of apiextensions.k8s.io/v1.
type Version struct {
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
}

// Read gives all files. The caller owns them.
func Read() ([]File, error) {
	var files []File
	for _, packed := range [][]byte{istio, gatewayAPI} {
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, fmt.Errorf("reading the embedded schemas: %w", err)
		}
		var f File
		if err := json.NewDecoder(r).Decode(&f); err != nil {
			return nil, fmt.Errorf("reading the embedded schemas: %w", err)
		}
		files = append(files, f)
	}
	return files, nil
}
