package nginx

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ResponseHeaders are what every client gets, and what is taken away from backends' answers.
var ResponseHeaders = annotations.Feature{
	Name: "response-headers",
	Settings: []annotations.Setting{
		{Name: "add-headers", Syntax: "namespace/name", Class: finding.Exact,
			Doc: "ConfigMap with headers for all responses, those of unknown hosts included.", Note: "set on every response of the gateway; a header whose variable Envoy does not know cannot be translated"},
		{Name: "hide-headers", Syntax: "list of header names", Class: finding.Exact,
			Doc: "Headers of backends that clients do not get.", Note: "removed from every response of the gateway"},
		{Name: "allow-backend-server-header", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Lets the backend's Server header pass.", Note: "the gateway removes Server or lets it pass as before"},
		{Name: "server-tokens", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Approximate,
			Doc: "Sends nginx's name and version in Server.", Note: "the gateway sends no Server header of its own"},
		{Name: "default-type", Syntax: "MIME type", Default: "text/html", Class: finding.Noop,
			Doc: "Content-Type of files that nginx serves itself.", Note: "the gateway serves no files"},
	},
	Route: responseHeaders,
	Edge:  responseHeadersOfAll,
}

// responseHeaders adds the headers of add-headers whose value depends on the location.
func responseHeaders(r *annotations.Route) {
	if !r.SlashRedirect {
		r.Model.ResponseHeaders = append(r.Model.ResponseHeaders, routeOps(r, "add-headers")...)
	}
}

// responseHeadersOfAll fills what Global says about response headers.
func responseHeadersOfAll(e *annotations.Edge) {
	g := &e.Model.Global
	g.AddHeaders = edgeOps(e, "add-headers")
	state(e, "AddHeaders", "add-headers")
	for _, h := range annotations.SplitList(e.SettingText("hide-headers")) {
		if !sendableHeader(h) {
			e.Findings.Report(finding.SettingInvalid, e.Settings.Origin("hide-headers"), "hide-headers", annotations.Quote(h), "not a header name")
			continue
		}
		g.HideHeaders = append(g.HideHeaders, strings.ToLower(h))
	}
	state(e, "HideHeaders", "hide-headers")
	serverHeader(e)
}

// serverHeader decides whether a backend's Server header passes: nginx clears every Server header unless server-tokens is on.
func serverHeader(e *annotations.Edge) {
	pass, tokens := e.SettingBool("allow-backend-server-header"), e.SettingBool("server-tokens")
	e.Model.Global.KeepServer = pass && tokens
	state(e, "KeepServer", "allow-backend-server-header")
	switch {
	case pass && !tokens:
		e.Setting(finding.Noop, "allow-backend-server-header", "server-tokens is off, which removes every Server header")
	case pass:
		e.Setting(finding.Exact, "server-tokens", "the backend's Server header passes")
		e.Corner("server-tokens", "answers of the gateway itself have no Server header")
	case !tokens && e.HasSetting("server-tokens"):
		e.Setting(finding.Exact, "server-tokens", "there is no Server header")
	}
}

// HSTS adds Strict-Transport-Security to all responses over TLS, instead of the backend's.
var HSTS = annotations.Feature{
	Name: "hsts",
	Settings: []annotations.Setting{
		{Name: "hsts", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Exact, Doc: "Sends Strict-Transport-Security over TLS.", Note: hstsNote},
		{Name: "hsts-max-age", Syntax: "seconds", Default: "31536000", Check: integer, Class: finding.Exact, Doc: "max-age of the header.", Note: hstsNote},
		{Name: "hsts-include-subdomains", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Exact, Doc: "Adds includeSubDomains.", Note: hstsNote},
		{Name: "hsts-preload", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Adds preload.", Note: hstsNote},
	},
	Edge: hsts,
}

const hstsNote = "the gateway sends the same header on every answer over TLS"

// hsts fills Global.HSTS.
func hsts(e *annotations.Edge) {
	for _, s := range []string{"hsts-preload", "hsts-include-subdomains", "hsts-max-age", "hsts"} {
		state(e, "HSTS", s)
	}
	if !e.SettingBool("hsts") {
		e.Setting(finding.Exact, "hsts", "no header is sent; the backend's passes")
		for _, s := range []string{"hsts-preload", "hsts-include-subdomains", "hsts-max-age"} {
			if e.HasSetting(s) {
				e.Setting(finding.Noop, s, "hsts is off")
			}
		}
		return
	}
	value := "max-age=" + e.SettingText("hsts-max-age")
	if e.SettingBool("hsts-include-subdomains") {
		value += "; includeSubDomains"
	}
	if e.SettingBool("hsts-preload") {
		value += "; preload"
	}
	e.Model.Global.HSTS = &model.HSTS{Value: value, Origin: e.Model.Global.Origins["HSTS"]}
}

// Compression compresses responses.
var Compression = annotations.Feature{
	Name: "compression",
	Settings: []annotations.Setting{
		{Name: "use-gzip", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Compresses responses with gzip.", Note: "the gateway compresses the same responses; strong ETags are dropped instead of weakened"},
		{Name: "gzip-level", Syntax: "1 to 9", Default: "1", Check: between(1, 9), Class: finding.Exact, Doc: "Compression level of gzip.", Note: "the same level"},
		{Name: "gzip-min-length", Syntax: "bytes", Default: "256", Check: integer, Class: finding.Exact, Doc: "Shortest response that is compressed.", Note: "the same length"},
		{Name: "gzip-types", Syntax: "list of MIME types, separated by spaces", Default: compressedTypes, Class: finding.Exact, Doc: "Types that are compressed, beside text/html.", Note: "the same types"},
		{Name: "gzip-disable", Syntax: "regular expression", Class: finding.Manual, Doc: "User agents that get nothing compressed.", Note: "remove it; the browsers concerned are obsolete"},
		{Name: "enable-brotli", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact, Doc: "Compresses responses with brotli.", Note: "the gateway compresses the same responses; strong ETags are dropped instead of weakened"},
		{Name: "brotli-level", Syntax: "0 to 11", Default: "4", Check: between(0, 11), Class: finding.Exact, Doc: "Compression level of brotli.", Note: "the same level"},
		{Name: "brotli-min-length", Syntax: "bytes", Default: "20", Check: integer, Class: finding.Exact, Doc: "Shortest response that is compressed.", Note: "the same length"},
		{Name: "brotli-types", Syntax: "list of MIME types, separated by spaces", Default: "application/xml+rss " + compressedTypes, Class: finding.Exact, Doc: "Types that are compressed, beside text/html.", Note: "the same types"},
	},
	Edge: compression,
}

// compression fills Global.Compression and Global.Brotli.
func compression(e *annotations.Edge) {
	e.Model.Global.Compression = compressor(e, "use-gzip", "gzip", "Compression")
	e.Model.Global.Brotli = compressor(e, "enable-brotli", "brotli", "Brotli")
	if e.Model.Global.Compression == nil && e.HasSetting("gzip-disable") {
		e.Setting(finding.Noop, "gzip-disable", "use-gzip is off")
	}
}

// compressor reads the settings of one kind of compression; nil if it is off. text/html is compressed whatever the list says.
func compressor(e *annotations.Edge, on, kind, field string) *model.Compression {
	if !e.SettingBool(on) {
		for _, s := range []string{kind + "-level", kind + "-min-length", kind + "-types"} {
			if e.HasSetting(s) {
				e.Setting(finding.Noop, s, on+" is off")
			}
		}
		return nil
	}
	state(e, field, on)
	c := &model.Compression{Types: []string{"text/html"}, Origin: e.Settings.Origin(on)}
	if n, err := strconv.Atoi(e.SettingText(kind + "-level")); err == nil {
		c.Level = n
	}
	if n, err := strconv.Atoi(e.SettingText(kind + "-min-length")); err == nil && n >= 0 && n <= math.MaxInt32 {
		c.MinLength = n
	}
	for t := range strings.FieldsSeq(e.SettingText(kind + "-types")) {
		if t == "*" {
			e.Setting(finding.Approximate, kind+"-types", "* cannot be said; the other types are compressed")
			continue
		}
		if !slices.Contains(c.Types, t) {
			c.Types = append(c.Types, t)
		}
	}
	return c
}

// compressedTypes are the types that the controller compresses by default.
const compressedTypes = "application/atom+xml application/javascript application/x-javascript application/json application/rss+xml " +
	"application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml " +
	"font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component"
