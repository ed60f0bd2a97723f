package istio

import (
	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// connectionLimit bounds the concurrent requests to the backends of an Ingress: the proxy counts them by cluster, so that the
// Ingress gets clusters of its own, and others that use the same Service keep theirs.
func connectionLimit(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	l := r.ConnectionLimit
	if l == nil {
		return xs
	}
	p := &networking.TrafficPolicy{}
	if base := e.destinations.base; base != nil { // a subset's pool replaces the whole of the rule's
		p.ConnectionPool = proto.Clone(base.ConnectionPool).(*networking.ConnectionPoolSettings)
	}
	proto.Merge(p, &networking.TrafficPolicy{ConnectionPool: &networking.ConnectionPoolSettings{
		Http: &networking.ConnectionPoolSettings_HTTPSettings{Http2MaxRequests: int32(min(l.Max, 1<<30))}, // of HTTP/1.1, too
	}})
	for _, x := range xs {
		if x.answer {
			continue
		}
		for _, d := range x.destinations() {
			e.subset(d, "limit-"+shortHash(l.Zone), p)
		}
	}
	return xs
}
