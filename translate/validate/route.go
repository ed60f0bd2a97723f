package validate

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"
	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) httpRoute(p *at, r *istionet.HTTPRoute, delegate, mesh bool) {
	if r.Delegate != nil {
		c.rootRoute(p, r, delegate)
	} else {
		c.action(p, r)
	}
	if strings.ContainsAny(r.Name, "\n\r\t ") {
		c.bad(p, "name", "%s holds white space: no patch could name it", quote(r.Name))
	}
	matches := p.field("match")
	for i, m := range r.Match {
		place := matches.item(i)
		c.httpMatch(&place, m, mesh)
	}
	c.redirect(p, r)
	c.directResponse(p, r.DirectResponse)
	c.rewrite(p, r)
	c.destinations(p, r.Route)
	c.mirrors(p, r)
	c.headers(p, r.Headers)
	c.authority(p, r)
	c.retries(p, r.Retries)
	c.cors(p, r.CorsPolicy)
	c.fault(p, r.Fault)
}

// rootRoute checks an entry that leaves the action to another VirtualService.
func (c *check) rootRoute(p *at, r *istionet.HTTPRoute, delegate bool) {
	if delegate {
		c.bad(p, "delegate", "a delegate (no hosts) cannot delegate")
	}
	if r.Redirect != nil || len(r.Route) > 0 || r.DirectResponse != nil {
		c.bad(p, "delegate", "excludes route, redirect and directResponse")
	}
	d := r.Delegate
	if !isSubdomain(d.Name) {
		c.bad(p, "delegate.name", "%q is not the name of a VirtualService", d.Name)
	}
	if d.Namespace != "" && !isLowerLabel(d.Namespace) {
		c.bad(p, "delegate.namespace", "%q is not a namespace", d.Namespace)
	}
}

// action wants exactly one of route, redirect and directResponse, and nothing beside the latter two that changes requests.
func (c *check) action(p *at, r *istionet.HTTPRoute) {
	n := 0
	if len(r.Route) > 0 {
		n++
	}
	other := ""
	if r.Redirect != nil {
		n, other = n+1, "redirect"
	}
	if r.DirectResponse != nil {
		n, other = n+1, "directResponse"
	}
	if n != 1 {
		c.bad(p, "", "needs exactly one of route, redirect, directResponse and delegate, has %d", n)
		return
	}
	if other == "" {
		return
	}
	if r.Rewrite != nil {
		c.bad(p, "rewrite", "is not allowed beside %s", other)
	}
	if r.Fault != nil {
		c.bad(p, "fault", "is not allowed beside %s", other)
	}
}

func (c *check) redirect(p *at, r *istionet.HTTPRoute) {
	d := r.Redirect
	if d == nil {
		return
	}
	place := p.field("redirect")
	switch d.RedirectCode {
	case 0, 301, 302, 303, 307, 308:
	default:
		// Other 3xx codes pass Istio's validation and end as a route without action, which Envoy refuses.
		c.bad(&place, "redirectCode", "%d is none of 301, 302, 303, 307, 308", d.RedirectCode)
	}
	if d.Uri != "" && d.PrefixRewrite != "" {
		c.bad(&place, "", "uri and prefixRewrite exclude each other")
	}
	if d.PrefixRewrite != "" {
		for i, m := range r.Match {
			if m.Uri != nil && m.Uri.GetPrefix() == "" {
				c.bad(&place, "prefixRewrite", "match[%d].uri is not a prefix", i)
			}
		}
	}
	if d.Uri == "" && d.PrefixRewrite == "" && d.Authority == "" && d.RedirectPort == nil && d.Scheme == "" {
		c.bad(&place, "", "changes nothing")
	}
	if d.Scheme != "" && d.Scheme != "http" && d.Scheme != "https" {
		c.bad(&place, "scheme", "%q is neither http nor https", d.Scheme)
	}
	if _, ok := d.RedirectPort.(*istionet.HTTPRedirect_Port); ok {
		c.port(&place, "port", d.GetPort())
	}
	c.plain(&place, "uri", d.Uri)
	c.plain(&place, "authority", d.Authority)
	c.plain(&place, "prefixRewrite", d.PrefixRewrite)
}

// plain refuses what would end a header line: Envoy writes these texts as they stand.
func (c *check) plain(p *at, sub, s string) {
	if strings.ContainsAny(s, "\r\n\x00") {
		c.bad(p, sub, "%s holds a line break", quote(s))
	}
}

// maxBody is the limit that Istio sets for the body of a direct response.
const maxBody = 1 << 20

func (c *check) directResponse(p *at, d *istionet.HTTPDirectResponse) {
	if d == nil {
		return
	}
	place := p.field("directResponse")
	c.status(&place, "status", int64(d.Status))
	if n := len(d.Body.GetString_()) + len(d.Body.GetBytes()); n > maxBody {
		c.bad(&place, "body", "%d bytes, at most %d", n, maxBody)
	}
}

func (c *check) status(p *at, sub string, code int64) {
	if code < 200 || code > 599 {
		c.bad(p, sub, "%d is not a status (200 to 599)", code)
	}
}

func (c *check) rewrite(p *at, r *istionet.HTTPRoute) {
	w := r.Rewrite
	if w == nil {
		return
	}
	place := p.field("rewrite")
	x := w.UriRegexRewrite
	switch {
	case w.Uri != "" && x != nil:
		c.bad(&place, "", "uri and uriRegexRewrite exclude each other")
	case w.Uri == "" && x == nil && w.Authority == "":
		c.bad(&place, "", "changes nothing")
	}
	if x != nil {
		c.substitution(&place, "uriRegexRewrite", x.Match, x.Rewrite)
	}
	c.plain(&place, "uri", w.Uri)
	c.plain(&place, "authority", w.Authority)
}

