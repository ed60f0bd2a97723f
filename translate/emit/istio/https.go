package istio

import (
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// planHTTPS decides which TLS server a host has. Hosts with one certificate and the same settings share a server, so that
// Host decides among them even on one connection; a wildcard has an object of its own.
func (e *emitter) planHTTPS(p *hostPlan) {
	if p.host.Passthrough != nil {
		return // its raw stream has a server of its own
	}
	def := e.defaultCredential()
	for _, n := range p.names {
		ref := e.certificateFor(p.host, n, def != "")
		if ref == nil {
			if def == "" {
				e.reportNoHTTPS(p.host, n)
				continue
			}
			e.bindDefault(p, n, def)
			continue
		}
		if g := e.takenBy(n); g != "" {
			e.findings.Report(finding.HostTaken, p.host.Origin, n, itoa(int(e.opts.Gateway.HTTPSPort)), g)
			continue
		}
		s := e.tlsServer(p, n, ref)
		e.bindTo(p, s, n)
		if def != "" && e.opts.SNI == emit.SNIHost && !s.guard {
			e.bindDefault(p, n, def)
		}
	}
}

// certificateFor is the Secret that a name of a host is served with; nil for the default certificate.
func (e *emitter) certificateFor(h *model.Host, name string, hasDefault bool) *model.SecretRef {
	t := h.TLS
	if t == nil {
		return nil
	}
	if t.Secret == nil {
		if !hasDefault {
			return t.Unfit
		}
		return nil
	}
	return t.Secret
}

// defaultCredential is the credential of the default certificate, "" if there is none.
func (e *emitter) defaultCredential() string {
	if e.opts.DefaultCertificate != "" {
		return e.opts.DefaultCertificate
	}
	if r := e.edge.Global.DefaultCertificate; r != nil {
		return e.secrets.credential(e, *r, secretPair)
	}
	return ""
}

// bindDefault serves a name with the default certificate. The server takes every SNI that no other server names, so that
// Host alone decides; its routes are looked up by namespace.
func (e *emitter) bindDefault(p *hostPlan, name, credential string) {
	s := e.servers.get(e.gatewayNamespace(), gatewayTLSDefault, e.httpsPort())
	if s.tls == nil {
		s.tls = e.serverTLS(nil, credential)
		s.bind(e.gatewayNamespace(), "*")
	}
	g := s.ref()
	if e.opts.SNI == emit.SNIHost {
		s.bind(e.binder(p), "*")
	} else {
		s.bind(e.binder(p), name)
	}
	for _, x := range p.gateways {
		if x == g {
			return
		}
	}
	p.gateways = append(p.gateways, g)
}

// tlsServer is the server of a certificate with its settings.
func (e *emitter) tlsServer(p *hostPlan, name string, ref *model.SecretRef) *server {
	h, ns := p.host, e.gatewayOwner(p)
	base := "i2g-" + dnsLabel(ref.Namespace+"-"+ref.Name)
	id := fmt.Sprintf("tls %s/%s %s %s %v %v", ref.Namespace, ref.Name, h.TLS.MinVersion, h.TLS.MaxVersion, h.TLS.Ciphers, h.TLS.CiphersNone)
	switch {
	case h.ClientCerts != nil:
		base, id = "i2g-"+dnsLabel(h.Name), id+" guarded "+h.Name
	case strings.HasPrefix(name, "*."):
		base, id = base+"-"+dnsLabel(name), id+" "+name
	}
	s := e.servers.get(ns, e.names.claim("Gateway", ns, base, id, maxLabel), e.httpsPort())
	if s.tls == nil {
		s.tls = e.serverTLS(h, e.secrets.credential(e, *ref, secretPair))
		s.sni, s.secret, s.guard = name, ref.Namespace+"/"+ref.Name, h.ClientCerts != nil
	}
	return s
}

// serverTLS are the TLS settings of a server; h is nil for the default certificate's.
func (e *emitter) serverTLS(h *model.Host, credential string) *networking.ServerTLSSettings {
	t := &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_SIMPLE, CredentialName: credential}
	lo, hi := e.edge.Global.MinTLS, e.edge.Global.MaxTLS
	if h != nil && h.TLS != nil {
		if h.TLS.MinVersion != "" {
			lo = h.TLS.MinVersion
		}
		if h.TLS.MaxVersion != "" {
			hi = h.TLS.MaxVersion
		}
		t.CipherSuites = h.TLS.Ciphers
		if h.TLS.CiphersNone {
			lo = "TLSv1_3" // istiod drops names it does not know, and an empty list means the defaults
		}
	}
	t.MinProtocolVersion, t.MaxProtocolVersion = tlsVersion(lo), tlsVersion(hi)
	if h != nil && h.ClientCerts != nil {
		e.clientCertificates(h, t)
	}
	return t
}

func tlsVersion(s string) networking.ServerTLSSettings_TLSProtocol {
	switch s {
	case "TLSv1_0":
		return networking.ServerTLSSettings_TLSV1_0
	case "TLSv1_1":
		return networking.ServerTLSSettings_TLSV1_1
	case "TLSv1_2":
		return networking.ServerTLSSettings_TLSV1_2
	case "TLSv1_3":
		return networking.ServerTLSSettings_TLSV1_3
	}
	return networking.ServerTLSSettings_TLS_AUTO
}

// takenBy names an existing Gateway that serves the host by TLS already: a second server would make the proxy refuse the
// whole listener.
func (e *emitter) takenBy(host string) string {
	for _, g := range e.snapshot.Gateways {
		if g.Ours || !selects(g.Selector, e.opts.Gateway.Selector) {
			continue
		}
		for _, s := range g.Servers {
			if s.Port != e.opts.Gateway.HTTPSPort || (s.Protocol != "HTTPS" && s.Protocol != "TLS") {
				continue
			}
			for _, h := range s.Hosts {
				if _, after, ok := strings.Cut(h, "/"); ok {
					h = after
				}
				if strings.EqualFold(h, host) {
					return g.Key.String()
				}
			}
		}
	}
	return ""
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

// reportNoHTTPS says that a name has no HTTPS because no certificate is there for it.
func (e *emitter) reportNoHTTPS(h *model.Host, name string) {
	for _, r := range h.Rules {
		if r.HTTPSRedirect != nil && !r.HTTPSRedirect.NoHost {
			e.findings.Report(finding.DeadRedirect, r.HTTPSRedirect.Origin, name)
			return
		}
	}
	e.findings.Report(finding.NoHTTPS, h.Origin, name)
}
