// Package chart renders the Helm chart as Helm does, for values that are kept with what comes out.
package chart

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"
)

const (
	root    = "../.."
	folder  = root + "/deploy/chart/ingress2gw"
	release = "ingress2gw"
	// namespace is where the chart is installed.
	namespace = "ingress2gw-system"
)

// Render gives the objects of the chart in the order of its templates, and the notes. Values that the schema refuses are an error.
func Render(values map[string]any) (objects, notes string, err error) {
	c, err := loader.Load(folder)
	if err != nil {
		return "", "", err
	}
	options := common.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(c, values, options, common.DefaultCapabilities)
	if err != nil {
		return "", "", err
	}
	files, err := engine.Engine{Strict: true}.Render(c, all)
	if err != nil {
		return "", "", err
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var documents []string
	for _, name := range names {
		text := files[name]
		switch {
		case strings.HasSuffix(name, "/NOTES.txt"):
			notes = text
		case strings.HasSuffix(name, ".yaml"):
			documents = append(documents, split(text)...)
		}
	}
	return strings.Join(documents, "---\n"), notes, nil
}

// split gives the documents of a file that hold something.
func split(text string) (documents []string) {
	for d := range strings.SplitSeq("\n"+text, "\n---\n") {
		var o map[string]any
		d = strings.TrimSpace(d)
		if yaml.Unmarshal([]byte(d), &o) != nil || len(o) > 0 {
			documents = append(documents, d+"\n")
		}
	}
	return documents
}

// readValues reads a file of values.
func readValues(path string) (map[string]any, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	values, err := loader.LoadValues(strings.NewReader(string(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}
