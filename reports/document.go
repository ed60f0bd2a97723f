package reports

import (
	"time"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// The schema of JSON and YAML reports. Fields may be added within a version; none changes its meaning or goes away.
const (
	apiVersion = "ingress2gw.io/v1alpha1"
	kind       = "Report"
)

type documentHead struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Version    string           `json:"version,omitempty"`
	Counts     Counts           `json:"counts"`
	Classes    map[string]int   `json:"classes"`
	Objects    []jsonKinds      `json:"objects"`
	Blocking   int              `json:"blocking"`
	Suppressed int              `json:"suppressed,omitempty"`
	Known      int              `json:"known,omitempty"`
	Severities jsonSeverities   `json:"severities"`
	Readiness  *Readiness       `json:"readiness,omitempty"`
	Effort     *jsonEffortModel `json:"effort,omitempty"`
}

type jsonSeverities struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

type jsonKinds struct {
	Kind     string `json:"kind"`
	Platform int    `json:"platform"`
	Teams    int    `json:"teams"`
}

type jsonEffortModel struct {
	Formula       string       `json:"formula"`
	IngressMinute int          `json:"minutesPerIngress"`
	Weights       []jsonWeight `json:"weights"`
}

type jsonWeight struct {
	Of    string `json:"of"`
	First int    `json:"firstMinutes"`
	Again int    `json:"furtherMinutes"`
}

type jsonObject struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

type jsonFinding struct {
	Code     finding.Code     `json:"code"`
	Name     string           `json:"name"`
	Class    finding.Class    `json:"class,omitempty"`
	Severity finding.Severity `json:"severity"`
	Blocking bool             `json:"blocking"`
	Waived   bool             `json:"waived"`
	Known    bool             `json:"known,omitempty"`
	Object   *jsonObject      `json:"object,omitempty"`
	File     string           `json:"file,omitempty"`
	Line     int              `json:"line,omitempty"`
	Field    string           `json:"field,omitempty"`
	Message  string           `json:"message"`
	Advice   string           `json:"advice,omitempty"`
}

type jsonGroup struct {
	Name       string      `json:"name"`
	Namespaces []string    `json:"namespaces,omitempty"`
	Ingresses  int         `json:"ingresses"`
	Readiness  Readiness   `json:"readiness"`
	Classes    ClassCounts `json:"classes"`
	Blocking   int         `json:"blocking"`
	Minutes    int         `json:"effortMinutes,omitempty"`
}

type jsonHeat struct {
	Key       string      `json:"key"`
	Ingresses int         `json:"ingresses"`
	Classes   ClassCounts `json:"classes"`
}

type jsonHost struct {
	Name        string       `json:"name"`
	Aliases     []string     `json:"aliases,omitempty"`
	Namespaces  []string     `json:"namespaces"`
	Owner       string       `json:"owner,omitempty"`
	Ingresses   []jsonObject `json:"ingresses"`
	Secret      string       `json:"secret,omitempty"`
	Unfit       string       `json:"unfitSecret,omitempty"`
	Default     bool         `json:"defaultCertificate,omitempty"`
	Passthrough bool         `json:"passthrough,omitempty"`
	ClientCerts bool         `json:"clientCertificates,omitempty"`
	Servers     []Server     `json:"servers,omitempty"`
}

type jsonCertificate struct {
	Secret    string   `json:"secret"`
	Known     bool     `json:"contentKnown"`
	Names     []string `json:"names,omitempty"`
	Issuer    string   `json:"issuer,omitempty"`
	NotBefore string   `json:"notBefore,omitempty"`
	NotAfter  string   `json:"notAfter,omitempty"`
	Problem   string   `json:"problem,omitempty"`
	Hosts     []string `json:"hosts"`
	Servers   []Server `json:"servers,omitempty"`
}

type jsonWork struct {
	Owner    string     `json:"owner"`
	Platform bool       `json:"platform"`
	Minutes  int        `json:"effortMinutes"`
	Tasks    []jsonTask `json:"tasks"`
}

type jsonTask struct {
	Code     finding.Code     `json:"code"`
	Name     string           `json:"name"`
	Field    string           `json:"field,omitempty"`
	Severity finding.Severity `json:"severity"`
	Blocking bool             `json:"blocking"`
	Count    int              `json:"count"`
	Message  string           `json:"message"`
	Varied   bool             `json:"varied,omitempty"`
	Advice   string           `json:"advice,omitempty"`
	Objects  []jsonObject     `json:"objects,omitempty"`
	More     int              `json:"furtherObjects,omitempty"`
	Minutes  int              `json:"effortMinutes"`
}

type jsonWaiver struct {
	Object jsonObject   `json:"object"`
	Code   finding.Code `json:"code"`
	Kind   string       `json:"kind"`
	Reason string       `json:"reason"`
}

type jsonIngress struct {
	Namespace  string          `json:"namespace,omitempty"`
	Name       string          `json:"name"`
	File       string          `json:"file,omitempty"`
	Line       int             `json:"line,omitempty"`
	Team       string          `json:"team"`
	Class      string          `json:"ingressClass,omitempty"`
	Hosts      []string        `json:"hosts,omitempty"`
	State      State           `json:"state"`
	Worst      finding.Class   `json:"worstClass,omitempty"`
	Classes    ClassCounts     `json:"classes"`
	Suppressed int             `json:"suppressed,omitempty"`
	Objects    []jsonGenerated `json:"objects,omitempty"`
}

type jsonGenerated struct {
	jsonObject
	Owner string `json:"owner"`
}

