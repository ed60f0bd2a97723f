package nginx

import (
	"strconv"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// RequestHeaders are what every backend gets, and what is dropped on the way in.
var RequestHeaders = annotations.Feature{
	Name: "request-headers",
	Settings: []annotations.Setting{
		{Name: setRequestHeaders, Syntax: "namespace/name", Class: finding.Exact,
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
	Route: requestHeaders,
	Edge:  requestHeadersOfAll,
}

const setRequestHeaders = "proxy-set-headers"

// besideOwn is what becomes of a header of the ConfigMap that the controller sets itself in every location: nginx sends both, its
// own first, and of the two an empty one is not sent.
func besideOwn(e *annotations.Edge, op model.HeaderOp) []model.HeaderOp {
	switch strings.ToLower(op.Name) {
	default:
		return []model.HeaderOp{op}
	case "x-request-id", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto":
		if !op.Remove {
			e.Corner(setRequestHeaders, op.Name+" is one line with the gateway's own value, a comma and this one, where the controller sends two lines")
		}
	case "x-real-ip", "x-forwarded-scheme", "x-scheme", "x-original-forwarded-for", "x-original-forwarded-host":
	}
	if op.Remove {
		return nil
	}
	op.Add, op.Empty = true, false
	return []model.HeaderOp{op}
}

// requestHeaders adds the headers of proxy-set-headers whose value depends on the location.
func requestHeaders(r *annotations.Route) {
	if !r.SlashRedirect {
		r.Model.RequestHeaders = append(r.Model.RequestHeaders, routeOps(r, setRequestHeaders)...)
	}
}

// requestHeadersOfAll fills what Global says about request headers.
func requestHeadersOfAll(e *annotations.Edge) {
	g := &e.Model.Global
	g.RequestHeaders = edgeOps(e, setRequestHeaders)
	g.DropUnderscores = !e.SettingBool("enable-underscores-in-headers")
	g.DropInvalidHeaders = e.SettingBool("ignore-invalid-headers")
	g.OriginalURI = e.SettingBool("proxy-add-original-uri-header")
	g.NoRequestID = !e.SettingBool("generate-request-id")
	state(e, "RequestHeaders", setRequestHeaders)
	state(e, "DropUnderscores", "enable-underscores-in-headers")
	state(e, "DropInvalidHeaders", "ignore-invalid-headers")
	state(e, "OriginalURI", "proxy-add-original-uri-header")
	state(e, "NoRequestID", "generate-request-id")
}

// HeaderLimits bound the head of a request and the time it may take.
var HeaderLimits = annotations.Feature{
	Name: "header-limits",
	Settings: []annotations.Setting{
		{Name: "large-client-header-buffers", Syntax: "number size", Default: "4 8k", Class: finding.Approximate,
			Doc: "Largest head of a request; a longer line gets 414 or 400.", Note: "one limit for the whole head of a request, answered with 431"},
		{Name: "client-header-buffer-size", Syntax: "size n[k|m]", Default: "1k", Check: size, Class: finding.Noop,
			Doc: "First buffer for the head of a request.", Note: "Envoy has one limit for the whole head"},
		{Name: "client-header-timeout", Syntax: "seconds", Default: "60", Check: integer, Class: finding.Exact,
			Doc: "Longest time for the head of a request, answered with 408.", Note: "the gateway waits as long"},
		{Name: "http2-max-field-size", Syntax: "size", Class: finding.Noop, Doc: "Largest header over HTTP/2; nginx ignores it since 1.19.7.", Note: "dead in nginx already"},
		{Name: "http2-max-header-size", Syntax: "size", Class: finding.Noop, Doc: "Largest head over HTTP/2; nginx ignores it since 1.19.7.", Note: "dead in nginx already"},
		{Name: "http2-max-requests", Syntax: "integer", Default: "0", Check: integer, Class: finding.Noop, Doc: "Requests over one HTTP/2 connection; nginx ignores it since 1.19.7.", Note: "dead in nginx already"},
	},
	Edge: headerLimits,
}

// headerLimits fills Global.MaxHeaderKB and Global.HeaderTimeout.
func headerLimits(e *annotations.Edge) {
	g := &e.Model.Global
	g.MaxHeaderKB = headKilobytes(e.SettingText("large-client-header-buffers"))
	if g.MaxHeaderKB == 0 {
		o := e.Settings.Origin("large-client-header-buffers")
		e.Findings.Report(finding.SettingInvalid, o, "large-client-header-buffers", annotations.Quote(e.SettingText("large-client-header-buffers")), "not a number and a size")
		g.MaxHeaderKB = 32
	}
	state(e, "MaxHeaderKB", "large-client-header-buffers")
	if n, err := strconv.Atoi(e.SettingText("client-header-timeout")); err == nil && n > 0 {
		g.HeaderTimeout = time.Duration(n) * time.Second
		state(e, "HeaderTimeout", "client-header-timeout")
	}
}

// headKilobytes is the room that a number of buffers of one size gives to the head of a request; 0 for what is neither. The
// proxy allows no more than 8192.
func headKilobytes(v string) int {
	f := strings.Fields(v)
	if len(f) != 2 {
		return 0
	}
	n, err := strconv.Atoi(f[0])
	b, ok := bytesOf(f[1])
	if err != nil || !ok || n < 1 || b < 1 {
		return 0
	}
	const most = 8192
	if b > most<<10 || n > most {
		return most
	}
	return min(most, max(1, int((int64(n)*b+1023)/1024)))
}
