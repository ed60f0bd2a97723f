package annotations

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Edge is one controller instance while its Ingresses are being read.
type Edge struct {
	Prefix    string // of the controller's annotations, with the final slash; given to NewEdge
	Model     *model.Edge
	Settings  *Settings
	Lookup    Lookup
	Options   Options
	Findings  *finding.List
	Ingresses []*Ingress // accepted ones, in the controller's order, canaries included
	Hosts     []*Host
	Features  []Feature

	keys     map[string]*declared
	settings map[string]*Setting

	upstreams  []*Upstream
	upstreamOf map[upstreamKey]*Upstream
}

// Host is one host while its routes are being filled.
type Host struct {
	Edge      *Edge
	Name      string
	Ingresses []*Ingress // that name the host, in the controller's order, canaries left out
	Routes    []*Route   // in match order, the hidden default location included
	Model     *model.Host
	// Certificate tells that the controller has a certificate entry for the host, be it the default certificate.
	Certificate bool
}

// Route is one location of a host: a path of an Ingress with all its annotations.
type Route struct {
	*Ingress
	Host     *Host
	Path     string // as written in the Ingress; what the controller matches by is in Model.Match
	PathType string // Exact or Prefix
	Service  string // of the backend; "" for none
	Port     string // number or name as written
	Default  bool   // the hidden location "/" of the host's oldest Ingress
	// SlashRedirect is set for the redirect from a path without its final slash: nothing else applies to it.
	SlashRedirect bool
	Model         *model.Rule
}

// NewEdge prepares reading for a controller with these features, whose annotations have a prefix (with the final slash).
func NewEdge(features []Feature, prefix string) *Edge {
	e := &Edge{Prefix: prefix, Features: features, keys: map[string]*declared{}, settings: map[string]*Setting{}}
	for i := range features {
		for j := range features[i].Keys {
			k := &features[i].Keys[j]
			full := prefix + k.Name
			e.keys[k.Name] = &declared{Key: k, number: len(e.keys), full: full, note: []string{full, k.Note}, checked: Memo[string, error]{}, parsed: Memo[string, any]{}}
		}
		for j := range features[i].Settings {
			s := &features[i].Settings[j]
			e.settings[s.Name] = s
		}
	}
	for _, k := range e.keys {
		k.needs, k.older = e.keys[k.Needs], e.keys[k.Alias]
		if k.older != nil {
			k.older.newer = k
		}
	}
	return e
}

// Key gives the declaration of a key, or nil. Reading an undeclared key is our bug and panics in tests.
func (e *Edge) Key(name string) *Key {
	if k := e.keys[name]; k != nil {
		return k.Key
	}
	return nil
}

// FullName is the name of an annotation with the controller's prefix.
func (e *Edge) FullName(key string) string {
	if k := e.keys[key]; k != nil {
		return k.full
	}
	return e.Prefix + key
}

func (e *Edge) mustKey(name string) *declared {
	k := e.keys[name]
	if k == nil {
		panic("annotations: undeclared key " + name)
	}
	return k
}

// declared is a key during one run.
type declared struct {
	*Key
	number int       // in the order of declaration
	full   string    // its name with the controller's prefix
	note   []string  // arguments of the finding that says what usually becomes of it
	needs  *declared // the key that it needs, if any
	older  *declared // its other spelling, if any
	newer  *declared // the key whose other spelling it is, if any

	checked Memo[string, error] // what is wrong with values
	parsed  Memo[string, any]   // what Parse made of values
}

// check tells what is wrong with a value.
func (k *declared) check(value string) error {
	if k.Check == nil {
		return nil
	}
	return k.checked.Of(value, k.Check)
}
