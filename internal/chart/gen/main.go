// Command gen writes the generated files of the Helm chart. It runs in the folder of package chart.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ingress2gw/ingress2gw/internal/chart"
)

func main() {
	if err := run("../.."); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	files, err := chart.Files(os.DirFS(root))
	if err != nil {
		return err
	}
	readme, err := chart.Readme(os.DirFS(root))
	if err != nil {
		return err
	}
	files["README.md"] = readme
	for name, text := range files {
		path := filepath.Join(root, chart.Folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
