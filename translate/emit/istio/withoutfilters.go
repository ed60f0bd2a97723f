package istio

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// withoutFilters writes into VirtualServices what stands in gateway-wide EnvoyFilters otherwise, as far as routes can say it:
// the headers that backends and clients get. It is the way of --no-envoyfilter.
func withoutFilters(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry {
	if !e.opts.NoEnvoyFilter {
		return xs
	}
	g := &e.edge.Global
	exact := e.opts.Profile != emit.ProfileNative
	var out []*entry
	for _, x := range xs {
		if !x.answer {
			e.plainRequest(x, exact)
		}
		for _, op := range g.AddHeaders {
			e.headerOp(x, ofResponse, op)
		}
		for _, name := range g.HideHeaders {
			if !slices.Contains(x.http.Headers.GetResponse().GetRemove(), name) {
				e.removeHeader(x, ofResponse, name)
			}
		}
		if x.answer && beforeLocations(h, r) {
			out = append(out, x)
			continue
		}
		out = append(out, e.plainHSTS(h, x, exact)...)
	}
	return out
}

// plainRequest sets the headers of a request to a backend that the route does not set itself.
func (e *emitter) plainRequest(x *entry, exact bool) {
	g := &e.edge.Global
	var ops []model.HeaderOp
	if exact {
		ops = append(ops,
			model.HeaderOp{Name: "x-real-ip", Value: variable(model.VarRemoteAddress)},
			model.HeaderOp{Name: "x-forwarded-scheme", Value: variable(model.VarScheme)},
			model.HeaderOp{Name: "x-scheme", Value: variable(model.VarScheme)},
			model.HeaderOp{Name: "proxy", Remove: true})
		if !e.believesScheme() {
			ops = append(ops,
				model.HeaderOp{Name: "x-forwarded-for", Value: variable(model.VarRemoteAddress)},
				model.HeaderOp{Name: "x-original-forwarded-for", Remove: true}, // by now the peer is in X-Forwarded-For
				model.HeaderOp{Name: "x-original-forwarded-host", Value: header("x-forwarded-host"), Empty: true},
				model.HeaderOp{Name: "x-forwarded-host", Value: variable(model.VarAuthority)})
			if e.can(26) {
				ops = append(ops, model.HeaderOp{Name: "x-forwarded-port", Value: variable(model.VarServerPort)})
			}
		}
	}
	if g.OriginalURI {
		ops = append(ops, model.HeaderOp{Name: headerOriginalURI, Value: variable(model.VarRequestURI)})
	}
	for _, op := range append(ops, g.RequestHeaders...) {
		if _, own := x.http.Headers.GetRequest().GetSet()[op.Name]; !own {
			e.headerOp(x, ofRequest, op)
		}
	}
}

// plainHSTS makes an entry for requests by TLS that sends the header.
func (e *emitter) plainHSTS(h *model.Host, x *entry, exact bool) []*entry {
	s := e.edge.Global.HSTS
	_, stated := e.edge.Global.Origins["HSTS"]
	port := e.opts.Gateway.HTTPSPort
	switch {
	case s == nil || !exact && !stated || x.cond.port != 0 && x.cond.port != port:
		return []*entry{x}
	case h.TLS == nil && e.defaultCredential() == "":
		return []*entry{x} // no HTTPS
	}
	y := x
	if x.cond.port == 0 {
		y = x.clone()
		y.cond.port = port
	}
	e.setHeader(y, ofResponse, headerHSTS, escape(s.Value))
	if y == x {
		return []*entry{x}
	}
	return []*entry{y, x}
}

func variable(v model.Var) model.Value { return model.Value{{Var: v}} }

func header(name string) model.Value { return model.Value{{Var: model.VarHeader, Text: name}} }
