package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Body limits request bodies and says whether they are collected before the backend is contacted. A declared length above
// the limit is refused with 413 before redirects; a body without a length while it is read.
var Body = annotations.Feature{
	Name: "body",
	Keys: []annotations.Key{
		{
			Name: "proxy-body-size", Syntax: "size n[k|m|g], 0 = unlimited", Default: "1m", Setting: "proxy-body-size", Scope: "location", Risk: "Medium",
			Check: size, Class: finding.Exact,
			Doc:  "Largest request body; larger ones get 413. The unit b is accepted but means the default.",
			Note: "bodies with a declared length above it are refused with 413; those without one are collected and counted",
		},
		{
			Name: "proxy-request-buffering", Syntax: "on | off", Default: "on", Setting: "proxy-request-buffering", Scope: "location", Risk: "Low",
			Check: onOff, Class: finding.Exact,
			Doc:  "on collects the whole body before the backend is contacted; off streams it.",
			Note: "on collects bodies, off streams them",
		},
		{
			Name: "client-body-buffer-size", Syntax: "size n[k|m]", Default: "8k", Setting: "client-body-buffer-size", Scope: "location", Risk: "Low",
			Check: size, Invalid: annotations.DropIngress, Class: finding.Noop,
			Doc:  "Part of a request body that is kept in memory before it goes to a file.",
			Note: "Envoy writes no temporary files",
		},
	},
	Settings: []annotations.Setting{
		{Name: "client-body-timeout", Syntax: "seconds", Default: "60", Check: integer, Class: finding.Approximate,
			Doc:  "Longest gap between two reads of a request body, answered with 408.",
			Note: "the gateway has no such timeout but its stream idle timeout; set connectionSettings in the mesh configuration if slow clients are a worry"},
	},
	Route: body,
}

// body fills Rule.Body.
func body(r *annotations.Route) {
	text := r.Text("proxy-body-size")
	n, ok := bytesOf(text)
	if !ok {
		n = 1 << 20 // nginx's own default, which holds when the controller leaves the directive out
	}
	b := &model.Body{Max: n, Buffer: r.Text("proxy-request-buffering") != "off", Stated: r.Stated("proxy-body-size"), Origin: r.Origin("proxy-body-size")}
	r.Model.Body = b
	if !b.Stated && !r.Stated("proxy-request-buffering") {
		return
	}
	if b.Stated && !ok {
		r.Approximate("proxy-body-size", annotations.Quote(text)+" is no size to nginx, which takes its default of 1m")
	}
	f, forwards := r.Model.Action.(model.Forward)
	switch grpc := f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS; {
	case !forwards:
	case n == 0:
		r.Exact("proxy-body-size", "bodies are not limited")
		if b.Buffer {
			r.Corner("proxy-request-buffering", "bodies of any length are streamed, because there is no limit up to which they could be collected")
		}
	case grpc && b.Stated:
		r.Approximate("proxy-body-size", "the messages of a gRPC stream are not counted; only bodies with a declared length are limited")
	case !b.Buffer && b.Stated:
		r.Corner("proxy-body-size", "with request buffering off, bodies without a declared length are not limited")
	case !b.Buffer:
		r.Corner("proxy-request-buffering", "bodies without a declared length are not limited")
	}
}
