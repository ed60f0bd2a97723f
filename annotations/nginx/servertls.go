package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
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
			Doc: "Offers HTTP/2 over TLS.", Note: "the gateway always offers HTTP/2"},
		{Name: "http2-max-concurrent-streams", Syntax: "integer", Default: "128", Check: integer, Class: finding.Exact,
			Doc: "Concurrent requests over one HTTP/2 connection.", Note: "the gateway has the same limit"},
		{Name: "default-ssl-certificate", Flag: true, Syntax: "namespace/name", Class: finding.Exact,
			Doc: "Certificate of hosts without one of their own.", Note: "certificate of the hosts without one, and of unknown names"},
		{Name: "enable-ssl-chain-completion", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Fetches missing intermediate certificates.", Note: "the Secrets must hold the complete chain"},
	},
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
