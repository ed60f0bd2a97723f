package nginx

import "github.com/ingress2gw/ingress2gw/annotations"

// Features lists what ingress-nginx can do, in the order in which the hooks run: where a request goes, who may pass, how
// much, what is changed on the way, and at last what is answered without a backend. Settings without annotations and dead
// keys close the list.
func Features() []annotations.Feature {
	return []annotations.Feature{
		// Which Ingresses and hosts are served, and by which path.
		Selection,
		Validation,
		Alias,
		Rewrite,

		// The backend, and how to speak to it.
		ServiceUpstream,
		BackendProtocol,
		BackendTLS,
		FastCGI,
		UpstreamVhost,
		HTTPVersion,
		ConnectionHeader,
		Balance,
		Affinity,
		Canary,
		Timeouts,
		Retries,
		Fallback,
		Mirror,
		Keepalive,

		// The client's connection.
		ServerTLS,
		ServerCiphers,
		Passthrough,
		ClientCerts,
		ProxyProtocol,
		Forwarded,
		Listeners,

		// Who may pass.
		BlockLists,
		Access,
		BasicAuth,
		ExtAuth,
		Satisfy,
		ModSecurity,

		// How much.
		RateLimit,
		ConnectionLimit,
		Bandwidth,
		Body,
		HeaderLimits,
		Buffering,

		// What is changed on the way.
		RequestHeaders,
		ResponseHeaders,
		CustomHeaders,
		CORS,
		HSTS,
		LocationRewrite,
		CookieRewrite,
		ErrorPages,
		Compression,

		// What is written down.
		AccessLog,
		Tracing,
		Metrics,

		// What is answered without a backend.
		SSLRedirect,
		Redirect,
		RelativeRedirects,
		WWWRedirect,
		AppRoot,
		Snippets,

		// Other ports, tuning, and what is dead.
		Streams,
		HTTP2Push,
		Worker,
		GeoIP,
		Process,
		Historical,
	}
}
