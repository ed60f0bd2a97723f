package istio

import (
	networking "istio.io/api/networking/v1alpha3"

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
		q.entries = append(q.entries, e.twinRoot(plain, t, p.host.Name+":"+port.text))
		if !e.opts.NoEnvoyFilter {
			cut := plain.clone()
			cut.name = nameCutSlash
			cut.cond.header(":path", regex("[^?]*/"))
			cut.patch = cutSlash()
			q.entries = append(q.entries, cut)
		}
		q.entries = append(q.entries, plain)
	}
	e.withoutHSTS(q.entries...)
	if e.opts.NoEnvoyFilter {
		e.withoutEnvoyFilter(t.Origin, "a final slash is kept in the redirect")
	}
	return q
}

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
