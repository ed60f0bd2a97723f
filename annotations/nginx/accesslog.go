package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// AccessLog says which requests are logged, where and how.
var AccessLog = annotations.Feature{
	Name: "access-log",
	Keys: []annotations.Key{
		{
			Name: "enable-access-log", Syntax: "true | false", Default: "true", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc: "false leaves the location out of the access log.", Note: "the gateway's access log leaves the route out",
		},
		{
			Name: "enable-rewrite-log", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Noop,
			Doc: "Writes every step of nginx's rewriting into the error log.", Note: "a debugging aid of nginx",
		},
	},
	Settings: []annotations.Setting{
		{Name: "disable-access-log", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Switches all access logs off.", Note: logByTelemetry},
		{Name: "disable-http-access-log", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Switches the access log of HTTP off.", Note: logByTelemetry},
		{Name: "disable-stream-access-log", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Switches the access log of TCP and UDP ports off.", Note: logByTelemetry},
		{Name: "skip-access-log-urls", Syntax: "list of paths", Class: finding.Manual,
			Doc: "Paths that are not logged.", Note: logByTelemetry},
		{Name: "enable-access-log-for-default-backend", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Logs requests that the controller's own default backend answers.", Note: logByTelemetry},
		{Name: "enable-auth-access-log", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Noop,
			Doc: "Logs the requests that ask the external authentication.", Note: "these requests never have an access log entry of their own"},
		{Name: "log-format-upstream", Syntax: "nginx log format", Class: finding.Manual,
			Doc: "Format of the HTTP access log.", Note: "write the format you need into meshConfig.accessLogFormat, in Envoy's own words"},
		{Name: "log-format-stream", Syntax: "nginx log format", Class: finding.Manual,
			Doc: "Format of the access log of TCP and UDP ports.", Note: "write the format you need into meshConfig.accessLogFormat, in Envoy's own words"},
		{Name: "log-format-escape-json", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Escapes log values for JSON.", Note: "set meshConfig.accessLogEncoding to JSON"},
		{Name: "log-format-escape-none", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Noop,
			Doc: "Writes log values without escaping.", Note: "Envoy escapes log values itself"},
		{Name: "access-log-params", Syntax: "text", Class: finding.Noop, Doc: "Further parameters of nginx's access log, such as buffers.", Note: logOwn},
		{Name: "access-log-path", Syntax: "path", Default: "/var/log/nginx/access.log", Class: finding.Noop, Doc: "File of the access logs.", Note: logOwn},
		{Name: "http-access-log-path", Syntax: "path", Class: finding.Noop, Doc: "File of the HTTP access log.", Note: logOwn},
		{Name: "stream-access-log-path", Syntax: "path", Class: finding.Noop, Doc: "File of the access log of TCP and UDP ports.", Note: logOwn},
		{Name: "error-log-path", Syntax: "path", Default: "/var/log/nginx/error.log", Class: finding.Noop, Doc: "File of the error log.", Note: logOwn},
		{Name: "error-log-level", Syntax: "level", Default: "notice", Class: finding.Noop, Doc: "What goes into the error log.", Note: logOwn},
		{Name: "enable-syslog", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Manual,
			Doc: "Sends the logs to a syslog server.", Note: logBySyslog},
		{Name: "syslog-host", Syntax: "host", Class: finding.Manual, Doc: "Host of the syslog server.", Note: logBySyslog},
		{Name: "syslog-port", Syntax: "port", Default: "514", Check: integer, Class: finding.Manual, Doc: "Port of the syslog server.", Note: logBySyslog},
		{Name: "debug-connections", Syntax: "list of networks and addresses", Class: finding.Noop, Doc: "Clients whose connections are logged in detail.", Note: "a debugging aid of nginx"},
		{Name: "internal-logger-address", Flag: true, Syntax: "host:port", Default: "127.0.0.1:11514", Class: finding.Noop, Doc: "Address of the controller's own log collector.", Note: logOwn},
	},
}

// What is said of more than one log setting.
const (
	logByTelemetry = "say it in a Telemetry resource for the gateway (accessLogging, with a filter expression)"
	logBySyslog    = "Envoy writes to stdout or to an OpenTelemetry collector; let the node's log collector forward it"
	logOwn         = "the gateway writes its logs to stdout"
)
