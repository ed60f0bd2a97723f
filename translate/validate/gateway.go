package validate

import (
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) gateway(g *istionet.Gateway) {
	if !isLabel(c.obj.Name) {
		c.bad(nil, "metadata.name", "%q: a Gateway's name is one DNS label (no dots, at most 63)", c.obj.Name)
	}
	for _, k := range sortedKeys(g.Selector) {
		if k == "" || !isLabelValue(g.Selector[k]) {
			c.bad(&specPlace, "selector", "%q=%q selects nothing", k, g.Selector[k])
		}
	}
	servers := specPlace.field("servers")
	if len(g.Servers) == 0 {
		c.bad(&servers, "", "a Gateway needs a server")
	}
	names := make(map[string]bool, len(g.Servers))
	for i, s := range g.Servers {
		p := servers.item(i)
		c.server(&p, s)
		if name := s.GetPort().GetName(); name != "" && names[name] {
			c.bad(&p, "port.name", "%q is used twice in this Gateway", name)
		} else {
			names[name] = true
		}
	}
}

func (c *check) server(p *at, s *istionet.Server) {
	if len(s.Hosts) == 0 {
		c.bad(p, "hosts", "a server needs a host")
	}
	hosts := p.field("hosts")
	for i, h := range s.Hosts {
		place := hosts.item(i)
		c.serverHost(&place, h)
	}
	if s.Bind != "" && !isIP(s.Bind) {
		c.bad(p, "bind", "%q is not an address", s.Bind)
	}
	port := s.GetPort()
	if port == nil {
		c.bad(p, "port", "is required")
		return
	}
	kind := protocolOf(port.Protocol)
	if kind == unknownProtocol {
		c.bad(p, "port.protocol", "%q is none of HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP, TLS", port.Protocol)
	}
	c.port(p, "port.number", port.Number)
	if port.Name == "" {
		c.bad(p, "port.name", "is required")
	}
	if port.GetTargetPort() != 0 { //nolint:staticcheck // refused by Istio for being without effect
		c.bad(p, "port.targetPort", "has no effect on a Gateway")
	}
	c.serverTLS(p, s, kind)
}

// serverHost checks HOST, *.HOST or NAMESPACE/HOST.
func (c *check) serverHost(p *at, h string) {
	ns, name, ok := strings.Cut(h, "/")
	if !ok {
		ns, name = "*", h
	}
	if ns != "*" && ns != "." && !isLabel(ns) {
		c.bad(p, "", "%s: %q is not a namespace", quote(h), ns)
	}
	switch problem := domainProblem(name); {
	case name != "*" && !strings.Contains(name, "."):
		c.bad(p, "", "%s: a short name is not allowed here", quote(h))
	case problem != "" && !isIP(name):
		c.bad(p, "", "%s: %s", quote(h), problem)
	case strings.Contains(name, "*") && name != "*" && !strings.HasPrefix(name, "*."):
		c.bad(p, "", "%s: only a whole label may be a wildcard", quote(h))
	}
}

// port checks a port number.
func (c *check) port(p *at, sub string, n uint32) {
	if n < 1 || n > 65535 {
		c.bad(p, sub, "%d is not a port (1 to 65535)", n)
	}
}

// protocol is what matters of a port's protocol.
type protocol int

const (
	unknownProtocol protocol = iota
	plainHTTP
	tlsProtocol
	plainTCP
)

// protocolOf reads the name of a protocol, in any case.
func protocolOf(name string) protocol {
	switch strings.ToLower(name) {
	case "http", "http2", "grpc", "grpc-web", "http_proxy":
		return plainHTTP
	case "https", "tls":
		return tlsProtocol
	case "tcp", "mongo", "redis", "mysql", "udp":
		return plainTCP
	}
	return unknownProtocol
}

func (c *check) serverTLS(p *at, s *istionet.Server, kind protocol) {
	t := s.Tls
	switch {
	case t == nil && kind == tlsProtocol:
		c.bad(p, "tls", "is required for protocol %s", s.Port.Protocol)
	case t != nil && kind == plainTCP:
		c.bad(p, "tls", "protocol %s takes no TLS settings", s.Port.Protocol)
	case t != nil && kind == plainHTTP && (t.Mode != istionet.ServerTLSSettings_PASSTHROUGH ||
		t.CaCertificates != "" || t.PrivateKey != "" || t.ServerCertificate != ""):
		c.bad(p, "tls", "protocol %s takes only httpsRedirect", s.Port.Protocol)
	}
	if t != nil {
		place := p.field("tls")
		c.tlsSettings(&place, t)
	}
}

