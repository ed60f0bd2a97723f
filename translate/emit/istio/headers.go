package istio

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// requestHeadersOf writes the request headers of a rule.
func requestHeadersOf(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	for _, x := range xs {
		if x.answer {
			continue
		}
		for _, op := range r.RequestHeaders {
			e.requestHeader(x, op)
		}
	}
	return xs
}

// requestHeader writes one header. A part of the path is copied into the request's metadata first.
func (e *emitter) requestHeader(x *entry, op model.HeaderOp) {
	if len(op.Value) != 1 || op.Value[0].Var != model.VarPathCapture {
		e.headerOp(x, ofRequest, op)
		return
	}
	if e.opts.NoEnvoyFilter {
		e.findings.Report(finding.NoEnvoyFilter, op.Origin, keyName(op.Origin), "the header "+op.Name+" is not sent")
		e.removeHeader(x, ofRequest, op.Name)
		return
	}
	e.setHeader(x, ofRequest, op.Name, e.pathCapture(x, "path."+op.Name, op.Value[0]))
}

// responseHeadersOf writes the response headers of a rule on all its answers, redirects and refusals included.
func responseHeadersOf(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	if len(r.ResponseHeaders) == 0 || r.Closed != nil {
		return xs
	}
	for _, x := range xs {
		for _, op := range r.ResponseHeaders {
			e.headerOp(x, ofResponse, op)
		}
	}
	return xs
}
