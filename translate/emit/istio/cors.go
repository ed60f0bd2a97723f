package istio

import (
	"regexp"
	"strings"

	extauthzv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// namePreflight is the name of all preflight routes.
const namePreflight = "i2g/preflight"

// cors answers preflights and puts the CORS headers on every answer of a rule, redirects and refusals included. Istio's
// corsPolicy is not used: it runs behind authorization, answers 200, and makes a listed origin out of *, so that any site
// would get answers with credentials. With a list of origins the entries of the rule come twice, first for requests from a
// listed origin.
func cors(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	c := r.CORS
	if c == nil || len(xs) == 0 || r.Closed != nil && r.Closed.First {
		return xs
	}
	if len(c.Origins) == 0 {
		for _, x := range xs {
			e.corsHeaders(x, c, model.Text("*"))
		}
		return append(e.preflight(r, c, xs[0], ""), xs...)
	}
	var out []*entry
	for _, pattern := range e.originPatterns(c) {
		out = append(out, e.preflight(r, c, xs[0], pattern)...)
		for _, x := range xs {
			y := x.clone()
			y.cond.header("origin", regex(pattern))
			e.corsHeaders(y, c, model.Value{{Var: model.VarHeader, Text: "origin"}})
			out = append(out, y)
		}
	}
	return append(out, xs...)
}

// corsHeaders sets the headers on an entry.
func (e *emitter) corsHeaders(x *entry, c *model.CORS, origin model.Value) {
	e.headerOp(x, ofResponse, model.HeaderOp{Name: "access-control-allow-origin", Value: origin, Origin: c.Origin})
	for _, op := range c.Headers {
		e.headerOp(x, ofResponse, op)
	}
}

// preflight is the entry that answers OPTIONS, before everything else of the rule. Authorization of the whole gateway is
// switched off for it: it never reaches a backend.
func (e *emitter) preflight(r *model.Rule, c *model.CORS, first *entry, pattern string) []*entry {
	p := &entry{rule: r, uris: first.uris, answer: true, name: namePreflight}
	e.matchConditions(r, p)
	if !takesOptions(p.cond.method) {
		return nil
	}
	p.cond.method = exact("OPTIONS")
	origin := model.Text("*")
	if pattern != "" {
		p.cond.header("origin", regex(pattern))
		origin = model.Value{{Var: model.VarHeader, Text: "origin"}}
	}
	p.http = &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 204}}
	e.corsHeaders(p, c, origin)
	if !e.opts.NoEnvoyFilter {
		e.step(p, []byte("preflight"), func() { skipAuthorization(&p.patch) })
	}
	return []*entry{p}
}

// skipAuthorization switches Istio's own authorization off.
func skipAuthorization(p *patch) {
	p.filter("envoy.filters.http.rbac", &rbacv3.RBACPerRoute{})
	p.filter("envoy.filters.http.ext_authz", &extauthzv3.ExtAuthzPerRoute{Override: &extauthzv3.ExtAuthzPerRoute_Disabled{Disabled: true}})
}

// takesOptions tells whether a condition on the method lets OPTIONS pass.
func takesOptions(m *networking.StringMatch) bool {
	if m == nil {
		return true
	}
	if e := m.GetExact(); e != "" {
		return e == "OPTIONS"
	}
	re, err := regexp.Compile("^(?:" + m.GetRegex() + ")$")
	return err != nil || re.MatchString("OPTIONS")
}

// originPatterns joins the origins to as few patterns as Istio's limit on the length of a pattern allows.
func (e *emitter) originPatterns(c *model.CORS) []string {
	const most = 1000
	var out, group []string
	n := 0
	for _, o := range c.Origins {
		if len(o) > most {
			e.findings.Report(finding.KeyManual, c.Origin, keyName(c.Origin), "an origin is longer than a pattern may be; it is not allowed here")
			continue
		}
		if n+len(o)+1 > most {
			out, group, n = append(out, anyOrigin(group)), nil, 0
		}
		group, n = append(group, o), n+len(o)+1
	}
	if len(group) > 0 {
		out = append(out, anyOrigin(group))
	}
	return out
}

func anyOrigin(patterns []string) string { return "(?i)(" + strings.Join(patterns, "|") + ")" }
