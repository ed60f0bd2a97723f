package istio

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Names of Gateways that are not made from a Secret's name.
const (
	gatewayHTTP        = "i2g-http"
	gatewayHTTPDefault = "i2g-http-default"
	gatewayTLSDefault  = "i2g-https-default"
	gatewayTLSNamed    = "i2g-https-named" // the default certificate, for names with settings of their own
)

// Names of server ports. Patches tell the route tables of a gateway apart by them.
const (
	portHTTP       = "http"
	portHTTPS      = "https"
	portGuarded    = "https-mtls"    // client certificates are asked for
	portTLSDefault = "https-default" // every SNI that no other server names
	portRaw        = "tls"
)

// servers collects the Gateways of the edge. Each object has one server. A wildcard host has an object of its own, because
// routes of a wildcard leak into the exact hosts of the same object; one TLS server per (port, host) over all of them.
type servers struct {
	byName    map[string]*server
	taken     map[string]string // host → existing Gateway that serves it by TLS
	answer    *string           // what a request gets whose SNI is of another server; nil until decided
	wildcards map[string]bool   // that have a server of their own
	// misdirected are hosts that only their own server may serve.
	misdirected []string
}

type server struct {
	namespace, name string // of the Gateway
	port            *networking.Port
	tls             *networking.ServerTLSSettings
	hosts           []string // as "namespace/host"
	sni             string   // one host of the server, to match its filter chain by
	guard           bool     // asks for client certificates
	// byNamespace are the hosts of the server that takes every SNI.
	byNamespace map[string]*boundNames
}

// boundNames are the hosts that a namespace may bind to the server that takes every SNI.
type boundNames struct {
	wide  bool // a wildcard is among them
	exact []string
}

func (s *servers) get(namespace, name string, port *networking.Port) *server {
	if s.byName == nil {
		s.byName = map[string]*server{}
	}
	x := s.byName[namespace+"/"+name]
	if x == nil {
		x = &server{namespace: namespace, name: name, port: port}
		s.byName[namespace+"/"+name] = x
	}
	return x
}

// ref is how a VirtualService names the Gateway.
func (s *server) ref() string { return s.namespace + "/" + s.name }

// bind lists a host. One that is bound twice is written once; see emitGateways.
func (s *server) bind(namespace, host string) {
	s.hosts = append(s.hosts, namespace+"/"+strings.ToLower(host))
}

// gatewayOwner is the namespace that holds the Gateways of a host: the workload's, or with --ownership team the team's.
func (e *emitter) gatewayOwner(p *hostPlan) string {
	if e.opts.Ownership == emit.Team && p.owner != "" {
		return p.owner
	}
	return e.gatewayNamespace()
}

func (e *emitter) httpPort() *networking.Port {
	return &networking.Port{Number: e.opts.Gateway.HTTPPort, Name: portHTTP, Protocol: "HTTP"}
}

func (e *emitter) httpsPort(name string) *networking.Port {
	return &networking.Port{Number: e.opts.Gateway.HTTPSPort, Name: name, Protocol: "HTTPS"}
}

// planServers decides which servers a host has, and so which Gateways its routes bind to.
func (e *emitter) planServers(p *hostPlan) {
	switch {
	case len(p.entries) == 0 && p.host.Name == "*":
	case e.opts.RoutesOnly:
		e.attach(p)
		e.planPassthrough(p)
	default:
		e.planHTTP(p)
		e.planHTTPS(p)
	}
}

// emitServers completes the servers when all hosts have theirs.
func (e *emitter) emitServers() {
	if len(e.edge.Hosts) == 0 || e.opts.RoutesOnly {
		return
	}
	if e.catchesAll() {
		e.defaultServer() // unknown names get its certificate, and 404
	}
	e.reportSNI()
	e.patchSNI()
	e.emitMisdirected()
}

// binder is the namespace whose VirtualService serves the host.
func (e *emitter) binder(p *hostPlan) string { return cmp.Or(p.owner, e.gatewayNamespace()) }

// bindTo lets the host's VirtualServices serve it on a server.
func (e *emitter) bindTo(p *hostPlan, s *server, host string) {
	s.bind(e.binder(p), host)
	if len(p.tail) > 0 {
		s.bind(e.gatewayNamespace(), host)
	}
	p.attachTo(s.ref())
}

func (p *hostPlan) attachTo(gateway string) {
	if !slices.Contains(p.gateways, gateway) {
		p.gateways = append(p.gateways, gateway)
	}
}

func (e *emitter) planHTTP(p *hostPlan) {
	for _, n := range p.names {
		ns := e.gatewayOwner(p)
		e.bindTo(p, e.servers.get(ns, e.httpGateway(ns, n), e.httpPort()), n)
	}
}

// httpGateway is the plain-HTTP Gateway that lists a host.
func (e *emitter) httpGateway(namespace, host string) string {
	switch {
	case host == "*":
		return gatewayHTTPDefault
	case isWildcard(host):
		return e.names.claim("Gateway", namespace, gatewayHTTP+"-"+dnsLabel(host), "http "+host, maxLabel)
	}
	return gatewayHTTP
}

func isWildcard(host string) bool { return strings.HasPrefix(host, "*.") }

// attach binds a host to the Gateways of --gateway-map: the most specific entry wins.
func (e *emitter) attach(p *hostPlan) {
	for _, n := range p.names {
		best, found := emit.GatewayMapping{}, false
		for _, m := range e.opts.GatewayMap {
			if (m.Host == n || m.Host == "*" || (isWildcard(m.Host) && strings.HasSuffix(n, m.Host[1:]))) && (!found || len(m.Host) > len(best.Host)) {
				best, found = m, true
			}
		}
		if !found {
			e.findings.Report(finding.HostUnmapped, p.host.Origin, n)
			continue
		}
		p.attachTo(best.Gateway.String())
	}
}

// emitGateways writes the Gateway objects, in the namespace of the gateway workload: there they are the platform's, and
// there their certificates are looked for.
func (e *emitter) emitGateways() {
	var all []*server
	for _, s := range e.servers.byName {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *server) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name))
	})
	for _, s := range all {
		for ns, names := range s.byNamespace {
			names.bindAll(s, ns)
		}
		slices.Sort(s.hosts)
		s.hosts = slices.Compact(s.hosts)
		e.claimServer(s)
		e.add(&manifest.Object{
			APIVersion: "networking.istio.io/v1", Kind: "Gateway", Namespace: s.namespace, Name: s.name, Owner: e.objectOwner(s.namespace),
			Spec: &networking.Gateway{
				Selector: e.opts.Gateway.Selector,
				Servers:  []*networking.Server{{Port: s.port, Hosts: s.hosts, Tls: s.tls}},
			},
		})
	}
}

// bindAll lists the hosts of a namespace one by one, so that it can bind no other; a wildcard among them would put its routes
// into the exact ones, so that then the namespace as a whole is named.
func (n *boundNames) bindAll(s *server, namespace string) {
	if n.wide {
		s.bind(namespace, "*")
		return
	}
	slices.Sort(n.exact)
	for _, h := range slices.Compact(n.exact) {
		s.hosts = append(s.hosts, namespace+"/"+h)
	}
}
