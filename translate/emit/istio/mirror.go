package istio

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// mirror copies requests. The patch can name the Host of the copy; the VirtualService's mirrors, which are for when there may
// be no patch, cannot.
func mirror(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	m := r.Mirror
	if m == nil || !forwards(xs) {
		return xs
	}
	d := e.mirrorDestination(m)
	moved := m.Path != "" || m.Prefix != ""
	switch {
	case e.opts.NoEnvoyFilter && moved:
		e.withoutEnvoyFilter(m.Origin, "requests are not mirrored, because the path of a copy cannot be changed")
		return xs
	case e.opts.NoEnvoyFilter:
		e.withoutEnvoyFilter(m.Origin, "copies have the client's Host instead of "+m.Host)
	case !e.can(28):
		e.findings.Report(finding.TooOld, m.Origin, keyName(m.Origin), "1.28", "requests are not mirrored")
		return xs
	}
	p := &routev3.RouteAction_RequestMirrorPolicy{HostRewriteLiteral: m.Host}
	if !e.opts.NoEnvoyFilter {
		if moved {
			p.Cluster, p.HostRewriteLiteral = e.mirrorLoop(m, d)
		} else {
			p.Cluster = e.clusterName(d)
		}
	}
	for _, x := range xs {
		switch {
		case x.answer:
		case e.opts.NoEnvoyFilter:
			x.http.Mirrors = append(x.http.Mirrors, &networking.HTTPMirrorPolicy{Destination: d.DeepCopy()})
			e.destinations.reach(d)
		default:
			x.patch.belong()
			a := x.patch.action()
			a.RequestMirrorPolicies = append(a.RequestMirrorPolicies, p)
		}
	}
	return xs
}

// mirrorDestination is the server that gets the copies. nginx verifies no certificate of it.
func (e *emitter) mirrorDestination(m *model.Mirror) *networking.Destination {
	d := e.destination(m.Backend)
	e.destinations.share(d)
	if m.Backend.Protocol == model.HTTPS {
		tls := &networking.ClientTLSSettings{Mode: networking.ClientTLSSettings_SIMPLE, InsecureSkipVerify: wrapperspb.Bool(true)}
		if m.Backend.External {
			tls.Sni = m.Backend.ExternalName
		}
		e.subset(d, "mirror", &networking.TrafficPolicy{Tls: tls})
	}
	return d
}

const (
	mirrorPort    = 15099
	mirrorHost    = "mirror-loop.i2g.internal"
	mirrorGateway = "i2g-mirror"
	mirrorSuffix  = ".mirror.i2g.internal"
)

// mirrorLoop sends copies through a listener of the gateway on the loopback address, where a route can change their path:
// a mirror policy cannot. It gives the cluster of that listener and the Host that selects the route.
func (e *emitter) mirrorLoop(m *model.Mirror, d *networking.Destination) (cluster, host string) {
	id := e.clusterName(d) + " " + m.Host + " " + m.Path + " " + m.Prefix
	sum := sha256.Sum256([]byte(id))
	host = "m-" + hex.EncodeToString(sum[:8]) + mirrorSuffix
	cluster = "outbound|" + itoa(mirrorPort) + "||" + mirrorHost
	if e.mirrors[host] {
		return cluster, host
	}
	if e.mirrors == nil {
		e.mirrors = map[string]bool{}
		e.emitMirrorListener()
	}
	e.mirrors[host] = true
	rewrite := &networking.RegexRewrite{Match: "^.*$", Rewrite: strings.ReplaceAll(m.Path, `\`, `\\`)}
	if m.Prefix != "" {
		rewrite = &networking.RegexRewrite{Match: "^(.*)$", Rewrite: strings.ReplaceAll(m.Prefix, `\`, `\\`) + `\1`}
	}
	e.destinations.reach(d)
	ns := e.gatewayNamespace()
	// It belongs to all that have the same copied to the same, so that it names nobody.
	e.add(e.virtualService(ns, "i2g-"+strings.TrimSuffix(host, ".i2g.internal"), "", &networking.VirtualService{
		Hosts: []string{host}, Gateways: []string{ns + "/" + mirrorGateway}, ExportTo: []string{"."},
		Http: []*networking.HTTPRoute{{
			Name:    "i2g/mirror",
			Rewrite: &networking.HTTPRewrite{Authority: m.Host, UriRegexRewrite: rewrite},
			Route:   []*networking.HTTPRouteDestination{{Destination: d}},
			Retries: &networking.HTTPRetry{Attempts: 0},
		}},
	}, nil))
	return cluster, host
}

// emitMirrorListener writes the listener, which nothing outside of the gateway's pod can reach, and its address.
func (e *emitter) emitMirrorListener() {
	ns := e.gatewayNamespace()
	e.add(&manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "Gateway", Namespace: ns, Name: mirrorGateway, Spec: &networking.Gateway{
		Selector: e.opts.Gateway.Selector,
		Servers: []*networking.Server{{
			Port: &networking.Port{Number: mirrorPort, Name: "http-mirror", Protocol: "HTTP"}, Bind: "127.0.0.1", Hosts: []string{"./*" + mirrorSuffix},
		}},
	}})
	e.add(&manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "ServiceEntry", Namespace: ns, Name: "i2g-mirror-loop", Spec: &networking.ServiceEntry{
		Hosts: []string{mirrorHost}, ExportTo: []string{"."}, Location: networking.ServiceEntry_MESH_INTERNAL, Resolution: networking.ServiceEntry_STATIC,
		Ports:     []*networking.ServicePort{{Number: mirrorPort, Name: "http", Protocol: "HTTP"}},
		Endpoints: []*networking.WorkloadEntry{{Address: "127.0.0.1"}},
	}})
}
