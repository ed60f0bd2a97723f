package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ruleEntries turns a rule into VirtualService entries in match order.
func (e *emitter) ruleEntries(h *model.Host, r *model.Rule) []*entry {
	x := e.baseEntry(h, r)
	if x == nil {
		return nil
	}
	xs := []*entry{x}
	for _, f := range e.rules {
		xs = f.apply(e, h, r, xs)
	}
	return xs
}

// baseEntry is the rule's action without any policy; nil if nothing answers and nothing may.
func (e *emitter) baseEntry(h *model.Host, r *model.Rule) *entry {
	x := &entry{rule: r, uris: stringMatches(r.Match.Path), http: &networking.HTTPRoute{}}
	e.matchConditions(r, x)
	switch a := r.Action.(type) {
	case model.Forward:
		x.http.Route = []*networking.HTTPRouteDestination{{Destination: e.destination(a.Backend)}}
	case model.Respond:
		e.respond(x, a)
	case model.Redirect:
		e.redirect(h, x, a)
	default:
		return nil
	}
	return x
}

// matchConditions adds what the rule's match says besides the path.
func (e *emitter) matchConditions(r *model.Rule, x *entry) {
	switch r.Match.Scheme {
	case "http":
		x.cond.port = e.opts.Gateway.HTTPPort
	case "https":
		x.cond.port = e.opts.Gateway.HTTPSPort
	}
	switch len(r.Match.Methods) {
	case 0:
	case 1:
		x.cond.method = exact(r.Match.Methods[0])
	default:
		x.cond.method = regex(alternatives(r.Match.Methods))
	}
	for _, m := range r.Match.Headers {
		sm := present()
		switch {
		case m.Regex != "":
			sm = regex(m.Regex)
		case !m.Present:
			sm = exact(m.Exact)
		}
		if m.Not {
			x.cond.without(m.Name, sm)
		} else {
			x.cond.header(m.Name, sm)
		}
	}
}

// respond makes a fixed answer.
func (e *emitter) respond(x *entry, a model.Respond) {
	x.answer, x.afterAccess = true, a.AfterAccess
	x.http.DirectResponse = &networking.HTTPDirectResponse{Status: uint32(a.Status)}
	if a.Body != "" {
		x.http.DirectResponse.Body = &networking.HTTPBody{Specifier: &networking.HTTPBody_String_{String_: a.Body}}
	}
	for _, op := range a.Headers {
		e.headerOp(x, ofResponse, op)
	}
}

// closed replaces the action of a rule by its refusal.
func closed(_ *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	if r.Closed == nil {
		return xs
	}
	for _, x := range xs {
		if _, redirects := r.Action.(model.Redirect); redirects && !r.Closed.First {
			continue
		}
		x.answer, x.patch = true, patch{}
		x.http = &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: uint32(r.Closed.Status)}}
	}
	return xs
}

// headerOp writes one header operation. A value that cannot be written is reported where it was read, so it is left out here.
func (e *emitter) headerOp(x *entry, d direction, op model.HeaderOp) {
	if op.Remove {
		e.removeHeader(x, d, op.Name)
		return
	}
	v, err := e.format(op.Value, inVirtualService)
	if err != nil {
		e.reportValue(op, err)
		return
	}
	if op.Empty {
		e.removeHeader(x, d, op.Name)
	}
	if op.Add {
		e.addHeader(x, d, op.Name, v)
		return
	}
	e.setHeader(x, d, op.Name, v)
}
