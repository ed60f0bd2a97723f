package nginx

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ServerTLS is how the controller speaks TLS to clients, for all hosts.
var ServerTLS = annotations.Feature{
	Name: "server-tls",
	Settings: []annotations.Setting{
		{Name: "ssl-protocols", Syntax: "list of TLS versions", Default: "TLSv1.2 TLSv1.3", Class: finding.Exact,
			Doc: "TLS versions for clients.", Note: "lowest and highest TLS version of the Gateway's servers"},
		{Name: "ssl-ecdh-curve", Syntax: "list of curves", Default: "auto", Class: finding.Manual, Doc: "Curves for the key exchange.", Note: "the gateway offers X25519 and P-256; other curves need an EnvoyFilter of your own"},
		{Name: "ssl-dh-param", Syntax: "namespace/name", Class: finding.Noop, Doc: "Secret with Diffie-Hellman parameters.", Note: "Envoy has no DHE ciphers"},
		{Name: "ssl-early-data", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Accepts TLS 1.3 early data, which may be replayed.", Note: "the gateway accepts no early data; clients send it again"},
		{Name: "ssl-session-cache", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Noop, Doc: "Keeps TLS sessions in memory.", Note: sessionsOwn},
		{Name: "ssl-session-cache-size", Syntax: "size", Default: "10m", Class: finding.Noop, Doc: "Size of the session cache.", Note: sessionsOwn},
		{Name: "ssl-session-tickets", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Noop, Doc: "Resumes TLS sessions by tickets.", Note: sessionsOwn},
		{Name: "ssl-session-ticket-key", Syntax: "base64", Class: finding.Noop, Doc: "Key of the session tickets.", Note: sessionsOwn},
		{Name: "ssl-session-timeout", Syntax: "time", Default: "10m", Class: finding.Noop, Doc: "How long a TLS session may be resumed.", Note: sessionsOwn},
		{Name: "ssl-buffer-size", Syntax: "size", Default: "4k", Class: finding.Noop, Doc: "Buffer for TLS records.", Note: "Envoy sizes TLS records itself"},
		{Name: "ssl-reject-handshake", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc: "Refuses TLS for unknown names.", Note: "the gateway refuses unknown names unless a default certificate is given"},
		{Name: "enable-ocsp", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Staples OCSP answers.", Note: "the gateway staples only what the Secret holds under tls.ocsp-staple"},
		{Name: "use-http2", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Approximate,
			Doc: "Offers HTTP/2 over TLS.", Note: "the gateway always offers HTTP/2, which its clients may decline: Istio has no field for it, and a patch can add to the protocols that are offered but not take away from them"},
		{Name: "http2-max-concurrent-streams", Syntax: "integer", Default: "128", Check: integer, Class: finding.Exact,
			Doc: "Concurrent requests over one HTTP/2 connection.", Note: "the gateway has the same limit"},
		{Name: "default-ssl-certificate", Flag: true, Syntax: "namespace/name", Class: finding.Exact,
			Doc: "Certificate of hosts without one of their own.", Note: "certificate of the hosts without one, and of unknown names"},
		{Name: "enable-ssl-chain-completion", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Fetches missing intermediate certificates.", Note: "the Secrets must hold the complete chain"},
	},
	Edge: serverTLS,
}

// serverTLS fills what holds for all TLS servers.
func serverTLS(e *annotations.Edge) {
	g := &e.Model.Global
	if e.HasSetting("ssl-protocols") {
		g.MinTLS, g.MaxTLS = tlsRange(e)
	}
	if e.SettingBool("ssl-reject-handshake") {
		g.RejectUnknown = true
		e.Setting(finding.Exact, "ssl-reject-handshake", "the server of the default certificate takes only the names that need it; unknown ones find no server")
	} else if e.HasSetting("ssl-reject-handshake") {
		e.Setting(finding.Exact, "ssl-reject-handshake", "unknown names get the default certificate")
	}
	if e.HasSetting("use-http2") && e.SettingBool("use-http2") {
		e.Setting(finding.Exact, "use-http2", "the gateway offers HTTP/2")
	}
	g.DefaultCertificate = defaultCertificate(e)
}

// tlsRange is the lowest and highest version of ssl-protocols.
func tlsRange(e *annotations.Edge) (lowest, highest string) {
	versions := []string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
	lo, hi, n := len(versions), -1, 0
	for w := range strings.FieldsSeq(e.SettingText("ssl-protocols")) {
		switch i := slices.Index(versions, w); {
		case i >= 0:
			lo, hi, n = min(lo, i), max(hi, i), n+1
		case w == "SSLv2" || w == "SSLv3":
			e.Setting(finding.Approximate, "ssl-protocols", w+" is left out: nobody speaks it any more")
		default:
			e.Setting(finding.Manual, "ssl-protocols", annotations.Quote(w)+" is no version of TLS; it is left out")
		}
	}
	if n == 0 {
		return "", ""
	}
	if hi-lo+1 > n {
		e.Setting(finding.Approximate, "ssl-protocols", "versions between the lowest and the highest are served as well")
	}
	names := []string{"TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"}
	return names[lo], names[hi]
}

// defaultCertificate is the Secret of --default-ssl-certificate; nil if there is none, or none that can be served: the
// controller makes up a certificate then.
func defaultCertificate(e *annotations.Edge) *model.SecretRef {
	const flag = "default-ssl-certificate"
	v, ok := e.Settings.Flag(flag)
	if !ok {
		return nil
	}
	ns, name, ok := cutRef(v)
	if !ok {
		e.Setting(finding.Manual, flag, annotations.Quote(v)+" is not namespace/name")
		return nil
	}
	ref := model.SecretRef{Namespace: ns, Name: name}
	switch c := checkPair(e.Lookup, ref); {
	case c.missing:
		e.Findings.Report(finding.SecretMissing, e.Settings.FlagOrigin(flag), v, "it cannot be the default certificate; the controller makes one up then")
		return nil
	case c.err != nil:
		e.Findings.Report(finding.SecretBroken, e.Settings.FlagOrigin(flag), v, c.err.Error(), "it cannot be the default certificate; the controller makes one up then")
		return nil
	case c.unseen:
		e.Findings.Report(finding.SecretUnseen, e.Settings.FlagOrigin(flag), v, "it is named as it is")
	}
	return &ref
}

// defaultCertificateRef names the Secret of --default-ssl-certificate, whatever it holds; nil if there is none.
func defaultCertificateRef(e *annotations.Edge) *model.SecretRef {
	v, _ := e.Settings.Flag("default-ssl-certificate")
	ns, name, ok := cutRef(v)
	if !ok {
		return nil
	}
	return &model.SecretRef{Namespace: ns, Name: name}
}

const sessionsOwn = "Envoy keeps TLS sessions in its own way; clients notice nothing but a full handshake"

// Keepalive says how long connections stay open, on both sides.
var Keepalive = annotations.Feature{
	Name: "keepalive",
	Settings: []annotations.Setting{
		{Name: "keep-alive", Syntax: "seconds", Default: "75", Check: integer, Class: finding.Exact,
			Doc: "How long an idle client connection stays open.", Note: "the gateway keeps idle connections as long"},
		{Name: "keep-alive-requests", Syntax: "integer", Default: "1000", Check: integer, Class: finding.Exact,
			Doc: "Requests over one client connection.", Note: "the gateway closes connections after as many requests"},
		{Name: "upstream-keepalive-connections", Syntax: "integer", Default: "320", Check: integer, Class: finding.Noop, Doc: "Idle connections to backends that are kept.", Note: "Envoy keeps connections to backends itself"},
		{Name: "upstream-keepalive-timeout", Syntax: "seconds", Default: "60", Check: integer, Class: finding.Approximate,
			Doc: "How long an idle connection to a backend is kept.", Note: upstreamPool},
		{Name: "upstream-keepalive-requests", Syntax: "integer", Default: "10000", Check: integer, Class: finding.Approximate, Doc: "Requests over one connection to a backend.", Note: upstreamPool},
		{Name: "upstream-keepalive-time", Syntax: "time", Default: "1h", Class: finding.Approximate, Doc: "Longest life of a connection to a backend.", Note: upstreamPool},
	},
	Edge: keepalive,
}

const upstreamPool = "Envoy keeps connections to backends for an hour without use; if backends close theirs earlier, set connectionPool (idleTimeout, maxRequestsPerConnection, maxConnectionDuration) in the DestinationRule"
