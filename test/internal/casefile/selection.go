package casefile

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

// Selection names a few cases for each feature of the product, where running all would take too long.
type Selection struct {
	Features []Choice `json:"features"`
}

// Choice are the cases of one feature, or the reason why there is none.
type Choice struct {
	Feature string   `json:"feature"`
	Cases   []string `json:"cases"`
	None    string   `json:"none"`
}

// LoadSelection reads a file.
func LoadSelection(path string) (*Selection, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &Selection{}
	if err := yaml.UnmarshalStrict(text, s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Of picks the named cases, each once.
func (s *Selection) Of(all []*Case) ([]*Case, error) {
	byName := map[string]*Case{}
	for _, c := range all {
		byName[c.Name] = c
	}
	var out []*Case
	taken := map[string]bool{}
	for _, f := range s.Features {
		for _, name := range f.Cases {
			c := byName[name]
			if c == nil {
				return nil, fmt.Errorf("feature %s: no case %s", f.Feature, name)
			}
			if !taken[name] {
				taken[name] = true
				out = append(out, c)
			}
		}
	}
	return out, nil
}
