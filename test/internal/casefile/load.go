package casefile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Load reads one case. Unknown fields and wrong types are errors; the finer rules are Lint's.
func Load(path string) (*Case, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c.Path = path
	return c, nil
}

// Parse reads a case from the text of its file.
func Parse(data []byte) (*Case, error) {
	c := &Case{}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil {
		return nil, err
	}
	return c, layAlternatives(data, c)
}

// LoadAll reads cases from files and from folders (all their *.yaml), sorted by name.
func LoadAll(paths []string) ([]*Case, error) {
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, p)
			continue
		}
		entries, err := fs.Glob(os.DirFS(p), "*.yaml")
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			files = append(files, filepath.Join(p, e))
		}
	}
	var cases []*Case
	var errs []error
	for _, f := range files {
		c, err := Load(f)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		cases = append(cases, c)
	}
	slices.SortFunc(cases, func(a, b *Case) int { return strings.Compare(a.Name, b.Name) })
	return cases, errors.Join(errs...)
}

// layAlternatives fills Accepted. An alternative's keys replace the keys of expect whole, and error drops all others:
// this needs to know which keys are written, so it works on the nodes.
func layAlternatives(data []byte, c *Case) error {
	var raw struct {
		Requests []struct {
			Expect     yaml.Node   `yaml:"expect"`
			Translated []yaml.Node `yaml:"translated"`
		} `yaml:"requests"`
	}
	if err := yaml.Unmarshal(data, &raw); err != nil {
		return err
	}
	for i, r := range raw.Requests {
		for _, alternative := range r.Translated {
			merged := overlay(r.Expect, alternative)
			var x Expect
			if err := merged.Decode(&x); err != nil {
				return err
			}
			c.Requests[i].Accepted = append(c.Requests[i].Accepted, x)
		}
	}
	return nil
}

// overlay returns a mapping with the keys of base, replaced by those of top.
func overlay(base, top yaml.Node) yaml.Node {
	out := yaml.Node{Kind: yaml.MappingNode}
	written := map[string]bool{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		written[top.Content[i].Value] = true
	}
	for i := 0; i+1 < len(base.Content) && !written["error"]; i += 2 {
		if key := base.Content[i].Value; !written[key] && key != "error" {
			out.Content = append(out.Content, base.Content[i], base.Content[i+1])
		}
	}
	out.Content = append(out.Content, top.Content...)
	return out
}
