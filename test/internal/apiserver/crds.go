package apiserver

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// Decode reads YAML documents.
func Decode(stream string) ([]*unstructured.Unstructured, error) {
	docs, err := casefile.Documents(stream)
	if err != nil {
		return nil, err
	}
	var out []*unstructured.Unstructured
	for _, d := range docs {
		out = append(out, &unstructured.Unstructured{Object: d})
	}
	return out, nil
}

// establishPatience bounds the wait for one custom resource to be served.
const establishPatience = 30 * time.Second

// InstallCRDs applies the custom resource definitions of files and folders and waits until they are served.
func (c *Client) InstallCRDs(paths []string) error {
	var definitions []*unstructured.Unstructured
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return err
		} else if info.IsDir() {
			if files, err = filepath.Glob(filepath.Join(path, "*.yaml")); err != nil {
				return err
			}
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			docs, err := Decode(string(text))
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			for _, d := range docs {
				if d.GetKind() == "CustomResourceDefinition" {
					definitions = append(definitions, d)
				}
			}
		}
	}
	for _, d := range definitions {
		delete(d.Object, "status")
		unstructured.RemoveNestedField(d.Object, "metadata", "creationTimestamp")
		if err := c.Keep(d); err != nil {
			return fmt.Errorf("%s: %w", d.GetName(), err)
		}
	}
	for _, d := range definitions {
		if err := c.established(d); err != nil {
			return err
		}
	}
	c.mapper.Reset()
	return nil
}

func (c *Client) established(d *unstructured.Unstructured) error {
	for start := time.Now(); time.Since(start) < establishPatience; time.Sleep(10 * time.Millisecond) {
		got, err := c.Get(d)
		if err != nil {
			return err
		}
		for _, condition := range casefile.Object(got.Object).Items("status", "conditions") {
			if condition.Text("type") == "Established" && condition.Text("status") == "True" {
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not established after %s", d.GetName(), establishPatience)
}
