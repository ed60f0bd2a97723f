package nginx

import (
	"regexp"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

func quoteRegex(s string) string { return regexp.QuoteMeta(s) }

// route makes the route of a location, with its backend resolved.
func (b *hostBuilder) route(l *location, p model.Path) *annotations.Route {
	r := &annotations.Route{Ingress: l.in, Host: b.host, Path: l.path, PathType: "Prefix", Default: l.isDefault, Model: &model.Rule{Match: model.Match{Path: p}}}
	if l.exact {
		r.PathType = "Exact"
	}
	if l.in == nil {
		r.Model.Action = defaultAction(b.e)
		return r
	}
	m := r.Model
	m.Owner, m.Ingress, m.Index = l.in.Namespace, l.in.Ref(), l.ordinal()
	m.Origin = l.origin()
	if l.backend == nil {
		m.Action = defaultAction(b.e)
		if _, ok := m.Action.(model.Forward); ok {
			m.Owner = "" // the default backend belongs to the platform
		}
		return r
	}
	r.Service, r.Port = l.backend.Name, annotations.PortText(l.backend)
	be, res := b.e.Lookup.Backend(l.in.Namespace, r.Service, r.Port)
	ref := l.in.Namespace + "/" + r.Service
	switch res {
	case annotations.NoService:
		b.e.Findings.Report(finding.ServiceMissing, m.Origin, ref)
	case annotations.NoPort:
		b.e.Findings.Report(finding.PortUnresolved, m.Origin, r.Port, ref)
		m.Close(503, m.Origin)
	case annotations.NoPortName:
		b.e.Findings.Report(finding.PortGuessed, m.Origin, r.Port, ref)
		m.Close(503, m.Origin)
	case annotations.RefusedService:
		b.e.Findings.Report(finding.ExternalNameRefused, m.Origin, ref, be.ExternalName)
		m.Close(503, m.Origin)
	}
	m.Action = model.Forward{Backend: be}
	return r
}

func (l *location) origin() finding.Origin {
	o := finding.Origin{Object: l.in.Object}
	if l.rule >= 0 {
		o.Field, o.Line = pathField(l.rule, l.idx), l.in.Source.Lines.Path(l.rule, l.idx)
	} else {
		o.Field, o.Line = "spec.defaultBackend", l.in.Source.Lines.Spec
	}
	return o
}

// ordinal numbers the paths of an Ingress through all its rules, from 1; the hidden location is 0.
func (l *location) ordinal() int {
	if l.rule < 0 {
		return 0
	}
	n := 0
	for i := range l.rule {
		if h := l.in.Source.Spec.Rules[i].HTTP; h != nil {
			n += len(h.Paths)
		}
	}
	return n + l.idx + 1
}

// defaultAction answers what no location serves: the controller's default backend, else 404.
func defaultAction(e *annotations.Edge) model.Action {
	if b := globalDefaultBackend(e); b != nil {
		return model.Forward{Backend: *b}
	}
	return model.Respond{Status: 404, AfterAccess: true}
}

// unserved tells whether no backend serves the route: the hidden location of a controller without a default backend.
func unserved(r *annotations.Route) bool {
	_, answered := r.Model.Action.(model.Respond)
	return answered
}

// globalDefaultBackend is the Service of --default-backend-service; nil if there is none.
func globalDefaultBackend(e *annotations.Edge) *model.Backend {
	v, ok := e.Settings.Flag("default-backend-service")
	if !ok {
		return nil
	}
	ns, name, ok := cutRef(v)
	if !ok {
		return nil
	}
	port, _ := e.Lookup.FirstPort(ns, name)
	if port == "" {
		port = "80"
	}
	be, _ := e.Lookup.Backend(ns, name, port)
	return &be
}
