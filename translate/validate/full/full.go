// Package full checks emitted objects against the published schemas of their kinds, as an API server does: structure,
// unknown fields, limits and CEL rules. It carries the API server's validation code and is slow to start; validate.Fast is
// for every day.
package full

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
	"github.com/ingress2gw/ingress2gw/translate/validate/crds"
)

// Full checks objects against the published schemas. Objects of kinds without a schema here (Secrets, Roles, Certificates,
// ...) pass, except for admission policies, whose expressions are compiled.
func Full(objs []*manifest.Object) ([]validate.Problem, error) {
	v, err := New()
	if err != nil {
		return nil, err
	}
	return v.Check(objs)
}

// Validator keeps what was compiled. It is not safe for use by several goroutines.
type Validator struct {
	groups   map[string]bool // groups of which all kinds are known
	kinds    map[string]*kind
	compiled map[string]*compiled // by apiVersion and kind
}

type kind struct {
	namespaced bool
	versions   map[string]json.RawMessage
}

// New reads the embedded schemas.
func New() (*Validator, error) {
	files, err := crds.Read()
	if err != nil {
		return nil, err
	}
	v := &Validator{groups: map[string]bool{}, kinds: map[string]*kind{}, compiled: map[string]*compiled{}}
	for _, f := range files {
		for _, k := range f.Kinds {
			versions := make(map[string]json.RawMessage, len(k.Versions))
			for _, version := range k.Versions {
				versions[version.Name] = version.Schema
			}
			v.groups[k.Group] = true
			v.kinds[k.Group+" "+k.Kind] = &kind{k.Namespaced, versions}
		}
	}
	return v, nil
}

// Check checks objects one by one. An error is a bug of ours: a schema that cannot be compiled.
func (v *Validator) Check(objs []*manifest.Object) ([]validate.Problem, error) {
	var problems []validate.Problem
	for _, o := range objs {
		found, err := v.object(o)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	return problems, nil
}

func (v *Validator) object(o *manifest.Object) ([]validate.Problem, error) {
	if _, err := o.Build(); err != nil {
		return []validate.Problem{{Object: o.ID(), Reason: err.Error()}}, nil //nolint:nilerr // what is wrong with the object is a problem, not an error
	}
	group, version, _ := strings.Cut(o.APIVersion, "/")
	k := v.kinds[group+" "+o.Kind]
	switch {
	case k == nil && v.groups[group]:
		return []validate.Problem{{Object: o.ID(), Field: "kind", Reason: "no such kind in " + group}}, nil
	case k == nil:
		return policy(o)
	case k.versions[version] == nil:
		return []validate.Problem{{Object: o.ID(), Field: "apiVersion", Reason: version + " is not served"}}, nil
	}
	c, err := v.compile(o.APIVersion+" "+o.Kind, k.versions[version])
	if err != nil {
		return nil, fmt.Errorf("compiling the schema of %s %s: %w", o.APIVersion, o.Kind, err)
	}
	var problems []validate.Problem
	for _, p := range c.check(k, manifest.Unstructured(o).Object) {
		problems = append(problems, validate.Problem{Object: o.ID(), Field: p.field, Reason: p.reason})
	}
	logged, err := logFilters(o)
	return append(problems, logged...), err
}