// jsonHidden is a finding that is suppressed: just enough for a report to be a baseline.
type jsonHidden struct {
	Code   finding.Code `json:"code"`
	Object *jsonObject  `json:"object,omitempty"`
	Field  string       `json:"field,omitempty"`
}

// section is a list of the document.
type section struct {
	name string
	each func(visit func(any) bool)
}

func list[T any](name string, items []T, entry func(T) any) section {
	return section{name, func(visit func(any) bool) {
		for _, item := range items {
			if !visit(entry(item)) {
				return
			}
		}
	}}
}

// sections are the lists of the document, in their order. Without details there are findings only.
func sections(r *Report) []section {
	found := list("findings", r.Findings, func(f finding.Finding) any { return findingEntry(&f) })
	hidden := list("suppressedFindings", r.hidden, func(f finding.Finding) any {
		e := findingEntry(&f)
		return jsonHidden{e.Code, e.Object, e.Field}
	})
	d := r.Details
	if d == nil {
		return []section{found, hidden}
	}
	return []section{
		list("teams", d.Teams, groupEntry), list("namespaces", d.Namespaces, groupEntry), list("work", d.Work, workEntry),
		list("annotations", d.Heat, func(h *HeatRow) any { return jsonHeat{h.Key, h.Ingresses, h.Classes} }),
		list("hosts", d.Hosts, hostEntry), list("certificates", d.Certificates, certificateEntry), list("accepted", d.Waivers, waiverEntry),
		list("sharedObjects", d.Shared, func(m *manifest.Object) any { return generated(m) }),
		list("ingresses", d.Ingresses, ingressEntry), found, hidden,
	}
}

func head(r *Report) documentHead {
	h := documentHead{APIVersion: apiVersion, Kind: kind, Version: r.Version, Counts: r.Counts, Blocking: r.blocking(), Suppressed: r.Suppressed, Known: r.Known, Classes: map[string]int{}, Objects: []jsonKinds{}}
	for _, c := range r.Classes {
		h.Classes[string(c.Class)] = c.Count
	}
	for _, o := range r.Objects {
		h.Objects = append(h.Objects, jsonKinds(o))
	}
	for i := range r.Findings {
		switch r.Findings[i].Severity() {
		case finding.Error:
			h.Severities.Error++
		case finding.Warning:
			h.Severities.Warning++
		case finding.Info:
			h.Severities.Info++
		}
	}
	if d := r.Details; d != nil {
		h.Readiness = &d.Readiness
		h.Effort = &jsonEffortModel{Formula: d.Effort.Text, IngressMinute: d.Effort.Move}
		for _, w := range d.Effort.Weights {
			h.Effort.Weights = append(h.Effort.Weights, jsonWeight(w))
		}
	}
	return h
}

func object(o *finding.Object) jsonObject { return jsonObject{o.Kind, o.Namespace, o.Name} }

func objects(os []*finding.Object) []jsonObject {
	out := make([]jsonObject, len(os))
	for i, o := range os {
		out[i] = object(o)
	}
	return out
}

func generated(m *manifest.Object) jsonGenerated {
	return jsonGenerated{jsonObject{m.Kind, m.Namespace, m.Name}, m.Owner}
}

func findingEntry(f *finding.Finding) jsonFinding {
	entry := f.Code.Entry()
	j := jsonFinding{
		Code: f.Code, Name: entry.Name, Class: f.Class, Severity: f.Severity(), Blocking: f.Blocking(), Waived: f.Waived, Known: f.Known,
		Field: f.Origin.Field, Line: f.Origin.Line, Message: f.Message(), Advice: entry.Advice,
	}
	if o := f.Origin.Object; o != nil {
		id := object(o)
		j.Object, j.File = &id, o.File
		if j.Line == 0 {
			j.Line = o.Line
		}
	}
	return j
}

func groupEntry(g *Group) any {
	return jsonGroup{g.Name, g.Namespaces, g.Ingresses, g.Readiness, g.Classes, g.Blocking, g.Minutes}
}

func workEntry(w *Work) any {
	j := jsonWork{Owner: w.Owner, Platform: w.Owner == "", Minutes: w.Minutes, Tasks: make([]jsonTask, len(w.Tasks))}
	for i, t := range w.Tasks {
		j.Tasks[i] = jsonTask{t.Code, t.Code.Entry().Name, t.Field, t.Severity, t.Blocking, t.Count, t.Message, t.Varied, t.Advice, objects(t.Objects), t.More, t.Minutes}
	}
	return j
}

func hostEntry(h *Host) any {
	return jsonHost{h.Name, h.Aliases, h.Namespaces, h.Owner, objects(h.Ingresses), h.Secret, h.Unfit, h.Default, h.Passthrough, h.ClientCerts, h.Servers}
}

func certificateEntry(c *Certificate) any {
	j := jsonCertificate{Secret: c.Secret, Known: c.Known, Names: c.Names, Issuer: c.Issuer, Problem: c.Problem, Hosts: c.Hosts, Servers: c.Servers}
	if !c.NotAfter.IsZero() {
		j.NotBefore, j.NotAfter = c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339)
	}
	return j
}

func waiverEntry(w Waiver) any {
	k := "waive"
	if w.Suppress {
		k = "suppress"
	}
	return jsonWaiver{object(w.Object), w.Code, k, w.Reason}
}

func ingressEntry(in *Ingress) any {
	o := in.Object
	j := jsonIngress{o.Namespace, o.Name, o.File, o.Line, in.Team, in.Class, in.Hosts, in.State, in.Worst, in.Classes, in.Suppressed, make([]jsonGenerated, len(in.Objects))}
	for i, m := range in.Objects {
		j.Objects[i] = generated(m)
	}
	return j
}
