package casefile

import (
	"strings"
)

// features gives each cover its row in the table, by the longest matching beginning of its name. Annotations, ConfigMap keys and flags of one
// subject share a row.
var features = []struct{ prefix, feature string }{
	{"spec/host", "hosts"},
	{"spec/tls", "TLS"},
	{"spec/path", "paths"},
	{"spec/merge", "merging Ingresses"},
	{"spec/conflict", "merging Ingresses"},
	{"spec/namespace", "merging Ingresses"},
	{"spec/ingressClassName", "classes"},
	{"spec/annotation-validation", "classes"},
	{"spec/defaultBackend", "default backends"},
	{"spec/service", "Services"},
	{"spec/load-balancing", "load balancing"},
	{"spec/websocket", "protocols"},
	{"spec/forwarded-headers", "forwarded headers"},
	{"spec/transparency", "transparency"},
	{"spec/", "other Ingress semantics"},
	{"affinity", "session affinity"},
	{"session-cookie", "session affinity"},
	{"upstream-hash-by", "session affinity"},
	{"auth-tls", "client certificates"},
	{"auth-", "authentication"},
	{"global-auth", "authentication"},
	{"enable-global-auth", "authentication"},
	{"satisfy", "authentication"},
	{"allowlist-source-range", "address lists"},
	{"whitelist-source-range", "address lists"},
	{"denylist-source-range", "address lists"},
	{"block-", "address lists"},
	{"enable-real-ip", "forwarded headers"},
	{"use-forwarded-headers", "forwarded headers"},
	{"use-proxy-protocol", "forwarded headers"},
	{"compute-full-forwarded-for", "forwarded headers"},
	{"x-forwarded-prefix", "rewriting"},
	{"rewrite-target", "rewriting"},
	{"app-root", "rewriting"},
	{"upstream-vhost", "rewriting"},
	{"use-regex", "paths"},
	{"canary", "canaries"},
	{"cors-", "CORS"},
	{"enable-cors", "CORS"},
	{"limit-", "limits"},
	{"proxy-body-size", "limits"},
	{"large-client-header", "limits"},
	{"mirror", "mirroring"},
	{"permanent-redirect", "redirects"},
	{"temporal-redirect", "redirects"},
	{"from-to-www-redirect", "redirects"},
	{"relative-redirects", "redirects"},
	{"use-port-in-redirects", "redirects"},
	{"preserve-trailing-slash", "redirects"},
	{"ssl-redirect", "HTTPS redirects and HSTS"},
	{"force-ssl-redirect", "HTTPS redirects and HSTS"},
	{"http-redirect-code", "HTTPS redirects and HSTS"},
	{"no-tls-redirect", "HTTPS redirects and HSTS"},
	{"hsts", "HTTPS redirects and HSTS"},
	{"ssl-passthrough", "TCP and TLS passthrough"},
	{"tcp-services", "TCP and TLS passthrough"},
	{"stream-snippet", "snippets"},
	{"server-alias", "hosts"},
	{"disable-catch-all", "default backends"},
	{"default-backend", "default backends"},
	{"custom-http-errors", "error pages"},
	{"disable-proxy-intercept-errors", "error pages"},
	{"default-ssl-certificate", "TLS"},
	{"ssl-", "TLS"},
	{"use-http2", "protocols"},
	{"backend-protocol", "protocols"},
	{"fastcgi", "protocols"},
	{"proxy-http-version", "protocols"},
	{"connection-proxy-header", "headers"},
	{"proxy-ssl", "TLS to backends"},
	{"proxy-next-upstream", "timeouts and retries"},
	{"retry-non-idempotent", "timeouts and retries"},
	{"proxy-connect-timeout", "timeouts and retries"},
	{"proxy-read-timeout", "timeouts and retries"},
	{"proxy-send-timeout", "timeouts and retries"},
	{"proxy-cookie", "headers"},
	{"proxy-redirect", "headers"},
	{"proxy-set-headers", "headers"},
	{"proxy-add-original-uri-header", "headers"},
	{"add-headers", "headers"},
	{"custom-headers", "headers"},
	{"hide-headers", "headers"},
	{"server-tokens", "headers"},
	{"generate-request-id", "headers"},
	{"enable-underscores-in-headers", "headers"},
	{"ignore-invalid-headers", "headers"},
	{"gzip-types", "compression"},
	{"use-gzip", "compression"},
	{"enable-brotli", "compression"},
	{"proxy-buffer", "buffering"},
	{"proxy-request-buffering", "buffering"},
	{"load-balance", "load balancing"},
	{"configuration-snippet", "snippets"},
	{"server-snippet", "snippets"},
	{"enable-modsecurity", "ModSecurity"},
	{"enable-opentelemetry", "tracing"},
	{"enable-access-log", "logs and probes"},
	{"health-check-path", "logs and probes"},
	{"annotations-prefix", "classes"},
}

// OtherFeature is the row of what has none.
const OtherFeature = "other"

// Feature is the row of the case: that of the first thing it covers.
func Feature(c *Case) string {
	if len(c.Covers) == 0 {
		return OtherFeature
	}
	return FeatureOf(c.Covers[0])
}

// FeatureOf is the row of a cover, an annotation, a ConfigMap key or a flag.
func FeatureOf(key string) string {
	name := strings.TrimLeft(key, "-")
	if !strings.HasPrefix(name, "spec/") {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	best, feature := -1, OtherFeature
	for _, f := range features {
		if strings.HasPrefix(name, f.prefix) && len(f.prefix) > best {
			best, feature = len(f.prefix), f.feature
		}
	}
	return feature
}
