package validate

import (
	"slices"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) virtualService(v *istionet.VirtualService) {
	delegate := len(v.Hosts) == 0
	if delegate {
		if len(v.Gateways) > 0 {
			c.bad(&specPlace, "gateways", "a delegate (no hosts) has no gateways")
		}
		if len(v.Tls) > 0 || len(v.Tcp) > 0 {
			c.bad(&specPlace, "", "a delegate (no hosts) has only http routes")
		}
	}
	c.gatewayNames(&specPlace, v.Gateways)
	mesh := len(v.Gateways) == 0 || slices.Contains(v.Gateways, "mesh")
	c.virtualHosts(v.Hosts, mesh && !delegate)
	c.exportTo(v.ExportTo, false)
	if len(v.Http)+len(v.Tls)+len(v.Tcp) == 0 {
		c.bad(&specPlace, "http", "http, tls or tcp is required")
	}
	http := specPlace.field("http")
	for i, r := range v.Http {
		p := http.item(i)
		c.httpRoute(&p, r, delegate, mesh)
	}
	c.shadowed(v.Http)
	tls := specPlace.field("tls")
	for i, r := range v.Tls {
		p := tls.item(i)
		c.tlsRoute(&p, r, v.Hosts)
	}
	tcp := specPlace.field("tcp")
	for i, r := range v.Tcp {
		p := tcp.item(i)
		c.tcpRoute(&p, r)
	}
}

func (c *check) virtualHosts(hosts []string, mesh bool) {
	list := specPlace.field("hosts")
	before := len(c.problems)
	for i, h := range hosts {
		p := list.item(i)
		switch problem := domainProblem(h); {
		case problem != "" && !isIP(h):
			c.bad(&p, "", "%s: %s", quote(h), problem)
		case mesh && h == "*":
			c.bad(&p, "", "* is not allowed for the mesh")
		}
	}
	if len(c.problems) > before {
		return
	}
	if len(hosts) > 64 {
		c.overlapsSorted(hosts)
		return
	}
	for i, h := range hosts {
		for j := i + 1; j < len(hosts); j++ {
			if overlap(h, hosts[j]) {
				p := list.item(j)
				c.bad(&p, "", "%s and %s overlap", quote(h), quote(hosts[j]))
			}
		}
	}
}

// overlapsSorted finds overlapping hosts in long lists without comparing each with each.
func (c *check) overlapsSorted(hosts []string) {
	list := specPlace.field("hosts")
	exact, wild := make(map[string]bool, len(hosts)), make(map[string]bool)
	for i, h := range hosts {
		if exact[h] || wild[h] {
			p := list.item(i)
			c.bad(&p, "", "%s is given twice", quote(h))
		}
		if strings.HasPrefix(h, "*") {
			wild[h] = true
		} else {
			exact[h] = true
		}
	}
	for _, w := range sortedKeys(wild) {
		for i, h := range hosts {
			if h != w && within(h, w) {
				p := list.item(i)
				c.bad(&p, "", "%s and %s overlap", quote(h), quote(w))
			}
		}
	}
}

func (c *check) gatewayNames(p *at, names []string) {
	list := p.field("gateways")
	for i, n := range names {
		ns, name, ok := strings.Cut(n, "/")
		if !ok {
			name = ns
		}
		if n != "mesh" && (!isLabel(name) || ok && !isLabel(ns)) {
			item := list.item(i)
			c.bad(&item, "", "%s is not namespace/name of a Gateway", quote(n))
		}
	}
}

// exportTo takes namespaces, "." and "*"; a ServiceEntry also "~".
func (c *check) exportTo(to []string, serviceEntry bool) {
	list := specPlace.field("exportTo")
	seen := make(map[string]bool, len(to))
	for i, e := range to {
		p := list.item(i)
		key := e
		if e == "." {
			key = c.obj.Namespace
		}
		if seen[key] {
			c.bad(&p, "", "%q is given twice", e)
		}
		seen[key] = true
		switch e {
		case ".", "*":
		case "~":
			if !serviceEntry {
				c.bad(&p, "", "~ is only for ServiceEntry")
			}
		default:
			if !isLabel(e) {
				c.bad(&p, "", "%s is not a namespace", quote(e))
			}
		}
		if (e == "*" || e == "~") && len(to) > 1 {
			c.bad(&p, "", "%q stands alone or not at all", e)
		}
	}
}

func (c *check) tlsRoute(p *at, r *istionet.TLSRoute, hosts []string) {
	matches := p.field("match")
	if len(r.Match) == 0 {
		c.bad(&matches, "", "a TLS route needs a match")
	}
	for i, m := range r.Match {
		place := matches.item(i)
		if len(m.SniHosts) == 0 {
			c.bad(&place, "sniHosts", "is required")
		}
		for _, h := range m.SniHosts {
			if problem := domainProblem(h); problem != "" {
				c.bad(&place, "sniHosts", "%s: %s", quote(h), problem)
			} else if !slices.ContainsFunc(hosts, func(host string) bool { return within(h, host) }) {
				c.bad(&place, "sniHosts", "%s is not among the hosts", quote(h))
			}
		}
		c.l4Match(&place, m.Port, m.DestinationSubnets, m.SourceLabels)
		c.gatewayNames(&place, m.Gateways)
	}
	c.l4Destinations(p, r.Route)
}

func (c *check) tcpRoute(p *at, r *istionet.TCPRoute) {
	matches := p.field("match")
	for i, m := range r.Match {
		place := matches.item(i)
		c.l4Match(&place, m.Port, m.DestinationSubnets, m.SourceLabels)
		c.gatewayNames(&place, m.Gateways)
	}
	c.l4Destinations(p, r.Route)
}

func (c *check) l4Match(p *at, port uint32, subnets []string, labels map[string]string) {
	if port != 0 {
		c.port(p, "port", port)
	}
	for _, s := range subnets {
		if !isSubnet(s) {
			c.bad(p, "destinationSubnets", "%s is not an address or CIDR", quote(s))
		}
	}
	c.workloadLabels(p, "sourceLabels", labels)
}

func (c *check) l4Destinations(p *at, routes []*istionet.RouteDestination) {
	list := p.field("route")
	if len(routes) == 0 {
		c.bad(&list, "", "is required")
	}
	sum := int64(0)
	for i, r := range routes {
		place := list.item(i)
		c.weighted(&place, r.Destination, r.Weight)
		sum += int64(r.Weight)
	}
	if len(routes) > 1 && sum == 0 {
		c.bad(&list, "", "the weights add up to 0")
	}
}

// workloadLabels checks labels that select workloads.
func (c *check) workloadLabels(p *at, sub string, labels map[string]string) {
	for _, k := range sortedKeys(labels) {
		place := p.field(sub)
		prefix, name, ok := strings.Cut(k, "/")
		if !ok {
			prefix, name = "", k
		}
		if name == "" || !isLabelValue(name) || ok && fqdnProblem(prefix) != "" || len(prefix) > 253 {
			c.bad(&place, "", "%s is not the key of a label", quote(k))
		}
		if v := labels[k]; !isLabelValue(v) {
			c.bad(&place, "["+k+"]", "%s is not the value of a label", quote(v))
		}
	}
}
