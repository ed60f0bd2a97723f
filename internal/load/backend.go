package load

import (
	netv1 "k8s.io/api/networking/v1"
)

// backend reads the backend of a path or of an Ingress.
func (d *ingressReader) backend(n *node, at path) (b netv1.IngressBackend) {
	before := d.refusals
	if d.old {
		b = d.oldBackend(n, at)
	} else {
		for c := range n.children {
			here := path{up: &at, key: c.key}
			switch c.key {
			case "service":
				if d.is(c, here, mapping) {
					b.Service = &netv1.IngressServiceBackend{}
					d.service(c, here, b.Service)
				}
			case "resource":
				b.Resource = d.resource(c, here)
			default:
				d.unknown(c, here)
			}
		}
	}
	if !d.trusted && d.refusals == before {
		d.checkBackend(&b, n, at)
	}
	return b
}

// oldBackend reads the form of v1beta1.
func (d *ingressReader) oldBackend(n *node, at path) (b netv1.IngressBackend) {
	var s netv1.IngressServiceBackend
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "serviceName":
			s.Name = d.text(c, here)
		case "servicePort":
			switch c.kind {
			case text:
				s.Port.Name = d.text(c, here)
			default:
				s.Port.Number = d.number(c, here)
			}
		case "resource":
			b.Resource = d.resource(c, here)
		default:
			d.unknown(c, here)
		}
	}
	if s != (netv1.IngressServiceBackend{}) {
		b.Service = &s
	}
	return b
}

func (d *ingressReader) service(n *node, at path, s *netv1.IngressServiceBackend) {
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "name":
			s.Name = d.text(c, here)
		case "port":
			if d.is(c, here, mapping) {
				d.port(c, here, &s.Port)
			}
		default:
			d.unknown(c, here)
		}
	}
}

func (d *ingressReader) port(n *node, at path, p *netv1.ServiceBackendPort) {
	for c := range n.children {
		here := path{up: &at, key: c.key}
		switch c.key {
		case "name":
			p.Name = d.text(c, here)
		case "number":
			p.Number = d.number(c, here)
		default:
			d.unknown(c, here)
		}
	}
}

// checkBackend refuses what an API server refuses: no backend, two, or a Service without a valid name and port.
func (d *ingressReader) checkBackend(b *netv1.IngressBackend, n *node, at path) {
	line := n.place()
	s := b.Service
	switch {
	case s == nil && b.Resource == nil:
		d.refuse(at, line, "must have a Service or a resource")
	case s != nil && b.Resource != nil:
		d.refuse(at, line, "must not have both a Service and a resource")
	case s != nil && d.old:
		d.checkService(s, line, path{up: &at, key: "serviceName"}, path{up: &at, key: "servicePort"})
	case s != nil:
		d.checkService(s, line, path{up: &at, key: "service.name"}, path{up: &at, key: "service.port"})
	}
}

func (d *ingressReader) checkService(s *netv1.IngressServiceBackend, line int32, name, port path) {
	if s.Name == "" {
		d.refuse(name, line, "is missing")
	} else {
		d.check(name, line, s.Name, checkLabel(s.Name))
	}
	switch p := s.Port; {
	case p.Name != "" && p.Number != 0:
		d.refuse(port, line, "must have a name or a number, not both")
	case p.Name != "":
		d.check(port, line, p.Name, checkPortName(p.Name))
	case p.Number == 0:
		d.refuse(port, line, "is missing")
	case p.Number < 1 || p.Number > 65535:
		d.refuse(port, line, "must be between 1 and 65535")
	}
}
