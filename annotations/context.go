package annotations

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Edge is one controller instance while its Ingresses are being read.
type Edge struct {
	Prefix    string // of the controller's annotations, with the final slash
	Model     *model.Edge
	Settings  *Settings
	Lookup    Lookup
	Options   Options
	Findings  *finding.List
	Ingresses []*Ingress // accepted ones, in the controller's order, canaries included
	Hosts     []*Host
	Features  []Feature

	keys    map[string]*Key
	aliasOf map[string]string // canonical keys by their other spelling
	full    map[string]string // full annotation names of declared keys

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

// Ingress reads the annotations of one Ingress.
type Ingress struct {
	Edge      *Edge
	Namespace string
	Name      string
	Object    *finding.Object
	Source    *snapshot.Ingress
	Canary    bool

	all     map[string]string // every annotation of the controller's prefix by key
	keys    []string          // of them, sorted
	refused map[string]bool   // those whose value is not accepted
	lines   map[string]int    // by full annotation name
	reports map[string][]finding.Finding
}

// Ref is "namespace/name".
func (in *Ingress) Ref() string { return in.Namespace + "/" + in.Name }

// NewEdge prepares reading for a controller with these features.
func NewEdge(features []Feature) *Edge {
	e := &Edge{Features: features, keys: map[string]*Key{}, aliasOf: map[string]string{}, full: map[string]string{}}
	for i := range features {
		for j := range features[i].Keys {
			k := &features[i].Keys[j]
			e.keys[k.Name] = k
			if k.Alias != "" {
				e.aliasOf[k.Alias] = k.Name
			}
		}
	}
	return e
}

// Key gives the declaration of a key, or nil. Reading an undeclared key is our bug and panics in tests.
func (e *Edge) Key(name string) *Key { return e.keys[name] }

// FullName is the name of an annotation with the controller's prefix.
func (e *Edge) FullName(key string) string {
	if name, ok := e.full[key]; ok {
		return name
	}
	name := e.Prefix + key
	if e.keys[key] != nil {
		e.full[key] = name
	}
	return name
}

func (e *Edge) mustKey(name string) *Key {
	k := e.keys[name]
	if k == nil {
		panic("annotations: undeclared key " + name)
	}
	return k
}

// NewIngress checks all annotations of an Ingress. The second result is false if the controller drops the Ingress; the
// reason is among the findings then.
func (e *Edge) NewIngress(src *snapshot.Ingress) (*Ingress, bool) {
	in := &Ingress{Edge: e, Namespace: src.Namespace, Name: src.Name, Object: src.Object, Source: src, lines: src.Lines.Annotations}
	for name, v := range src.Annotations {
		if k, ok := strings.CutPrefix(name, e.Prefix); ok {
			if in.all == nil {
				in.all = make(map[string]string, len(src.Annotations))
			}
			in.all[k] = trimLines(v)
		}
	}
	ok := in.check()
	for i := range e.Features {
		if a := e.Features[i].Accept; a != nil && !a(in) {
			ok = false
		}
	}
	return in, ok
}

// trimLines trims every line, as the controller does with values of several lines.
func trimLines(s string) string {
	if !strings.Contains(s, "\n") {
		return strings.TrimSpace(s)
	}
	ls := strings.Split(s, "\n")
	for i := range ls {
		ls[i] = strings.TrimSpace(ls[i])
	}
	return strings.TrimSpace(strings.Join(ls, "\n"))
}

// check drops the values that the controller does not accept.
func (in *Ingress) check() bool {
	kept := true
	for _, name := range in.Keys() {
		k := in.Edge.keys[name]
		if k == nil || k.Since != "" || k.Check == nil || (k.Needs != "" && !on(in.all[k.Needs])) || in.newer(name) != "" {
			continue
		}
		v := in.all[name]
		err := k.Check(v)
		if err == nil {
			continue
		}
		if in.refused == nil {
			in.refused = map[string]bool{}
		}
		in.refused[name] = true
		switch k.Invalid {
		case DropIngress:
			in.report(finding.ValueDropsAll, name, in.Edge.FullName(name), Quote(v), err.Error())
			kept = false
		case CloseIngress, LoseAuth:
			// The feature that owns the key closes the routes; see Ingress.Broken.
		case Ignore:
			in.report(finding.ValueIgnored, name, in.Edge.FullName(name), Quote(v), err.Error(), "nothing")
		default:
			d := in.Text(name)
			if d == "" {
				d = "nothing"
			}
			in.report(finding.ValueIgnored, name, in.Edge.FullName(name), Quote(v), err.Error(), Quote(d))
		}
	}
	return kept
}

// on tells whether a value switches on what its key stands for: there is one, and it is no boolean that says no.
func on(value string) bool {
	if b, err := strconv.ParseBool(value); err == nil {
		return b
	}
	return value != ""
}

// newer is the newer name of an alias if the Ingress sets it, so that the alias is not read; else "".
func (in *Ingress) newer(name string) string {
	if c, ok := in.Edge.aliasOf[name]; ok && in.all[c] != "" {
		return c
	}
	return ""
}

// Keys are the names of all annotations of the controller's prefix, sorted.
func (in *Ingress) Keys() []string {
	if in.keys == nil && len(in.all) > 0 {
		in.keys = slices.Sorted(maps.Keys(in.all))
	}
	return in.keys
}

// Has tells whether the Ingress itself carries the annotation, with an accepted value that is not empty.
func (in *Ingress) Has(key string) bool {
	if len(in.all) == 0 {
		return false
	}
	in.Edge.mustKey(key)
	return in.value(key) != ""
}

// value is an annotation with an accepted value; "" if there is none.
func (in *Ingress) value(key string) string {
	if in.refused[key] {
		return ""
	}
	return in.all[key]
}

// Written gives the annotation as it stands in the Ingress, accepted or not.
func (in *Ingress) Written(key string) (string, bool) {
	if len(in.all) == 0 {
		return "", false
	}
	in.Edge.mustKey(key)
	v, ok := in.all[key]
	return v, ok
}

// Broken gives the reason why the annotation's value is not accepted; nil if it is, or is absent.
func (in *Ingress) Broken(key string) error {
	k := in.Edge.mustKey(key)
	v, ok := in.all[key]
	if !ok || !in.refused[key] || k.Check == nil {
		return nil
	}
	return k.Check(v)
}

// Text is the value that holds: the annotation, else its alias, else the controller's setting, else the default.
func (in *Ingress) Text(key string) string {
	k := in.Edge.mustKey(key)
	if v := in.value(key); v != "" {
		return v
	}
	if k.Alias != "" && in.all[key] == "" {
		if v := in.value(k.Alias); v != "" {
			return v
		}
	}
	if k.Setting != "" {
		if v, ok := in.Edge.Settings.Get(k.Setting); ok && (k.Check == nil || k.Check(v) == nil) {
			return v
		}
	}
	return k.Default
}

// Origin is where the value of Text stands: the annotation, the controller's setting, or the Ingress.
func (in *Ingress) Origin(key string) finding.Origin {
	k := in.Edge.mustKey(key)
	name := in.Edge.FullName(key)
	if _, ok := in.all[key]; ok {
		return finding.Origin{Object: in.Object, Field: name, Line: in.lines[name]}
	}
	if k.Setting != "" {
		if _, ok := in.Edge.Settings.Get(k.Setting); ok {
			return in.Edge.Settings.Origin(k.Setting)
		}
	}
	return finding.Origin{Object: in.Object, Field: name}
}

// Stated tells whether the value of Text stands in the Ingress or in the controller's settings, so that it is not just
// the controller's own default.
func (in *Ingress) Stated(key string) bool {
	k := in.Edge.mustKey(key)
	if in.value(key) != "" {
		return true
	}
	if k.Setting == "" {
		return false
	}
	_, ok := in.Edge.Settings.Get(k.Setting)
	return ok
}

// Flush writes what is to be said of every annotation of the Ingress: what features reported, else what is declared.
func (in *Ingress) Flush() {
	for _, name := range in.Keys() {
		full, o := in.Edge.FullName(name), in.Place(name)
		k := in.Edge.keys[name]
		rs := in.reports[name]
		switch {
		case len(rs) > 0:
			in.Edge.Findings.Add(worst(rs)...)
		case k == nil:
			in.Edge.Findings.Report(finding.KeyUnknown, o, full, didYouMean(name, in.Edge.keys))
		case k.Since != "":
			in.Edge.Findings.Report(finding.KeyHistorical, o, full, k.Since, k.Note)
		case in.newer(name) != "":
			in.Edge.Findings.Report(finding.KeyOverruled, o, full, in.newer(name)+" is set, which is its newer name")
		case k.Needs != "" && !on(in.value(k.Needs)):
			in.Edge.Findings.Report(finding.KeyWithoutGroup, o, full, k.Needs)
		default:
			in.Edge.Findings.Report(classCode(k.Class), o, full, k.Note)
		}
	}
	in.reports = nil
}

// FlushDropped is Flush for an Ingress that the controller drops: nothing else becomes of its annotations.
func (in *Ingress) FlushDropped() {
	for _, name := range in.Keys() {
		full, o := in.Edge.FullName(name), in.Place(name)
		switch rs := in.reports[name]; {
		case len(rs) > 0:
			in.Edge.Findings.Add(worst(rs)...)
		case in.Edge.keys[name] == nil:
			in.Edge.Findings.Report(finding.KeyUnknown, o, full, didYouMean(name, in.Edge.keys))
		default:
			in.Edge.Findings.Report(finding.KeyOverruled, o, full, "the controller drops the Ingress")
		}
	}
	in.reports = nil
}

// Place is the place of an annotation, declared or not.
func (in *Ingress) Place(key string) finding.Origin {
	name := in.Edge.FullName(key)
	return finding.Origin{Object: in.Object, Field: name, Line: in.lines[name]}
}

// worst keeps what says more than "exact" or "noop", if there is anything.
func worst(rs []finding.Finding) []finding.Finding {
	var out []finding.Finding
	for _, f := range rs {
		if f.Class != finding.Exact && f.Class != finding.Noop {
			out = append(out, f)
		}
	}
	if out != nil {
		return out
	}
	for _, f := range rs {
		if f.Class == finding.Exact {
			return []finding.Finding{f}
		}
	}
	return rs[:1]
}

func classCode(c finding.Class) finding.Code {
	switch c {
	case finding.Exact:
		return finding.KeyExact
	case finding.Noop:
		return finding.KeyNoop
	case finding.Approximate:
		return finding.KeyApproximate
	case finding.Refused:
		return finding.KeyRefused
	}
	return finding.KeyManual
}
