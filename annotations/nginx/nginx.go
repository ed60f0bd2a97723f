// Package nginx reads Ingresses as ingress-nginx does (kubernetes/ingress-nginx, controller v1.15): which locations a
// host has and in which order, and what every annotation and setting means.
package nginx

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Input is what one controller instance serves.
type Input struct {
	Ingresses []*snapshot.Ingress // selected, in any order
	Settings  *annotations.Settings
	Prefix    string // of the annotations, with the final slash; "" means the default
	Lookup    annotations.Lookup
	Options   annotations.Options
	Findings  *finding.List
}

// DefaultPrefix is that of the controller's annotations.
const DefaultPrefix = "nginx.ingress.kubernetes.io/"

// Output is the route model, and how many Ingresses the controller itself drops.
type Output struct {
	Edge    *model.Edge
	Dropped int
}

// Read builds the route model.
func Read(in Input) Output {
	e := annotations.NewEdge(Features(), cmp.Or(in.Prefix, DefaultPrefix))
	e.Settings, e.Lookup, e.Options, e.Findings = in.Settings, in.Lookup, in.Options, in.Findings
	if e.Settings == nil {
		e.Settings = &annotations.Settings{}
	}
	e.Model = &model.Edge{}
	dropped := accept(e, in.Ingresses)
	buildHosts(e)
	decideTLS(e)
	decideAliases(e)
	coverAliases(e)
	for _, h := range e.Hosts {
		for _, r := range h.Routes {
			runRoute(e, r)
		}
	}
	for i := range e.Features {
		if f := e.Features[i].Host; f != nil {
			for _, h := range e.Hosts {
				f(h)
			}
		}
	}
	for i := range e.Features {
		if f := e.Features[i].Edge; f != nil {
			f(e)
		}
	}
	publishNames(e)
	rules := foreignRules(in.Options.CertManager)
	for _, i := range e.Ingresses {
		i.Flush()
		foreign(i, rules)
	}
	account(e)
	e.FlushSettings()
	return Output{Edge: e.Model, Dropped: dropped}
}

func runRoute(e *annotations.Edge, r *annotations.Route) {
	if r.Ingress == nil {
		return // the default server's own location: no annotations
	}
	for i := range e.Features {
		if f := e.Features[i].Route; f != nil {
			f(r)
		}
	}
}

// accept keeps the Ingresses that the controller serves, in its order, and counts the others.
func accept(e *annotations.Edge, all []*snapshot.Ingress) (dropped int) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, byAge)
	noCatchAll := flagBool(e.Settings, "disable-catch-all")
	for _, src := range sorted {
		if noCatchAll && src.Spec.DefaultBackend != nil {
			e.Findings.Report(finding.CatchAllDisabled, finding.Origin{Object: src.Object, Field: "spec.defaultBackend"})
			dropped++
			continue
		}
		in, ok := e.NewIngress(src)
		if !ok {
			in.FlushDropped()
			dropped++
			continue
		}
		in.Canary = in.Bool("canary")
		e.Ingresses = append(e.Ingresses, in)
	}
	return dropped
}

// byAge is the controller's order: older first, ties by namespace/name descending.
func byAge(a, b *snapshot.Ingress) int {
	if c := a.CreationTimestamp.Compare(b.CreationTimestamp.Time); c != 0 {
		return c
	}
	return strings.Compare(b.Namespace+"/"+b.Name, a.Namespace+"/"+a.Name)
}

func flagBool(s *annotations.Settings, name string) bool {
	v, ok := s.Flag(name)
	if !ok {
		return false
	}
	b, err := strconv.ParseBool(v)
	return err == nil && b
}