// retryOn are the conditions that Envoy knows; status codes may stand beside them.
var retryOn = map[string]bool{
	"5xx": true, "gateway-error": true, "reset": true, "reset-before-request": true, "connect-failure": true, "retriable-4xx": true,
	"refused-stream": true, "retriable-status-codes": true, "retriable-headers": true, "envoy-ratelimited": true,
	"http3-post-connect-failure": true, "cancelled": true, "deadline-exceeded": true, "internal": true, "resource-exhausted": true,
	"unavailable": true,
}

// statusCodes are the codes that Istio's webhook knows a text for; it refuses others among the conditions.
var statusCodes = codeSet([]int{
	100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403,
	404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500,
	501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
})

func codeSet(codes []int) map[int]bool {
	set := make(map[int]bool, len(codes))
	for _, code := range codes {
		set[code] = true
	}
	return set
}

func (c *check) retries(p *at, r *istionet.HTTPRetry) {
	if r == nil {
		return
	}
	place := p.field("retries")
	if r.Attempts < 0 {
		c.bad(&place, "attempts", "%d is negative", r.Attempts)
	}
	if r.Attempts == 0 && (r.PerTryTimeout != nil || r.RetryOn != "" || r.RetryRemoteLocalities != nil) {
		c.bad(&place, "attempts", "0 switches retries off and excludes perTryTimeout, retryOn and retryRemoteLocalities")
	}
	if r.RetryOn == "" {
		return
	}
	for on := range strings.SplitSeq(r.RetryOn, ",") {
		if retryOn[on] {
			continue
		}
		if code, _ := strconv.Atoi(on); !statusCodes[code] {
			c.bad(&place, "retryOn", "%s is not a condition", quote(on))
		}
	}
}

var corsMethods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "CONNECT": true, "OPTIONS": true,
	"TRACE": true, "*": true,
}

func (c *check) cors(p *at, r *istionet.CorsPolicy) {
	if r == nil {
		return
	}
	place := p.field("corsPolicy")
	origins := place.field("allowOrigins")
	for i, o := range r.AllowOrigins {
		item := origins.item(i)
		if o.GetExact() == "" && o.GetPrefix() == "" && o.GetRegex() == "" {
			c.bad(&item, "", "matches nothing")
		}
		c.stringMatch(&item, o)
	}
	for _, m := range r.AllowMethods {
		if !corsMethods[m] {
			c.bad(&place, "allowMethods", "%s is not a method", quote(m))
		}
	}
	for _, h := range r.AllowHeaders {
		if h != "*" && !isToken(h) {
			c.bad(&place, "allowHeaders", "%s is not a header", quote(h))
		}
	}
	for _, h := range r.ExposeHeaders {
		if h != "*" && !isToken(h) {
			c.bad(&place, "exposeHeaders", "%s is not a header", quote(h))
		}
	}
	c.wholeSeconds(&place, "maxAge", r.MaxAge)
}

func (c *check) wholeSeconds(p *at, sub string, d *durationpb.Duration) {
	if d.GetNanos() != 0 {
		c.bad(p, sub, "%v is not a whole number of seconds", d.AsDuration())
	}
}

func (c *check) fault(p *at, f *istionet.HTTPFaultInjection) {
	if f == nil {
		return
	}
	place := p.field("fault")
	if f.Abort == nil && f.Delay == nil {
		c.bad(&place, "", "needs abort or delay")
	}
	if a := f.Abort; a != nil {
		c.percent(&place, "abort.percentage", a.Percentage)
		switch e := a.ErrorType.(type) {
		case *istionet.HTTPFaultInjection_Abort_HttpStatus:
			c.status(&place, "abort.httpStatus", int64(e.HttpStatus))
		case *istionet.HTTPFaultInjection_Abort_GrpcStatus:
			if !grpcStatuses[e.GrpcStatus] {
				c.bad(&place, "abort.grpcStatus", "%s is not a gRPC status", quote(e.GrpcStatus))
			}
		default:
			c.bad(&place, "abort", "needs httpStatus or grpcStatus")
		}
	}
	if d := f.Delay; d != nil {
		c.percent(&place, "delay.percentage", d.Percentage)
		if d.GetFixedDelay() == nil {
			c.bad(&place, "delay", "needs fixedDelay")
		}
	}
}

var grpcStatuses = map[string]bool{
	"OK": true, "CANCELLED": true, "UNKNOWN": true, "INVALID_ARGUMENT": true, "DEADLINE_EXCEEDED": true, "NOT_FOUND": true,
	"ALREADY_EXISTS": true, "PERMISSION_DENIED": true, "UNAUTHENTICATED": true, "RESOURCE_EXHAUSTED": true,
	"FAILED_PRECONDITION": true, "ABORTED": true, "OUT_OF_RANGE": true, "UNIMPLEMENTED": true, "INTERNAL": true, "UNAVAILABLE": true,
	"DATA_LOSS": true,
}

func (c *check) percent(p *at, sub string, v *istionet.Percent) {
	if n := v.GetValue(); n < 0 || n > 100 || n > 0 && n < 0.0001 {
		c.bad(p, sub, "%v is neither 0 nor from 0.0001 to 100", n)
	}
}
