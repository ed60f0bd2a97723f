package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// planPassthrough hands the raw TLS stream of a host to its Service: a server of a Gateway of its own, and a route by SNI. The
// host's further names are no part of it.
func (e *emitter) planPassthrough(p *hostPlan) {
	t := p.host.Passthrough
	if t == nil {
		return
	}
	if !e.opts.RoutesOnly {
		for _, n := range p.names {
			if n != p.host.Name {
				e.planName(p, n)
			}
		}
	}
	if t.Backend == nil || p.title != "" {
		return
	}
	host, ns := p.host.Name, t.Backend.Namespace
	if e.opts.Ownership == emit.Platform {
		ns = e.gatewayNamespace()
	} else if len(p.host.Namespaces) > 1 {
		ns = e.gatewayNamespace()
		e.findings.Report(finding.HostPlatform, t.Origin, host, "several namespaces share it, and a TLS stream cannot be delegated")
	}
	gateways := p.gateways
	if e.opts.RoutesOnly {
		e.findings.Report(finding.GatewayDefault, t.Origin, "the Gateway of host "+host+" must pass its TLS through (mode PASSTHROUGH)")
	} else {
		if g := e.servers.taken[host]; g != "" {
			e.findings.Report(finding.HostTaken, p.host.Origin, host, itoa(int(e.opts.Gateway.HTTPSPort)), g)
			return
		}
		gateways = []string{e.rawServer(p, ns).ref()}
	}
	e.rawRoute(p, ns, gateways)
}

func (e *emitter) rawServer(p *hostPlan, binder string) *server {
	ns := e.gatewayNamespace()
	if e.opts.Ownership == emit.Team {
		ns = binder
	}
	name := e.names.claim("Gateway", ns, "i2g-tls-"+dnsLabel(p.host.Name), "raw "+p.host.Name, maxLabel)
	s := e.servers.get(ns, name, &networking.Port{Number: e.opts.Gateway.HTTPSPort, Name: portRaw, Protocol: "TLS"})
	s.tls = &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_PASSTHROUGH}
	s.bind(binder, p.host.Name)
	return s
}

func (e *emitter) rawRoute(p *hostPlan, ns string, gateways []string) {
	host, t := p.host.Name, p.host.Passthrough
	vs := &networking.VirtualService{
		Hosts: []string{host}, Gateways: gateways, ExportTo: []string{e.gatewayNamespace()},
		Tls: []*networking.TLSRoute{{
			Match: []*networking.TLSMatchAttributes{{Port: e.opts.Gateway.HTTPSPort, SniHosts: []string{host}}},
			Route: []*networking.RouteDestination{{Destination: e.destination(*t.Backend)}},
		}},
	}
	name := e.names.claim("VirtualService", ns, "i2g-tls-"+dnsName(host), "raw "+host, maxName)
	e.claimHosts(ns, vs)
	e.add(e.virtualService(ns, name, e.objectOwner(ns), vs, []model.Origin{{Object: t.Origin.Object}}))
}
