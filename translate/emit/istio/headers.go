package istio

import "github.com/ingress2gw/ingress2gw/translate/model"

// headers writes the header operations of a rule. Response headers are also on the proxy's own answers for the route.
func headers(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	for _, x := range xs {
		if x.answer {
			continue
		}
		for _, op := range r.RequestHeaders {
			e.headerOp(requestHeaders(x.http), op)
		}
		for _, op := range r.ResponseHeaders {
			e.headerOp(responseHeaders(x.http), op)
		}
	}
	return xs
}
