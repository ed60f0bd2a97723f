package validate

import (
	"maps"
	"slices"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// server is a server of an emitted or an existing Gateway, as far as others can be in its way.
type server struct {
	obj      *manifest.Object // nil for an existing one
	name     string           // of the Gateway, for messages
	selector map[string]string
	index    int
	port     uint32
	bind     string
	kind     protocol
	texts    []string // hosts as Istio compares them
	names    []string // that the server asks of SNI, each once
}

// listeners checks ports over all Gateways of a workload. Two TLS servers that ask for one name of SNI make Envoy refuse the
// whole port, for every host on it; the namespace before a host does not tell them apart. With a * among its hosts a server
// asks for nothing. Of two servers with the same text, namespace included, Istio drops the younger with all its hosts.
func (c *check) listeners(views []view, existing []*snapshot.Gateway) {
	byPort := map[uint32][]*server{}
	add := func(s *server) { byPort[s.port] = append(byPort[s.port], s) }
	for _, g := range existing {
		if g.Ours {
			continue // replaced by what is emitted
		}
		for i, s := range g.Servers {
			add(&server{
				name: g.Key.String(), selector: g.Selector, index: i, port: s.Port, kind: protocolOf(s.Protocol),
				texts: hostTexts(s.Hosts, g.Key.Namespace), names: serverNames(s.Hosts),
			})
		}
	}
	for _, v := range views {
		for _, s := range v.servers {
			add(s)
		}
	}
	ports := make([]uint32, 0, len(byPort))
	for port := range byPort {
		ports = append(ports, port)
	}
	slices.Sort(ports)
	for _, port := range ports {
		c.portServers(byPort[port])
	}
}

// serversOf are the servers of an emitted Gateway.
func serversOf(g *istionet.Gateway, o *manifest.Object) []*server {
	out := make([]*server, len(g.Servers))
	for i, s := range g.Servers {
		out[i] = &server{
			obj: o, name: o.Namespace + "/" + o.Name, selector: g.Selector, index: i, port: s.GetPort().GetNumber(),
			bind: s.Bind, kind: protocolOf(s.GetPort().GetProtocol()), texts: hostTexts(s.Hosts, o.Namespace), names: serverNames(s.Hosts),
		}
	}
	return out
}

// serverNames are the names that a server asks of SNI, each once.
func serverNames(hosts []string) []string {
	out := make([]string, 0, len(hosts))
	for _, h := range hosts {
		if _, name, ok := strings.Cut(h, "/"); ok {
			h = name
		}
		if h == "*" {
			return []string{"*"}
		}
		out = append(out, strings.ToLower(h))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hostTexts writes hosts as Istio compares them: */HOST is HOST, and ./HOST names the Gateway's namespace.
func hostTexts(hosts []string, namespace string) []string {
	out := make([]string, 0, len(hosts))
	for _, h := range hosts {
		ns, name, ok := strings.Cut(h, "/")
		switch {
		case ok && ns == "*":
			h = name
		case ok && ns == ".":
			h = namespace + "/" + name
		}
		out = append(out, h)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (c *check) portServers(servers []*server) {
	byName, byText := map[string][]*server{}, map[string][]*server{}
	firsts := []*server{} // one of each kind, bind and selector: enough to find mixed protocols
	for _, s := range servers {
		c.mixed(firsts, s)
		if !slices.ContainsFunc(firsts, func(f *server) bool {
			return f.kind == s.kind && f.bind == s.bind && maps.Equal(f.selector, s.selector)
		}) {
			firsts = append(firsts, s)
		}
		if s.kind != tlsProtocol {
			continue
		}
		if !c.claim(byName, s, s.names, "TLS host") {
			c.claim(byText, s, s.texts, "host")
		}
	}
}

// claim notes the names of a server, and reports the first that another server on the port has.
func (c *check) claim(taken map[string][]*server, s *server, names []string, what string) bool {
	found := false
	for _, n := range names {
		for _, other := range taken[n] {
			if found = found || c.clash(other, s, what+" "+quote(n)+" is served by"); found {
				break
			}
		}
		taken[n] = append(taken[n], s)
	}
	return found
}

// mixed: one port speaks TLS, HTTP or plain TCP.
func (c *check) mixed(firsts []*server, s *server) {
	for _, f := range firsts {
		if f.kind != s.kind && f.kind != unknownProtocol && s.kind != unknownProtocol &&
			c.clash(f, s, "the protocol is not that of") {
			return
		}
	}
}

// clash reports s if it and other can meet on one workload; existing ones among themselves are not ours to report.
func (c *check) clash(other, s *server, what string) bool {
	if other.bind != s.bind || !compatible(other.selector, s.selector) || s.obj == nil && other.obj == nil {
		return false
	}
	if s.obj == nil {
		s, other = other, s
	}
	c.obj = s.obj
	list := specPlace.field("servers")
	p := list.item(s.index)
	c.bad(&p, "", "%s server %d of Gateway %s on port %d too", what, other.index, other.name, s.port)
	return true
}

// compatible tells whether a workload may match both selectors.
func compatible(a, b map[string]string) bool {
	for k, v := range a {
		if w, ok := b[k]; ok && v != w {
			return false
		}
	}
	return true
}
