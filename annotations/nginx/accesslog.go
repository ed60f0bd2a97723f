package nginx

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// AccessLog says which requests are logged, where and how.
var AccessLog = annotations.Feature{
	Name: "access-log",
	Keys: []annotations.Key{
		{
			Name: "enable-access-log", Syntax: "true | false", Default: "true", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc: "false leaves the location out of the access log.", Note: "the gateway's access log leaves the route out (a Telemetry resource with a filter for the log on stdout; if the mesh logs by another provider, name that one there)",
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
	Route: accessLog,
	Edge:  accessLogs,
}

// accessLog fills Rule.AccessLog.
func accessLog(r *annotations.Route) {
	if !r.Has("enable-access-log") || r.SlashRedirect {
		return
	}
	switch {
	case logsOff(r.Edge):
		r.Overruled("enable-access-log", "a controller setting switches all access logs off")
	case r.Bool("enable-access-log"):
		r.Exact("enable-access-log", "the gateway logs every route unless told otherwise")
	default:
		r.Model.AccessLog = &model.AccessLog{Off: true, Origin: r.Origin("enable-access-log")}
	}
}

// logsOff tells whether HTTP requests are not logged at all.
func logsOff(e *annotations.Edge) bool {
	for _, name := range [...]string{"disable-access-log", "disable-http-access-log"} {
		if switchedOn(e, name) {
			return true
		}
	}
	return false
}

// accessLogs fills what Global says about logging.
func accessLogs(e *annotations.Edge) {
	g := &e.Model.Global
	for _, name := range []string{"disable-access-log", "disable-http-access-log"} {
		switch {
		case !e.HasSetting(name):
		case !e.SettingBool(name):
			e.Setting(finding.Exact, name, "the gateway logs as the mesh is configured")
		case name == "disable-http-access-log" && streamsLogged(e):
			e.Setting(finding.Manual, name, "the gateway cannot log TCP ports and leave HTTP out; "+logByTelemetry)
		default:
			g.NoAccessLog = true
			e.Setting(finding.Exact, name, "the gateway logs nothing (Telemetry)")
			state(e, "NoAccessLog", name)
		}
	}
	if _, tcp := e.Settings.Flag("tcp-services-configmap"); !tcp && e.HasSetting("disable-stream-access-log") {
		e.Setting(finding.Noop, "disable-stream-access-log", "there are no TCP or UDP ports")
	}
	skippedPaths(e)
}

// streamsLogged tells whether there are TCP ports whose connections are logged.
func streamsLogged(e *annotations.Edge) bool {
	_, tcp := e.Settings.Flag("tcp-services-configmap")
	return tcp && !e.SettingBool("disable-access-log") && !e.SettingBool("disable-stream-access-log")
}

// skippedPaths fills Global.LogSkip. Entries are compared with path and query as they are received, ignoring case.
func skippedPaths(e *annotations.Edge) {
	const name = "skip-access-log-urls"
	list := annotations.SplitList(e.SettingText(name))
	if len(list) == 0 {
		return
	}
	var unfit []string
	for _, s := range list {
		if !strings.HasPrefix(s, "/") || strings.Trim(s, logPathSet) != "" {
			unfit = append(unfit, annotations.Quote(s))
		} else if g := &e.Model.Global; !slices.Contains(g.LogSkip, s) {
			g.LogSkip = append(g.LogSkip, s)
		}
	}
	state(e, "LogSkip", name)
	if len(unfit) > 0 {
		e.Setting(finding.Manual, name, "no plain paths: "+strings.Join(unfit, ", ")+"; "+logByTelemetry)
		return
	}
	e.Setting(finding.Exact, name, "the gateway's access log leaves the paths out (Telemetry)")
	e.Corner(name, "the paths are compared with regard to case")
}

// logPathSet are the characters of a path that is compared as it is.
const logPathSet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.~?=&"

// What is said of more than one log setting.
const (
	logByTelemetry = "say it in a Telemetry resource for the gateway (accessLogging, with a filter expression)"
	logBySyslog    = "Envoy writes to stdout or to an OpenTelemetry collector; let the node's log collector forward it"
	logOwn         = "the gateway writes its logs to stdout"
)
