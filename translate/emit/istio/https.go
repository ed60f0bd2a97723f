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
		e.planPassthrough(p)
		return
	}
	for _, n := range p.names {
		e.planName(p, n)
	}
}

// planName decides for one name of a host.
func (e *emitter) planName(p *hostPlan, name string) {
	h := p.host
	c := e.certificateFor(h, name)
	own := e.ownServer(h, name, c) || e.belowWildcard(name)
	switch {
	case c.none:
		e.reportNoHTTPS(h, name)
		return
	case !own || name == "*":
		e.bindDefault(p, name)
		return
	case e.servers.taken[name] != "":
		e.findings.Report(finding.HostTaken, h.Origin, name, itoa(int(e.opts.Gateway.HTTPSPort)), e.servers.taken[name])
		return
	}
	s := e.tlsServer(p, name, c)
	switch {
	case s.guard:
		e.bindTo(p, s, name)
		e.servers.misdirected = append(e.servers.misdirected, name)
	case e.hostDecides() && e.opts.Ownership != emit.Team:
		// The routes are looked up in the table of the server for every SNI. This one holds the certificate and lets no team bind.
		s.bind(e.gatewayNamespace(), name)
		e.bindDefault(p, name)
	default:
		e.bindTo(p, s, name)
		if e.hostDecides() {
			e.bindDefault(p, name)
		}
	}
}

// ownServer tells whether a name needs a server that asks for it in SNI, because of its certificate or its settings.
func (e *emitter) ownServer(h *model.Host, name string, c certificate) bool {
	return c.secret != nil || h.Closed == nil && h.Guarded() || h.Ciphers != nil || e.edge.Global.RejectUnknown && isWildcard(name)
}

// findWildcards notes the wildcards that have a server of their own: Envoy takes it for every name below, at any depth, before
// the server that takes every SNI.
func (e *emitter) findWildcards() {
	e.servers.wildcards = map[string]bool{}
	for host := range e.servers.taken {
		if isWildcard(host) {
			e.servers.wildcards[host] = true
		}
	}
	for _, h := range e.edge.Hosts {
		if h.Passthrough != nil || short(h.Name) {
			continue
		}
		for _, n := range namesOf(h) {
			if isWildcard(n) && e.ownServer(h, n, e.certificateFor(h, n)) {
				e.servers.wildcards[n] = true
			}
		}
	}
}

// belowWildcard tells whether the server of a wildcard would take connections for a name.
func (e *emitter) belowWildcard(name string) bool {
	if len(e.servers.wildcards) == 0 {
		return false
	}
	rest := strings.TrimPrefix(name, "*.")
	for {
		var found bool
		if _, rest, found = strings.Cut(rest, "."); !found {
			return false
		}
		if e.servers.wildcards["*."+rest] {
			return true
		}
	}
}

// certificate is what a name is served with: a Secret of its own, or the default certificate.
type certificate struct {
	secret *model.SecretRef // nil for the default
	none   bool             // no default either
}

// certificateFor chooses the certificate of a name.
func (e *emitter) certificateFor(h *model.Host, name string) certificate {
	def := e.defaultCredential()
	if t := h.TLS; t != nil {
		own, unfit := t.Secret, t.Unfit
		for _, a := range h.Aliases {
			if a.Name == name && a.Uncovered && own != nil {
				own, unfit = nil, own
			}
		}
		if own == nil && def == "" && unfit != nil {
			// Better the wrong name than no HTTPS at all.
			own = unfit
			const why = "it is named all the same, because no default certificate is given"
			if ref := unfit.Namespace + "/" + unfit.Name; t.Absent {
				e.findings.Report(finding.SecretUnseen, t.Origin, ref, why)
			} else {
				e.findings.Report(finding.CertificateMismatch, t.Origin, ref, name, why)
			}
		}
		if own != nil {
			return certificate{secret: own}
		}
	}
	return certificate{none: def == ""}
}

// defaultCredential is the credential of the default certificate, "" if there is none. What the controller served is the
// certificate of its flag; the option stands in for the one that nginx makes up.
func (e *emitter) defaultCredential() string {
	if e.opts.RoutesOnly {
		return ""
	}
	if r := e.edge.Global.DefaultCertificate; r != nil {
		return e.secrets.credential(e, *r, secretPair)
	}
	return e.opts.DefaultCertificate
}

// defaultServer is the server of the default certificate. It takes every SNI that no other server names, so that Host alone
// decides there, unless the controller refused unknown names. nil if there is none.
func (e *emitter) defaultServer() *server {
	def := e.defaultCredential()
	if def == "" {
		return nil
	}
	s := e.servers.get(e.gatewayNamespace(), gatewayTLSDefault, e.httpsPort(portTLSDefault))
	if s.tls == nil {
		s.tls = e.serverTLS(nil, def)
		s.byNamespace = map[string]*boundNames{}
		if !e.edge.Global.RejectUnknown {
			s.bind(e.gatewayNamespace(), "*")
		}
	}
	return s
}

