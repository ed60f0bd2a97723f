package casefile

import "strings"

// AnnotationPrefix is that of the controller's annotations.
const AnnotationPrefix = "nginx.ingress.kubernetes.io/"

// Backends are all Services of a case: those it lists, then those that only an Ingress names.
func (c *Case) Backends() ([]Service, error) {
	docs, err := Documents(c.Manifests)
	if err != nil {
		return nil, err
	}
	var out []Service
	seen := map[string]bool{}
	for _, s := range c.Services {
		out = append(out, s)
		seen[s.Name] = true
	}
	for _, name := range referenced(docs) {
		if !seen[name] {
			seen[name] = true
			out = append(out, Service{Name: name})
		}
	}
	return out, nil
}

// referenced lists the Services that Ingresses name, as namespace/name, in the order of the text.
func referenced(docs []Object) []string {
	var out []string
	for _, d := range docs {
		if d.Kind() != "Ingress" {
			continue
		}
		add := func(name string) {
			if name != "" {
				out = append(out, d.Namespace()+"/"+name)
			}
		}
		add(d.Text("spec", "defaultBackend", "service", "name"))
		add(d.Text("metadata", "annotations", AnnotationPrefix+"default-backend"))
		for _, r := range d.Items("spec", "rules") {
			for _, p := range r.Items("http", "paths") {
				add(p.Text("backend", "service", "name"))
			}
		}
	}
	return out
}

// Mentions tells whether the input of the case says the key at all: only then a report can be asked to name it.
func (c *Case) Mentions(key string) bool {
	if strings.Contains(c.Manifests, key) {
		return true
	}
	for k := range c.Controller.Config {
		if k == key {
			return true
		}
	}
	for _, f := range c.Controller.Flags {
		if name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "="); name == key {
			return true
		}
	}
	return false
}

// Keys are the annotation names, ConfigMap keys and flags that the case covers and mentions: what a report has to name
// when the behaviour differs. Plain Ingress semantics (spec/...) have no key.
func (c *Case) Keys() []string {
	var out []string
	for _, cover := range c.Covers {
		kind, rest, _ := strings.Cut(cover, "/")
		key := cover
		switch kind {
		case "spec":
			continue
		case "configmap", "flag":
			key = rest
		}
		if c.Mentions(key) {
			out = append(out, key)
		}
	}
	return out
}
