package istio

import (
	_ "embed"
	"slices"
	"strconv"

	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

const filterErrors = "i2g.errors"

//go:embed errors.lua
var errorsScript string

// errorPages lets another Service answer instead of listed statuses. Envoy's filter for that is not in Istio's proxy, so a
// script asks the service. It stands outside everything that may refuse a request.
func errorPages(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	p := r.ErrorPages
	if p == nil || r.Closed != nil || e.withoutLua(p.Origin, "errors are answered as they are") {
		return xs
	}
	data := map[string]string{"namespace": p.Namespace, "ingress": p.Ingress, "service": p.Service, "port": p.Port}
	if p.Backend.Service != "" {
		data["cluster"] = e.cluster(p.Backend)
	}
	if p.LocalOnly {
		data["local_only"] = "true"
	}
	var codes []string
	for _, c := range p.Codes {
		codes = append(codes, strconv.Itoa(c))
	}
	for _, x := range xs {
		if x.answer && !pageOfAnswer(r, x) {
			continue
		}
		e.filters.use(httpFilter{name: filterErrors, object: objErrors, first: true, config: script(errorsScript)})
		x.patch.belong()
		x.patch.filter(filterErrors, &luav3.LuaPerRoute{FilterContext: luaData(data, map[string][]string{"codes": codes})})
	}
	return xs
}

// pageOfAnswer tells whether a fixed answer, or a refusal of the checks before it, would come out in another way as an error
// page. Without an error service the page is a 404 without the route's own headers.
func pageOfAnswer(r *model.Rule, x *entry) bool {
	p, status := r.ErrorPages, int(x.http.GetDirectResponse().GetStatus())
	if x.afterAccess && (r.Access != nil || r.BasicAuth != nil || r.ExternalAuth != nil || r.RateLimit != nil) && (len(p.Codes) > 1 || p.Codes[0] != 404) {
		return true
	}
	return slices.Contains(p.Codes, status) && (status != 404 || p.Backend.Service != "" || r.CORS != nil || len(r.ResponseHeaders) > 0)
}

// cluster is the proxy's cluster of a backend, without a subset. Its DestinationRule is emitted as for a route's backend.
func (e *emitter) cluster(b model.Backend) string {
	d := e.destination(b)
	e.destinations.share(d)
	return "outbound|" + strconv.Itoa(int(d.Port.Number)) + "||" + d.Host
}