// catchesAll tells whether a server for every SNI can be emitted: there is a default certificate for it, and no other Gateway
// has one.
func (e *emitter) catchesAll() bool {
	return e.defaultCredential() != "" && !e.edge.Global.RejectUnknown && e.servers.taken["*"] == ""
}

// bindDefault serves a name by the server of the default certificate.
func (e *emitter) bindDefault(p *hostPlan, name string) {
	reject := e.edge.Global.RejectUnknown
	if name == "*" && reject {
		return
	}
	sni := "*"
	if reject {
		sni = name
	}
	if g := e.servers.taken[sni]; g != "" {
		e.findings.Report(finding.HostTaken, p.host.Origin, sni, itoa(int(e.opts.Gateway.HTTPSPort)), g)
		return
	}
	s := e.defaultServer()
	// A team's own server lists the host in the same words, which must not stand twice, or may do so any time.
	wide := e.opts.Ownership == emit.Team && !reject || strings.HasPrefix(name, "*")
	for _, ns := range []string{e.binder(p), e.gatewayNamespace()} {
		switch {
		case ns == e.gatewayNamespace() && !reject: // its * covers all
		case ns == e.binder(p) || len(p.tail) > 0:
			s.permit(ns, name, wide)
		}
	}
	p.attachTo(s.ref())
}

// permit lets a namespace bind a host.
func (s *server) permit(namespace, host string, wide bool) {
	if s.byNamespace[namespace] == nil {
		s.byNamespace[namespace] = &boundNames{}
	}
	b := s.byNamespace[namespace]
	b.wide = b.wide || wide
	b.exact = append(b.exact, strings.ToLower(host))
}

// tlsServer is the server of a certificate with its settings.
func (e *emitter) tlsServer(p *hostPlan, name string, c certificate) *server {
	h, ns := p.host, e.gatewayOwner(p)
	guard := h.Closed == nil && h.Guarded()
	base, id, port := gatewayTLSNamed, "tls default", portHTTPS
	if c.secret != nil {
		base, id = "i2g-"+dnsLabel(c.secret.Namespace+"-"+c.secret.Name), "tls "+c.secret.Namespace+"/"+c.secret.Name
	}
	if guard {
		base, id, port = "i2g-mtls-"+dnsLabel(h.Name), id+" guarded "+h.Name, portGuarded
	}
	if isWildcard(name) && (!guard || name != h.Name) {
		base, id = base+"-"+dnsLabel(name), id+" "+name
	}
	if h.Ciphers != nil && !guard {
		settings := fmt.Sprint(h.Ciphers.Names, h.Ciphers.None)
		base, id = base+"-"+shortHash(settings), id+" "+settings
	}
	s := e.servers.get(ns, e.names.claim("Gateway", ns, base, id, maxLabel), e.httpsPort(port))
	if s.tls == nil {
		credential := e.defaultCredential()
		if c.secret != nil {
			credential = e.secrets.credential(e, *c.secret, secretPair)
		}
		s.tls, s.guard, s.sni = e.serverTLS(h, credential), guard, strings.ToLower(name)
		if guard {
			e.clientCertificates(h, s)
		}
	}
	return s
}

// serverTLS are the TLS settings of a server; h is nil for the default certificate's.
func (e *emitter) serverTLS(h *model.Host, credential string) *networking.ServerTLSSettings {
	t := &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_SIMPLE, CredentialName: credential}
	lo, hi := e.edge.Global.MinTLS, e.edge.Global.MaxTLS
	ciphers := e.edge.Global.Ciphers
	if h != nil && h.Ciphers != nil {
		ciphers = h.Ciphers
	}
	if ciphers != nil {
		t.CipherSuites = ciphers.Names
		if ciphers.None {
			lo, hi = "TLSv1_3", "" // istiod drops names it does not know, and an empty list means the defaults
		}
	}
	t.MinProtocolVersion, t.MaxProtocolVersion = tlsVersion(lo), tlsVersion(hi)
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

// reportNoHTTPS says that a name has no HTTPS because no certificate is there for it.
func (e *emitter) reportNoHTTPS(h *model.Host, name string) {
	for _, r := range h.Rules {
		if r.HTTPSRedirect != nil && !r.HTTPSRedirect.NoHost {
			e.findings.Report(finding.DeadRedirect, r.HTTPSRedirect.Origin, name)
			return
		}
	}
	if h.Closed == nil && h.Guarded() {
		e.findings.Report(finding.NoHTTPS, h.ClientCerts.Origin, name)
		return
	}
	e.findings.Report(finding.NoHTTPS, h.Origin, name)
}
