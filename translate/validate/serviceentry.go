package validate

import (
	"slices"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

// Limits of the published schema for a ServiceEntry.
const (
	maxEntryList = 256 // hosts, addresses, ports
	maxEndpoints = 4096
	maxEntryPort = 128 // ports of an endpoint
)

func (c *check) serviceEntry(e *istionet.ServiceEntry) {
	if s := e.WorkloadSelector; s != nil {
		place := specPlace.field("workloadSelector")
		c.selector(&place, "labels", s.Labels)
		if len(e.Endpoints) > 0 {
			c.bad(&specPlace, "endpoints", "excludes workloadSelector")
		}
	}
	c.entryHosts(e)
	c.entryAddresses(e)
	c.entryPorts(e)
	c.resolution(e)
	if n := len(e.Endpoints); n > maxEndpoints {
		c.bad(&specPlace, "endpoints", "%d entries, at most %d", n, maxEndpoints)
	}
	list := specPlace.field("endpoints")
	for i, w := range e.Endpoints {
		p := list.item(i)
		c.endpoint(&p, e, w)
	}
	c.exportTo(e.ExportTo, true)
}

func (c *check) entryHosts(e *istionet.ServiceEntry) {
	list := specPlace.field("hosts")
	if n := len(e.Hosts); n == 0 || n > maxEntryList {
		c.bad(&list, "", "%d hosts, 1 to %d are needed", n, maxEntryList)
	}
	dynamic := e.Resolution == istionet.ServiceEntry_DYNAMIC_DNS
	for i, h := range e.Hosts {
		p := list.item(i)
		problem := domainProblem(h)
		switch {
		case h == "*":
			problem = "is every host"
		case problem != "":
		case strings.HasPrefix(h, "*") && !strings.HasPrefix(h, "*."):
			problem = "only a whole label may be a wildcard"
		case dynamic && !strings.HasPrefix(h, "*"):
			problem = "resolution DYNAMIC_DNS wants wildcards"
		case e.Resolution >= istionet.ServiceEntry_DNS && !dynamic && len(e.Endpoints) == 0 && strings.HasPrefix(h, "*"):
			problem = "cannot be resolved without endpoints"
		}
		if problem != "" {
			c.bad(&p, "", "%s: %s", quote(h), problem)
		}
	}
}

func (c *check) entryAddresses(e *istionet.ServiceEntry) {
	list := specPlace.field("addresses")
	if n := len(e.Addresses); n > maxEntryList {
		c.bad(&list, "", "%d entries, at most %d", n, maxEntryList)
	}
	for i, a := range e.Addresses {
		p := list.item(i)
		switch {
		case !isSubnet(a) || len(a) > 64:
			c.bad(&p, "", "%s is not an address or CIDR", quote(a))
		case strings.Contains(a, "/") && e.Resolution != istionet.ServiceEntry_NONE && e.Resolution != istionet.ServiceEntry_STATIC:
			c.bad(&p, "", "a CIDR is only for resolution NONE or STATIC")
		}
	}
}

func (c *check) entryPorts(e *istionet.ServiceEntry) {
	list := specPlace.field("ports")
	if n := len(e.Ports); n > maxEntryList {
		c.bad(&list, "", "%d entries, at most %d", n, maxEntryList)
	}
	names, numbers := make(map[string]bool, len(e.Ports)), make(map[uint32]bool, len(e.Ports))
	for i, port := range e.Ports {
		p := list.item(i)
		c.port(&p, "number", port.Number)
		if port.TargetPort != 0 {
			c.port(&p, "targetPort", port.TargetPort)
		}
		if !isLabel(port.Name) {
			c.bad(&p, "name", "%s is not a DNS label", quote(port.Name))
		}
		kind := protocolOf(port.Protocol)
		if port.Protocol != "" && kind == unknownProtocol {
			c.bad(&p, "protocol", "%s is not a protocol", quote(port.Protocol))
		}
		if names[port.Name] || numbers[port.Number] {
			c.bad(&p, "", "name or number is used twice")
		}
		names[port.Name], numbers[port.Number] = true, true
		if len(e.Hosts) > 1 && e.Resolution != istionet.ServiceEntry_NONE && kind != plainHTTP && kind != tlsProtocol {
			c.bad(&p, "protocol", "several hosts cannot be told apart on a port of protocol %q", port.Protocol)
		}
		if p0 := strings.ToUpper(port.Protocol); e.Resolution == istionet.ServiceEntry_DYNAMIC_DNS &&
			!slices.Contains([]string{"HTTP", "TLS", "GRPC", "HTTP2"}, p0) {
			c.bad(&p, "protocol", "resolution DYNAMIC_DNS takes HTTP, TLS, GRPC and HTTP2")
		}
	}
}

func (c *check) resolution(e *istionet.ServiceEntry) {
	switch e.Resolution {
	case istionet.ServiceEntry_NONE:
		if len(e.Endpoints) > 0 {
			c.bad(&specPlace, "endpoints", "resolution NONE takes none")
		}
	case istionet.ServiceEntry_DNS_ROUND_ROBIN:
		if len(e.Endpoints) > 1 {
			c.bad(&specPlace, "endpoints", "resolution DNS_ROUND_ROBIN takes one at most")
		}
	case istionet.ServiceEntry_DYNAMIC_DNS:
		if len(e.Endpoints)+len(e.Addresses) > 0 {
			c.bad(&specPlace, "resolution", "DYNAMIC_DNS takes neither endpoints nor addresses")
		}
	}
}

func (c *check) endpoint(p *at, e *istionet.ServiceEntry, w *istionet.WorkloadEntry) {
	dns := e.Resolution == istionet.ServiceEntry_DNS || e.Resolution == istionet.ServiceEntry_DNS_ROUND_ROBIN
	path, unix := strings.CutPrefix(w.Address, "unix://")
	switch {
	case w.Address == "" && w.Network == "":
		c.bad(p, "address", "is required")
	case len(w.Address) > 256:
		c.bad(p, "address", "longer than 256")
	case unix && !dns:
		if len(w.Ports) > 0 || len(e.Ports) != 1 || path == "" || path[0] != '/' && path[0] != '@' || strings.HasSuffix(path, "/") {
			c.bad(p, "address", "%s is not the path of a socket, or not for the one port of the entry", quote(w.Address))
		}
	case w.Address == "" && !dns || isIP(w.Address):
	case !dns:
		c.bad(p, "address", "%s is not an address", quote(w.Address))
	case fqdnProblem(w.Address) != "":
		c.bad(p, "address", "%s is neither an address nor a name", quote(w.Address))
	}
	if n := len(w.Ports); n > maxEntryPort {
		c.bad(p, "ports", "%d entries, at most %d", n, maxEntryPort)
	}
	for _, name := range sortedKeys(w.Ports) {
		ports := p.field("ports")
		place := ports.key(name)
		c.port(&place, "", w.Ports[name])
		if !isLabel(name) || len(name) > 62 {
			c.bad(&place, "", "not the name of a port")
		}
		if !slices.ContainsFunc(e.Ports, func(s *istionet.ServicePort) bool { return s.Name == name }) {
			c.bad(&place, "", "is not a port of the ServiceEntry")
		}
	}
	if n := len(w.Labels); n > maxFilterSel {
		c.bad(p, "labels", "%d entries, at most %d", n, maxFilterSel)
	}
	c.workloadLabels(p, "labels", w.Labels)
	if len(w.Network) > 2048 || len(w.Locality) > 2048 || len(w.ServiceAccount) > 253 {
		c.bad(p, "", "network, locality or serviceAccount is too long")
	}
}
