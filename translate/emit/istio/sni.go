package istio

import (
	"cmp"
	"slices"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// nginx routes by Host, whatever name the client gave in the handshake (SNI), and answers 421 only when the server of the
// Host asks for client certificates. Istio has one route table per TLS server. Where the Host is to decide, every server that
// asks for no certificates is given the table of the server for every SNI; the servers that do ask keep their own, and their
// hosts answer 421 in that table.

const (
	objSNI          = "i2g-sni"
	nameMisdirected = "i2g/misdirected"
	// mostServers is how many TLS servers get a patch each; istiod compares every patch with every filter chain at every push.
	mostServers = 2000
)

// hostDecides tells whether the Host alone decides about the route on servers that ask for no client certificates.
func (e *emitter) hostDecides() bool { return e.sniAnswer() == "" }

// sniAnswer is what a request gets whose Host belongs to another server than its SNI; "" for what its Host gets.
func (e *emitter) sniAnswer() string {
	if e.servers.answer == nil {
		a := e.decideSNI()
		e.servers.answer = &a
	}
	return *e.servers.answer
}

func (e *emitter) decideSNI() string {
	switch {
	case e.opts.SNI == emit.SNIStrict:
		return "404"
	case e.opts.NoEnvoyFilter:
		return "404, because that needs an EnvoyFilter"
	case e.opts.SNI == emit.SNIMisdir:
		return "421"
	case e.edge.Global.RejectUnknown:
		return "421, because no server takes unknown names"
	case e.defaultCredential() == "":
		return "421, because no default certificate is given"
	case !e.catchesAll():
		return "421, because another Gateway takes unknown names"
	case e.countSecrets()+e.opts.OtherCertificates > mostServers:
		return "421, because there are more than " + itoa(mostServers) + " certificates"
	}
	return ""
}

func (e *emitter) countSecrets() int {
	seen := map[model.SecretRef]bool{}
	for _, h := range e.edge.Hosts {
		if h.TLS != nil && h.TLS.Secret != nil {
			seen[*h.TLS.Secret] = true
		}
	}
	return len(seen)
}

// reportSNI says once what differs.
func (e *emitter) reportSNI() {
	tls, guarded := 0, false
	for _, s := range e.servers.byName {
		if s.tls != nil && s.port.Name != portRaw {
			tls++
			guarded = guarded || s.guard
		}
	}
	o := model.Origin{Field: "--sni"}
	switch a := e.sniAnswer(); {
	case tls < 2:
	case a != "":
		e.findings.Report(finding.SNIDiffers, o, a)
	case guarded:
		e.findings.Report(finding.SNIDiffers, o, "421 where one of the two hosts asks for client certificates")
	}
}

// patchSNI gives servers their route tables.
func (e *emitter) patchSNI() {
	if e.opts.NoEnvoyFilter {
		return
	}
	var plain []*server
	ports := map[string]bool{}
	for _, s := range e.servers.byName {
		switch {
		case s.sni == "" || s.port.Name == portRaw:
		case s.guard || !e.hostDecides():
			ports[s.port.Name] = true
		default:
			plain = append(plain, s)
		}
	}
	var ps []*envoyPatch
	var about []string // each
	if e.opts.SNI != emit.SNIStrict {
		for _, port := range []string{portHTTPS, portGuarded} {
			if ports[port] {
				ps, about = append(ps, e.misdirect(port)), append(about, port)
			}
		}
	}
	slices.SortFunc(plain, func(a, b *server) int { return cmp.Compare(a.ref(), b.ref()) })
	for _, s := range plain {
		ps, about = append(ps, e.lookUpDefault(s)), append(about, s.sni)
	}
	e.inParts(objSNI, 0, spread(ps, about))
}

// misdirect answers 421 in the route tables of servers whose port has a name: one patch for all of them.
func (e *emitter) misdirect(port string) *envoyPatch {
	return &envoyPatch{
		applyTo: "VIRTUAL_HOST",
		match: manifest.Map{{Key: "context", Value: "GATEWAY"}, {Key: "routeConfiguration", Value: manifest.Map{
			{Key: "portNumber", Value: int(e.opts.Gateway.HTTPSPort)}, {Key: "portName", Value: port},
		}}},
		operation: "ADD",
		value: &routev3.VirtualHost{Name: "i2g-misdirected", Domains: []string{"*"}, Routes: []*routev3.Route{{
			Name:   nameMisdirected,
			Match:  &routev3.RouteMatch{PathSpecifier: &routev3.RouteMatch_Prefix{Prefix: "/"}},
			Action: &routev3.Route_DirectResponse{DirectResponse: &routev3.DirectResponseAction{Status: 421}},
		}}},
	}
}

// lookUpDefault makes a server look up routes in the table of the server for every SNI.
func (e *emitter) lookUpDefault(s *server) *envoyPatch {
	table := "https." + itoa(int(e.opts.Gateway.HTTPSPort)) + "." + portTLSDefault + "." + gatewayTLSDefault + "." + e.gatewayNamespace()
	return &envoyPatch{applyTo: "NETWORK_FILTER", match: matchSNI(s.sni), operation: "MERGE", value: networkFilter(&hcmv3.HttpConnectionManager{
		RouteSpecifier: &hcmv3.HttpConnectionManager_Rds{Rds: &hcmv3.Rds{RouteConfigName: table}},
	})}
}

// emitMisdirected answers 421 for hosts that ask for client certificates, on the server that takes every SNI.
func (e *emitter) emitMisdirected() {
	if len(e.servers.misdirected) == 0 || e.opts.SNI == emit.SNIStrict || !e.catchesAll() {
		return
	}
	slices.Sort(e.servers.misdirected)
	var exact []string
	for _, name := range e.servers.misdirected {
		if isWildcard(name) {
			e.misdirectedService("i2g-misdirected-"+dnsName(name), name) // no other name of one VirtualService may lie below it
		} else {
			exact = append(exact, name)
		}
	}
	if len(exact) > 0 {
		e.misdirectedService("i2g-misdirected", exact...)
	}
}

func (e *emitter) misdirectedService(name string, hosts ...string) {
	vs := &networking.VirtualService{
		Hosts: hosts, Gateways: []string{e.defaultServer().ref()}, ExportTo: []string{"."},
		Http: []*networking.HTTPRoute{{Name: nameMisdirected, DirectResponse: &networking.HTTPDirectResponse{Status: 421}}},
	}
	ns := e.gatewayNamespace()
	e.add(e.virtualService(ns, e.names.claim("VirtualService", ns, name, "misdirected "+hosts[0], maxName), "", vs, nil))
}

// findTaken notes which hosts existing Gateways serve by TLS: a second server for one of them would make the proxy refuse the
// whole listener.
func (e *emitter) findTaken() {
	e.servers.taken = map[string]string{}
	for _, g := range e.snapshot.Gateways {
		if g.Ours || !selects(g.Selector, e.opts.Gateway.Selector) {
			continue
		}
		for _, s := range g.Servers {
			if s.Port != e.opts.Gateway.HTTPSPort || (s.Protocol != "HTTPS" && s.Protocol != "TLS") {
				continue
			}
			e.takenBy(s.Hosts, g.Key.String())
		}
	}
}

// takenBy notes the hosts of one server. One that takes every name has no other.
func (e *emitter) takenBy(hosts []string, gateway string) {
	var bare []string
	for _, h := range hosts {
		if _, after, ok := strings.Cut(h, "/"); ok {
			h = after
		}
		if h == "*" {
			bare = []string{h}
			break
		}
		bare = append(bare, strings.ToLower(h))
	}
	for _, h := range bare {
		if e.servers.taken[h] == "" {
			e.servers.taken[h] = gateway
		}
	}
}

// selects tells whether a Gateway's selector can apply to a workload with these labels.
func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if w, ok := labels[k]; ok && w != v {
			return false
		}
	}
	return true
}
