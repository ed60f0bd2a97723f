package nginx

import (
	"slices"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// canaryMerge ties canaries to the Services that serve their paths, as the controller does: Service to Service, found by
// equal host, path and path type. A canary path that finds nothing makes the controller forget the canary's Service, for
// all its other paths too.
type canaryMerge struct {
	e      *annotations.Edge
	byName map[string]*hostBuilder
	merged map[*annotations.Upstream][]*annotations.Upstream // first alternative first
}

// mergeCanaries fills Upstream.Alternative and Upstream.Dropped. It needs the locations of all hosts, not yet expanded.
func mergeCanaries(e *annotations.Edge, byName map[string]*hostBuilder) {
	m := &canaryMerge{e: e, byName: byName, merged: map[*annotations.Upstream][]*annotations.Upstream{}}
	for _, in := range e.Ingresses {
		if !in.Canary {
			continue
		}
		spec := &in.Source.Spec
		if spec.DefaultBackend != nil && spec.DefaultBackend.Service != nil {
			o := finding.Origin{Object: in.Object, Field: "spec.defaultBackend", Line: in.Source.Lines.Spec}
			m.tie(in, spec.DefaultBackend.Service, catchAll, nil, o)
		}
		for i := range spec.Rules {
			if spec.Rules[i].HTTP == nil {
				continue
			}
			host := strings.ToLower(spec.Rules[i].Host)
			if host == "" {
				host = catchAll
			}
			for j := range spec.Rules[i].HTTP.Paths {
				p := &spec.Rules[i].HTTP.Paths[j]
				o := finding.Origin{Object: in.Object, Field: pathField(i, j), Line: in.Source.Lines.Path(i, j)}
				if p.Backend.Service != nil {
					m.tie(in, p.Backend.Service, host, p, o)
				}
			}
		}
	}
	for main, alternatives := range m.merged {
		if len(alternatives) > 0 && !alternatives[0].Dropped {
			main.Alternative = alternatives[0]
		}
	}
}

// tie merges the Service of one path of a canary; a nil path stands for its default backend, which is tied to every path
// of the default server.
func (m *canaryMerge) tie(in *annotations.Ingress, s *netv1.IngressServiceBackend, host string, p *netv1.HTTPIngressPath, o finding.Origin) {
	text := host
	if p != nil {
		text += p.Path
	}
	alt := m.e.Upstream(in.Namespace, s)
	b := m.byName[host]
	switch {
	case alt.Dropped:
		m.e.Findings.Report(finding.CanaryWithoutMain, o, text+" or for another of its paths")
		return
	case b == nil && p != nil:
		m.e.Findings.Report(finding.CanaryWithoutMain, o, text)
		return
	}
	merged := false
	if b != nil {
		for _, l := range b.locs {
			main := m.upstreamOf(l)
			if main == alt {
				m.e.Findings.Report(finding.CanaryWithoutMain, o, text+" with another Service")
				return
			}
			if main == nil || main.Dropped || main.Barred() || p != nil && !samePath(l, p) {
				continue
			}
			merged = true
			m.add(in, main, alt, l, o)
		}
	}
	if !merged {
		alt.Dropped = true
		m.e.Findings.Report(finding.CanaryWithoutMain, o, text)
	}
}

// add appends an alternative to a Service; only the first one ever gets requests.
func (m *canaryMerge) add(in *annotations.Ingress, main, alt *annotations.Upstream, l *location, o finding.Origin) {
	if slices.Contains(m.merged[main], alt) {
		return
	}
	m.merged[main] = append(m.merged[main], alt)
	if m.merged[main][0] != alt {
		m.e.Findings.Report(finding.CanaryIgnored, o, main.Ref())
		return
	}
	if in.Namespace != l.in.Namespace {
		m.e.Findings.Report(finding.CanaryForeign, o, l.in.Ref())
	}
}

// upstreamOf is the Service of a location; nil for the controller's own default backend.
func (m *canaryMerge) upstreamOf(l *location) *annotations.Upstream {
	if l.in == nil || l.backend == nil {
		return nil
	}
	return m.e.Upstream(l.in.Namespace, l.backend)
}

// samePath compares path and effective type. The controller does not take an empty path for / here.
func samePath(l *location, p *netv1.HTTPIngressPath) bool {
	exact := p.PathType != nil && *p.PathType == netv1.PathTypeExact
	return l.path == p.Path && l.exact == exact
}

// attachUpstreams notes which routes forward to a Service. One that the controller forgot leaves its routes without a
// backend.
func (b *hostBuilder) attachUpstreams() {
	for _, r := range b.host.Routes {
		u := r.Upstream()
		if u == nil || r.SlashRedirect {
			continue
		}
		u.Routes = append(u.Routes, r)
		if u.Dropped {
			b.e.Findings.Report(finding.RouteClosed, r.Model.Origin, "Service "+u.Ref()+", which a canary without a main Ingress names too", "503")
			r.Model.Close(503, r.Model.Origin)
		}
	}
}
