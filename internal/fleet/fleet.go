// Package fleet makes up large sets of Ingresses and Services for benchmarks: the same bytes for the same options, on every
// machine.
package fleet

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
)

// Profile says how much the Ingresses carry.
type Profile string

// The profiles.
const (
	Plain Profile = "plain" // no annotations
	Light Profile = "light" // a handful of common annotations each, often none
	Heavy Profile = "heavy" // 28 annotations each, every family among them
)

// Format says how the objects are written.
type Format string

// The formats.
const (
	Documents Format = "documents" // YAML documents
	YAMLList  Format = "yaml-list" // one YAML List, as kubectl get -o yaml writes it
	JSONList  Format = "json-list" // one JSON List, as kubectl get -o json writes it
)

// Options describe a fleet. The zero value of each field stands for its default.
type Options struct {
	Ingresses  int
	Profile    Profile // default Plain
	Format     Format  // default Documents
	Namespaces int     // default 10
	// HostsPerNamespace makes Ingresses share hosts; 0 gives each its own.
	HostsPerNamespace int
	Paths             int    // of each Ingress; default 2
	TLS               bool   // a TLS block for each Ingress
	Class             string // default nginx
	WithoutServices   bool
	Seed              uint64
}

func (o Options) withDefaults() Options {
	if o.Profile == "" {
		o.Profile = Plain
	}
	if o.Format == "" {
		o.Format = Documents
	}
	if o.Namespaces == 0 {
		o.Namespaces = 10
	}
	if o.Paths == 0 {
		o.Paths = 2
	}
	if o.Class == "" {
		o.Class = "nginx"
	}
	return o
}

// Write writes a fleet.
func Write(w io.Writer, o Options) error {
	o = o.withDefaults()
	g := generator{Options: o, random: rand.New(rand.NewPCG(o.Seed, 1)), out: bufio.NewWriterSize(w, 1<<16)}
	g.begin()
	for i := range o.Ingresses {
		g.object(g.ingress(i))
		if !o.WithoutServices {
			g.object(g.service(i))
		}
	}
	g.end()
	if err := g.out.Flush(); err != nil {
		return fmt.Errorf("writing a fleet: %w", err)
	}
	return nil
}

type generator struct {
	Options
	random  *rand.Rand
	out     *bufio.Writer
	written int
}

func (g *generator) namespace(i int) string { return fmt.Sprintf("team-%03d", i%g.Namespaces) }

func (g *generator) ingress(i int) entries {
	h := i
	if g.HostsPerNamespace > 0 {
		h = i / g.Namespaces % g.HostsPerNamespace
	}
	host := fmt.Sprintf("app%05d.%s.example.com", h, g.namespace(i))
	metadata := entries{{"name", fmt.Sprintf("app-%05d", i)}, {"namespace", g.namespace(i)}}
	if a := g.annotations(); len(a) > 0 {
		metadata = append(metadata, entry{"annotations", a})
	}
	spec := entries{{"ingressClassName", g.Class}}
	if g.TLS {
		spec = append(spec, entry{"tls", []any{entries{{"hosts", []any{host}}, {"secretName", fmt.Sprintf("cert-%05d", h)}}}})
	}
	spec = append(spec, entry{"rules", []any{entries{{"host", host}, {"http", entries{{"paths", g.paths(i)}}}}}})
	return entries{{"apiVersion", "networking.k8s.io/v1"}, {"kind", "Ingress"}, {"metadata", metadata}, {"spec", spec}}
}

func (g *generator) paths(i int) []any {
	list := make([]any, g.Paths)
	backend := entries{{"service", entries{{"name", fmt.Sprintf("web-%05d", i)}, {"port", entries{{"number", 80}}}}}}
	for k := range list {
		path, pathType := "/", "Prefix"
		switch {
		case k > 0 && g.HostsPerNamespace > 0:
			path = fmt.Sprintf("/part%d/%d", k, i)
		case k > 0:
			path = fmt.Sprintf("/part%d", k)
		case g.HostsPerNamespace > 0:
			path = fmt.Sprintf("/%d", i)
		}
		if k%3 == 2 {
			pathType = "Exact"
		}
		list[k] = entries{{"path", path}, {"pathType", pathType}, {"backend", backend}}
	}
	return list
}

func (g *generator) service(i int) entries {
	return entries{
		{"apiVersion", "v1"},
		{"kind", "Service"},
		{"metadata", entries{{"name", fmt.Sprintf("web-%05d", i)}, {"namespace", g.namespace(i)}}},
		{"spec", entries{
			{"selector", entries{{"app", fmt.Sprintf("web-%05d", i)}}},
			{"ports", []any{entries{{"name", "http"}, {"port", 80}, {"targetPort", 8080}}}},
		}},
	}
}
