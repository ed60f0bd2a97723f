package annotations

import (
	"strconv"

	netv1 "k8s.io/api/networking/v1"
)

// Upstream is a Service port as the Ingresses write it: what many settings of the controller belong to, whichever host
// and path they were written for.
type Upstream struct {
	Namespace, Service, Port string
	Ingresses                []*Ingress // that reference it, in the controller's order, canaries included
	Routes                   []*Route   // that forward to it, by host, in match order
	// Decider is the Ingress whose settings hold: the oldest that references the Service and port, but one that has it as
	// its default backend takes over from those before it.
	Decider *Ingress
	// Alternative is the Service of the first canary that was merged into this one; nil for none.
	Alternative *Upstream
	// Dropped is set if the controller loses the Service, so that its routes answer 503.
	Dropped bool
}

type upstreamKey struct{ namespace, service, port string }

// Upstreams lists the Services and ports that Ingresses reference, in the order in which the controller meets them.
func (e *Edge) Upstreams() []*Upstream {
	if e.upstreams == nil {
		e.upstreamOf = map[upstreamKey]*Upstream{}
		e.upstreams = []*Upstream{}
		for _, in := range e.Ingresses {
			e.collectUpstreams(in)
		}
	}
	return e.upstreams
}

// Upstream finds the Service and port that an Ingress of a namespace references; nil if none does.
func (e *Edge) Upstream(namespace string, s *netv1.IngressServiceBackend) *Upstream {
	e.Upstreams()
	if s == nil {
		return nil
	}
	return e.upstreamOf[upstreamKey{namespace, s.Name, PortText(s)}]
}

// Upstream is the Service and port that the route forwards to; nil if it forwards to none of its own.
func (r *Route) Upstream() *Upstream {
	if r.Ingress == nil || r.Service == "" {
		return nil
	}
	r.Edge.Upstreams()
	return r.Edge.upstreamOf[upstreamKey{r.Namespace, r.Service, r.Port}]
}

// Ref is "namespace/name:port".
func (u *Upstream) Ref() string { return u.Namespace + "/" + u.Service + ":" + u.Port }

// Barred tells whether a canary referenced the Service first: the controller then serves it to no normal Ingress.
func (u *Upstream) Barred() bool { return u.Decider.Canary }

func (e *Edge) collectUpstreams(in *Ingress) {
	spec := &in.Source.Spec
	if spec.DefaultBackend != nil && spec.DefaultBackend.Service != nil {
		e.reference(in, spec.DefaultBackend.Service).Decider = in
	}
	for i := range spec.Rules {
		if spec.Rules[i].HTTP == nil {
			continue
		}
		for j := range spec.Rules[i].HTTP.Paths {
			if s := spec.Rules[i].HTTP.Paths[j].Backend.Service; s != nil {
				e.reference(in, s)
			}
		}
	}
}

func (e *Edge) reference(in *Ingress, s *netv1.IngressServiceBackend) *Upstream {
	k := upstreamKey{in.Namespace, s.Name, PortText(s)}
	u := e.upstreamOf[k]
	if u == nil {
		u = &Upstream{Namespace: k.namespace, Service: k.service, Port: k.port, Decider: in}
		e.upstreamOf[k] = u
		e.upstreams = append(e.upstreams, u)
	}
	if n := len(u.Ingresses); n == 0 || u.Ingresses[n-1] != in {
		u.Ingresses = append(u.Ingresses, in)
	}
	return u
}

// PortText is the Service port as the Ingress writes it.
func PortText(s *netv1.IngressServiceBackend) string {
	if s.Port.Name != "" {
		return s.Port.Name
	}
	return strconv.Itoa(int(s.Port.Number))
}
