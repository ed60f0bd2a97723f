package istio

import (
	"regexp"
	"slices"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Shared names of redirects.
const (
	nameRedirect = "i2g/redirect"
	// nameToHTTPS is patched to write the Location as nginx does: one patch for all hosts.
	nameToHTTPS = "i2g/to-https"
	// nameCutSlash is patched to drop a final slash of the path: one patch for all hosts.
	nameCutSlash = "i2g/cut-slash"
)

// redirect makes a redirect entry. With a whole Location it is a fixed answer, because a redirect would append the query
// and knows only five codes.
func (e *emitter) redirect(h *model.Host, x *entry, a model.Redirect) {
	x.answer = true
	if a.Text != "" {
		e.respond(x, model.Respond{Status: a.Code, Body: a.Text, Headers: []model.HeaderOp{
			{Name: "content-type", Value: model.Text("text/html")},
			{Name: "location", Remove: true}, // Envoy gives every answer of 3xx the address of the request
		}})
		return
	}
	if len(a.Location) > 0 {
		v, err := format(a.Location, inVirtualService)
		if err != nil {
			e.reportValue(model.HeaderOp{Name: "location", Origin: x.rule.Origin}, err)
			x.http.DirectResponse = &networking.HTTPDirectResponse{Status: 503}
			return
		}
		x.http.DirectResponse = &networking.HTTPDirectResponse{Status: uint32(a.Code)}
		e.setHeader(x, ofResponse, "location", v)
		return
	}
	origin := a.Origin
	if origin.Object == nil {
		origin = x.rule.Origin
	}
	r := &networking.HTTPRedirect{Scheme: a.Scheme, Authority: a.Authority, RedirectCode: uint32(a.Code)}
	if a.PathPattern != "" && e.withoutEnvoyFilter(origin, "a redirect that takes parts of the path over answers 503") {
		x.http.DirectResponse = &networking.HTTPDirectResponse{Status: 503}
		return
	}
	if a.PathPattern == "" {
		r.Uri = a.Path
	} else {
		x.patch.base().Action = &routev3.Route_Redirect{Redirect: &routev3.RedirectAction{
			PathRewriteSpecifier: &routev3.RedirectAction_RegexRewrite{RegexRewrite: rewriteByRegex(a.PathPattern, a.Path)},
		}}
		x.patch.label("redirect-" + shortHash(a.PathPattern+"\x00"+a.Path))
	}
	if a.DropQuery && !e.withoutEnvoyFilter(origin, "a redirect keeps the query") {
		if x.patch.base().GetRedirect() == nil {
			x.patch.base().Action = &routev3.Route_Redirect{Redirect: &routev3.RedirectAction{}}
		}
		x.patch.base().GetRedirect().StripQuery = true
		x.patch.label("without-query")
	}
	if r.Authority == "" && h.Exact() && len(h.Aliases) == 0 {
		r.Authority = h.Name // drops a port of the Host header, as nginx does
	}
	if r.Authority == "" && r.Scheme == "" && r.Uri == "" {
		r.Uri = "/" // Istio refuses a redirect that changes nothing; the route's patch replaces it
	}
	x.http.Redirect = r
}

func rewriteByRegex(pattern, substitution string) *matcherv3.RegexMatchAndSubstitute {
	return &matcherv3.RegexMatchAndSubstitute{
		Pattern:      &matcherv3.RegexMatcher{Regex: pattern},
		Substitution: substitution,
	}
}

// httpsRedirect puts a redirect for plain HTTP in front of a rule's entries.
func httpsRedirect(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry {
	to := r.HTTPSRedirect
	if to == nil || len(xs) == 0 || r.Closed != nil && r.Closed.First || to.NoHost && !e.defaults() {
		return xs
	}
	if _, redirects := r.Action.(model.Redirect); redirects {
		return xs // answers before
	}
	x := &entry{rule: r, uris: xs[0].uris, answer: true, name: nameRedirect}
	e.plainHTTP(x, to)
	limited := to.Certified && !to.NoHost && h.Exact() && anyUncovered(h)
	if limited {
		x.cond.authority, x.certified = coveredNames(h), true
		if h.Guarded() {
			e.findings.Report(finding.PlainAlias, h.Aliases[0].Origin, h.Name)
		}
	}
	red := &networking.HTTPRedirect{Scheme: "https", RedirectCode: uint32(to.Code)}
	if h.Exact() && len(h.Aliases) == 0 {
		red.Authority = h.Name
	}
	if to.Port != "" && red.Authority != "" {
		red.Authority += ":" + to.Port
	}
	x.http = &networking.HTTPRoute{Redirect: red}
	out := []*entry{x}
	switch {
	case !to.CutSlash:
	case e.opts.NoEnvoyFilter:
		if to.Origin.Field != "" {
			e.withoutEnvoyFilter(to.Origin, "the redirect keeps a final slash, and a port where the name is not constant")
		}
	case to.NoHost:
		cut := x.clone()
		cut.name, cut.patch = nameCutSlash, cutSlash()
		cut.cond.header(":path", regex("[^?]*/"))
		out = []*entry{cut, x}
	case to.Port == "":
		x.name, x.patch = nameToHTTPS, patch{route: withoutLastSlash, shared: true}
	default:
		x.name, x.patch = nameToHTTPS+"-"+to.Port, patch{route: location(requestHost + ":" + to.Port), shared: true}
	}
	if e.believesScheme() {
		return slices.Concat([]*entry{e.forwardedRedirect(x, to)}, out, xs)
	}
	if !to.NoHost && !limited && len(r.Match.Methods)+len(r.Match.Headers) == 0 {
		// Nothing is left for what serves plain HTTP alone.
		xs = slices.DeleteFunc(slices.Clone(xs), func(y *entry) bool { return y.cond.port == e.opts.Gateway.HTTPPort })
	}
	return append(out, xs...)
}

// anyUncovered tells whether the certificate of a host is not for all of its names.
func anyUncovered(h *model.Host) bool {
	return slices.ContainsFunc(h.Aliases, func(a model.Alias) bool { return a.Uncovered })
}

// coveredNames matches the names of a host that its certificate is for: only they are redirected to HTTPS.
func coveredNames(h *model.Host) *networking.StringMatch {
	names := []string{regexp.QuoteMeta(h.Name)}
	for _, a := range h.Aliases {
		switch rest, wild := strings.CutPrefix(a.Name, "*"); {
		case a.Uncovered:
		case wild:
			names = append(names, ".*"+regexp.QuoteMeta(rest))
		default:
			names = append(names, regexp.QuoteMeta(a.Name))
		}
	}
	return regex("(?i)(?:" + strings.Join(names, "|") + ")(?::[0-9]+)?")
}

// withoutLastSlash replaces the Location of a redirect to HTTPS: a slash that ends the request's path, or its query if there
// is one, is dropped, and the Host keeps its spelling. It is the same for all redirects, so that one patch serves all hosts.
var withoutLastSlash = location(requestHost)

// requestHost is the Host of the request without a port.
const requestHost = `%CEL(re.extract(request.host, '^([^:]+)(:[0-9]*)?$', '\\1'))%`

// withoutLastSlashForwarded is the same behind a proxy that says which Host the client asked for.
var withoutLastSlashForwarded = location("%REQ(X-FORWARDED-HOST)%")

func location(host string) *routev3.Route {
	return &routev3.Route{ResponseHeadersToAdd: []*corev3.HeaderValueOption{{
		Header: &corev3.HeaderValue{
			Key:   "location",
			Value: "https://" + host + "%CEL(re.extract(request.path, '^(.*?)/?$', '\\\\1'))%",
		},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}}}
}

// cutSlash drops a final slash of the path: the same for all redirects, so that one patch serves all hosts.
func cutSlash() patch { return patch{route: withoutSlash, shared: true} }

var withoutSlash = &routev3.Route{Action: &routev3.Route_Redirect{Redirect: &routev3.RedirectAction{
	PathRewriteSpecifier: &routev3.RedirectAction_RegexRewrite{RegexRewrite: rewriteByRegex("^(.*)/$", `\1`)},
}}}
