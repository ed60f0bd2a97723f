package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// RequestHeaders are what every backend gets, and what is dropped on the way in.
var RequestHeaders = annotations.Feature{
	Name: "request-headers",
	Settings: []annotations.Setting{
		{Name: "proxy-set-headers", Syntax: "namespace/name", Class: finding.Exact,
			Doc: "ConfigMap with request headers for all backends; values may hold nginx variables.", Note: "set on every request; a header whose variable Envoy does not know cannot be translated"},
		{Name: "enable-underscores-in-headers", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Lets request headers with underscores pass; otherwise they are dropped.", Note: "the gateway drops them or lets them pass as before"},
		{Name: "ignore-invalid-headers", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Exact,
			Doc: "Drops request headers with other characters than letters, digits and hyphens.", Note: "the gateway drops them or lets them pass as before"},
		{Name: "proxy-add-original-uri-header", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Sends the client's path and query to the backend in X-Original-URI.", Note: "set on every request, with the path as the gateway normalises it"},
		{Name: "generate-request-id", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Exact,
			Doc: "Makes an X-Request-ID for requests without one.", Note: "the gateway makes one, as a UUID with hyphens, or none"},
	},
}

// HeaderLimits bound the head of a request and the time it may take.
var HeaderLimits = annotations.Feature{
	Name: "header-limits",
	Settings: []annotations.Setting{
		{Name: "large-client-header-buffers", Syntax: "number size", Default: "4 8k", Class: finding.Approximate,
			Doc: "Largest head of a request; a longer line gets 414 or 400.", Note: "one limit for the whole head of a request, answered with 431"},
		{Name: "client-header-buffer-size", Syntax: "size n[k|m]", Default: "1k", Check: size, Class: finding.Noop,
			Doc: "First buffer for the head of a request.", Note: "Envoy has one limit for the whole head"},
		{Name: "client-header-timeout", Syntax: "seconds", Default: "60", Check: integer, Class: finding.Approximate,
			Doc: "Longest time for the head of a request.", Note: "the gateway has no such timeout; set connectionSettings in the mesh configuration if slow clients are a worry"},
		{Name: "http2-max-field-size", Syntax: "size", Class: finding.Noop, Doc: "Largest header over HTTP/2; nginx ignores it since 1.19.7.", Note: "dead in nginx already"},
		{Name: "http2-max-header-size", Syntax: "size", Class: finding.Noop, Doc: "Largest head over HTTP/2; nginx ignores it since 1.19.7.", Note: "dead in nginx already"},
		{Name: "http2-max-requests", Syntax: "integer", Default: "0", Check: integer, Class: finding.Noop, Doc: "Requests over one HTTP/2 connection; nginx ignores it since 1.19.7.", Note: "dead in nginx already"},
	},
}
