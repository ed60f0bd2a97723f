package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Historical are keys and settings of older releases that the controller no longer reads. They are still found in the wild,
// and some of them look like a protection that is not there.
var Historical = annotations.Feature{
	Name: "historical",
	Keys: []annotations.Key{
		dead("add-base-url", "true | false", "2018", "Wrote a base element into pages.", "use relative links in the application"),
		dead("base-url-scheme", "text", "2018", "Scheme of the base element.", "use relative links in the application"),
		dead("grpc-backend", "true | false", "2018", "Spoke gRPC to the backend.", "backend-protocol took its place"),
		dead("secure-backends", "true | false", "2018", "Spoke TLS to the backend.", "the backend is spoken to in plain HTTP; backend-protocol took its place"),
		dead("secure-verify-ca-secret", "name", "2019", "CA for TLS backends.", "the backend's certificate is not verified; proxy-ssl-secret and proxy-ssl-verify took its place"),
		dead("session-cookie-hash", "md5 | sha1 | index", "2019", "Hash in the session cookie.", "sessions do not depend on it"),
		dead("upstream-fail-timeout", "seconds", "2018", "How long a failing endpoint was left out.", "outlierDetection in a DestinationRule does this"),
		dead("upstream-max-fails", "integer", "2018", "Failures after which an endpoint was left out.", "outlierDetection in a DestinationRule does this"),
		dead("mirror-uri", "path", "2020", "Path of mirrored requests.", "mirror-target took its place"),

		dead("enable-opentracing", "true | false", "release 1.10.0", "Made OpenTracing spans.", "enable-opentelemetry took its place; on Istio a Telemetry resource"),
		dead("opentracing-trust-incoming-span", "true | false", "release 1.10.0", "Went on with the client's trace.", "Envoy always goes on with the client's trace"),

		dead("enable-influxdb", "true | false", "release 1.8.0", "Sent request data to InfluxDB.", deadInflux),
		dead("influxdb-host", "host", "release 1.8.0", "Host of InfluxDB.", deadInflux),
		dead("influxdb-measurement", "text", "release 1.8.0", "Measurement in InfluxDB.", deadInflux),
		dead("influxdb-port", "port", "release 1.8.0", "Port of InfluxDB.", deadInflux),
		dead("influxdb-server-name", "text", "release 1.8.0", "Server name in InfluxDB.", deadInflux),

		dead("global-rate-limit", "integer", "release 1.12.0", "Requests per window, counted over all controller pods.", deadGlobalLimit),
		dead("global-rate-limit-window", "duration", "release 1.12.0", "Window of global-rate-limit.", deadGlobalLimit),
		dead("global-rate-limit-key", "text with variables", "release 1.12.0", "What global-rate-limit counted by.", deadGlobalLimit),
		dead("global-rate-limit-ignored-cidrs", "list of networks and addresses", "release 1.12.0", "Clients that global-rate-limit did not count.", deadGlobalLimit),

		dead("lua-resty-waf", "active | simulate | inactive", "2019", "Mode of a firewall inside nginx.", deadWAF),
		dead("lua-resty-waf-allow-unknown-content-types", "true | false", "2019", "Setting of that firewall.", deadWAF),
		dead("lua-resty-waf-debug", "true | false", "2019", "Setting of that firewall.", deadWAF),
		dead("lua-resty-waf-extra-rules", "text", "2019", "Rules of that firewall.", deadWAF),
		dead("lua-resty-waf-ignore-rulesets", "list", "2019", "Setting of that firewall.", deadWAF),
		dead("lua-resty-waf-process-multipart-body", "true | false", "2019", "Setting of that firewall.", deadWAF),
		dead("lua-resty-waf-score-threshold", "integer", "2019", "Setting of that firewall.", deadWAF),
	},
	Settings: deadSettings(
		"datadog-collector-host", "datadog-collector-port", "datadog-environment", "datadog-operation-name-override", "datadog-priority-sampling",
		"datadog-sample-rate", "datadog-service-name", "disable-lua-resty-waf", "enable-dynamic-tls-records", "enable-opentracing", "enable-vts-status",
		"global-rate-limit-memcached-connect-timeout", "global-rate-limit-memcached-host", "global-rate-limit-memcached-max-idle-timeout",
		"global-rate-limit-memcached-pool-size", "global-rate-limit-memcached-port", "global-rate-limit-status-code", "jaeger-baggage-header",
		"jaeger-collector-host", "jaeger-collector-port", "jaeger-debug-header", "jaeger-endpoint", "jaeger-propagation-format", "jaeger-sampler-host",
		"jaeger-sampler-param", "jaeger-sampler-port", "jaeger-sampler-type", "jaeger-service-name", "jaeger-trace-baggage-header-prefix",
		"jaeger-trace-context-header-name", "opentracing-location-operation-name", "opentracing-operation-name", "opentracing-trust-incoming-span",
		"plugins", "upstream-fail-timeout", "upstream-max-fails", "use-geoip", "vts-default-filter-key", "vts-status-zone-size", "vts-sum-key",
		"zipkin-collector-host", "zipkin-collector-port", "zipkin-sample-rate", "zipkin-service-name",
	),
}

// What is said of more than one dead key.
const (
	deadInflux      = "request data is not sent; use Istio's metrics"
	deadGlobalLimit = "nothing is limited; older controllers did, which takes a rate limit service on Istio"
	deadWAF         = "no firewall is in force; put one in front of the gateway, or load Coraza as a WasmPlugin"
)

// dead declares a key that the controller no longer reads.
func dead(name, syntax, since, doc, note string) annotations.Key {
	return annotations.Key{Name: name, Syntax: syntax, Scope: "ingress", Risk: "Low", Class: finding.Noop, Since: since, Doc: doc, Note: note}
}

// deadSettings declares settings that the controller no longer reads.
func deadSettings(names ...string) []annotations.Setting {
	ss := make([]annotations.Setting, len(names))
	for i, n := range names {
		ss[i] = annotations.Setting{Name: n, Syntax: "none", Class: finding.Noop, Doc: "Setting of an older release.", Note: "the controller no longer reads it"}
	}
	return ss
}
