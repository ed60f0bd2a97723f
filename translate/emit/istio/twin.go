package istio

import (
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// planTwin makes the redirects from a host's other name (with or without www). The port is always written, as nginx does;
// that needs one pair of routes for each port.
func (e *emitter) planTwin(p *hostPlan) *hostPlan {
	t := p.host.Twin
	rule := &model.Rule{Owner: p.host.Owner, Origin: t.Origin}
	q := &hostPlan{
		host:  &model.Host{Name: t.Name, TLS: t.TLS, Owner: p.host.Owner, Namespaces: p.host.Namespaces, Origin: t.Origin},
		names: []string{t.Name}, owner: p.owner,
	}
	for _, port := range []struct {
		number uint32
		text   string
	}{{e.opts.Gateway.HTTPPort, "80"}, {e.opts.Gateway.HTTPSPort, "443"}} {
		to := &networking.HTTPRedirect{Authority: p.host.Name + ":" + port.text, RedirectCode: uint32(t.Code)}
		plain := &entry{rule: rule, answer: true, name: nameRedirect, http: &networking.HTTPRoute{Redirect: to}}
		plain.cond.port = port.number
		switch {
		case e.opts.NoEnvoyFilter:
			q.entries = append(q.entries, e.twinRoot(plain, t, to.Authority), plain)
		case e.can(26):
			plain.name, plain.patch = nameOtherName, patch{route: ownLocation, shared: true}
			q.entries = append(q.entries, plain)
		default:
			cut := plain.clone()
			cut.name, cut.patch = nameCutSlash, cutSlash()
			cut.cond.header(":path", regex("[^?]*/"))
			q.entries = append(q.entries, e.twinRoot(plain, t, to.Authority), cut, plain)
		}
	}
	e.withoutHSTS(q.entries...)
	if !e.withoutEnvoyFilter(t.Origin, "a final slash is kept in the redirect") && !e.can(26) {
		e.findings.Report(finding.CornerCase, t.Origin, cornerName(t.Origin), "a final slash of the query stays")
	}
	return q
}

// nameOtherName is patched to cut what nginx cuts from the Location: one patch for all hosts.
const nameOtherName = "i2g/other-name"

// ownLocation drops a slash that ends the Location, be it of the path or of the query.
var ownLocation = &routev3.Route{ResponseHeadersToAdd: []*corev3.HeaderValueOption{
	headerValue("location", `%CEL(re.extract(response.headers['location'], '^(.*?)/?$', '\\1'))%`),
}}

// twinRoot is the answer to / alone, whose Location ends with the port: an entry of its own, since a redirect always has a path.
func (e *emitter) twinRoot(plain *entry, t *model.Twin, authority string) *entry {
	x := plain.clone()
	x.cond.header(":path", exact("/"))
	scheme := "http"
	if x.cond.port == e.opts.Gateway.HTTPSPort {
		scheme = "https"
	}
	x.http = &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: uint32(t.Code)}}
	e.setHeader(x, ofResponse, "location", scheme+"://"+authority)
	return x
}