func (c *check) tlsSettings(p *at, t *istionet.ServerTLSSettings) {
	if n := len(t.CredentialNames); n > 2 {
		c.bad(p, "credentialNames", "%d entries, at most 2", n)
	}
	if n := len(t.TlsCertificates); n > 2 {
		c.bad(p, "tlsCertificates", "%d entries, at most 2", n)
	}
	sources := 0
	for _, given := range []bool{
		t.CredentialName != "", len(t.CredentialNames) > 0, len(t.TlsCertificates) > 0, t.ServerCertificate != "" && t.PrivateKey != "",
	} {
		if given {
			sources++
		}
	}
	if sources > 1 {
		c.bad(p, "", "only one of credentialName, credentialNames, serverCertificate with privateKey, and tlsCertificates")
	}
	for _, name := range append([]string{t.CredentialName, t.CaCertCredentialName}, t.CredentialNames...) {
		c.credential(p, name)
	}
	c.ciphers(p, t.CipherSuites)
	if t.MaxProtocolVersion != 0 && t.MinProtocolVersion > t.MaxProtocolVersion {
		c.bad(p, "minProtocolVersion", "%v is above the maximum", t.MinProtocolVersion)
	}
	switch t.Mode {
	case istionet.ServerTLSSettings_ISTIO_MUTUAL:
		if sources > 0 || t.ServerCertificate != "" || t.PrivateKey != "" || t.CaCertificates != "" {
			c.bad(p, "mode", "ISTIO_MUTUAL takes no certificates")
		}
	case istionet.ServerTLSSettings_PASSTHROUGH, istionet.ServerTLSSettings_AUTO_PASSTHROUGH:
		if sources > 0 || t.CaCertificates != "" || t.CaCrl != "" {
			c.bad(p, "mode", "%v uses no certificates", t.Mode)
		}
	case istionet.ServerTLSSettings_SIMPLE:
		c.serverCertificates(p, t)
		if t.CaCrl != "" {
			c.bad(p, "caCrl", "is not for mode SIMPLE")
		}
	case istionet.ServerTLSSettings_MUTUAL, istionet.ServerTLSSettings_OPTIONAL_MUTUAL:
		c.serverCertificates(p, t)
		if t.CredentialName == "" && len(t.CredentialNames) == 0 && t.CaCertificates == "" {
			c.bad(p, "caCertificates", "mode %v needs the CA of the clients", t.Mode)
		}
		if t.CaCrl != "" && t.CredentialName != "" {
			c.bad(p, "caCrl", "belongs into the Secret when credentialName is given")
		}
	}
}

func (c *check) serverCertificates(p *at, t *istionet.ServerTLSSettings) {
	if t.CredentialName != "" || len(t.CredentialNames) > 0 {
		return
	}
	pairs := t.TlsCertificates
	if len(pairs) == 0 {
		pairs = []*istionet.ServerTLSSettings_TLSCertificate{{ServerCertificate: t.ServerCertificate, PrivateKey: t.PrivateKey}}
	}
	for _, pair := range pairs {
		if pair.GetServerCertificate() == "" || pair.GetPrivateKey() == "" {
			c.bad(p, "", "mode %v needs a certificate and a key", t.Mode)
		}
	}
}

// credential checks the name of a Secret, alone or as a URI.
func (c *check) credential(p *at, name string) {
	if name == "" {
		return
	}
	scheme, rest, uri := strings.Cut(name, "://")
	if !uri {
		if !isSubdomain(name) {
			c.bad(p, "credentialName", "%s is not the name of a Secret", quote(name))
		}
		return
	}
	ns, secret, both := strings.Cut(rest, "/")
	switch scheme {
	case "kubernetes":
		if !both {
			ns, secret = "", rest
		}
	case "kubernetes-gateway", "configmap":
		if !both || ns == "" {
			c.bad(p, "credentialName", "%s: %s:// takes namespace/name", quote(name), scheme)
			return
		}
	case "sds":
		if rest == "" {
			c.bad(p, "credentialName", "%s names nothing", quote(name))
		}
		return
	default:
		c.bad(p, "credentialName", "%s: unknown scheme", quote(name))
		return
	}
	if !isSubdomain(secret) || ns != "" && !isLowerLabel(ns) {
		c.bad(p, "credentialName", "%s is not the name of a Secret", quote(name))
	}
}

// cipherSuites are what a gateway can offer. Istio leaves others out silently, and what remains may be nothing.
var cipherSuites = map[string]bool{
	"ECDHE-ECDSA-AES128-GCM-SHA256": true, "ECDHE-RSA-AES128-GCM-SHA256": true, "ECDHE-ECDSA-AES256-GCM-SHA384": true,
	"ECDHE-RSA-AES256-GCM-SHA384": true, "ECDHE-ECDSA-CHACHA20-POLY1305": true, "ECDHE-RSA-CHACHA20-POLY1305": true,
	"ECDHE-ECDSA-AES128-SHA": true, "ECDHE-RSA-AES128-SHA": true, "ECDHE-ECDSA-AES256-SHA": true, "ECDHE-RSA-AES256-SHA": true,
	"AES128-GCM-SHA256": true, "AES256-GCM-SHA384": true, "AES128-SHA": true, "AES256-SHA": true, "DES-CBC3-SHA": true,
}

func (c *check) ciphers(p *at, suites []string) {
	seen := make(map[string]bool, len(suites))
	for i, s := range suites {
		place := p.field("cipherSuites")
		item := place.item(i)
		switch {
		case !cipherSuites[s]:
			c.bad(&item, "", "%s is not a cipher suite of the gateway", quote(s))
		case seen[s]:
			c.bad(&item, "", "%s is given twice", s)
		}
		seen[s] = true
	}
}
