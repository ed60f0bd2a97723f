package istio

import (
	"slices"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/proto"
)

// The base objects: one EnvoyFilter per mechanism, with constant text, that inserts its filters, mostly switched off; what
// one route needs hangs on that route. Lower priorities are applied earlier; of several INSERT_FIRST the last applied
// stands first, of several INSERT_BEFORE the router the first applied stands first. Requests pass:
//
//	i2g.global-headers, i2g.request-headers, i2g.methods  (i2g-global, 40, first)
//	i2g.errors                                         (i2g-errors, 30, first)
//	i2g.hsts, i2g.hsts-signin, i2g.answers             (i2g-answers, 25, first)
//	i2g.guard, i2g.block                               (i2g-access, 20, first)
//	i2g.length                                         (i2g-length, 10, first)
//	i2g.ratelimit                                      (i2g-ratelimit, 5, first)
//	Istio's own
//	i2g.h2m, i2g.signin, i2g.realm, i2g.ip, i2g.basic, i2g.users, i2g.ext-cookie, i2g.any, i2g.ext, i2g.ext-headers  (i2g-access,
//	before the router)
//	i2g.bandwidth, i2g.gzip, i2g.buffer, i2g.session, i2g.location-set, i2g.location-map, i2g.cookies  (50 to 58)
const (
	objGlobal    = "i2g-global"
	objErrors    = "i2g-errors"
	objAnswers   = "i2g-answers"
	objAccess    = "i2g-access"
	objLength    = "i2g-length"
	objRateLimit = "i2g-ratelimit"
	objBandwidth = "i2g-bandwidth"
	objGzip      = "i2g-gzip"
	objBuffer    = "i2g-buffer"
	objSession   = "i2g-session"
	objRewrite   = "i2g-rewrite"
	objHCM       = "i2g-hcm"
)

// edgePriority is that of clusters and listeners, behind everything else.
const edgePriority = 60

var objPriority = map[string]int{
	objRateLimit: 5, objLength: 10, objAccess: 20, objAnswers: 25, objErrors: 30, objGlobal: 40,
	objBandwidth: 50, objGzip: 52, objBuffer: 54, objSession: 56, objRewrite: 58, objHCM: 0,
}

// httpFilter is an HTTP filter of a base object.
type httpFilter struct {
	name   string
	object string
	// first stands in front of Istio's own filters; otherwise the filter stands before the router.
	first bool
	// order sorts the filters of one object as requests pass them.
	order int
	// on is set for filters that act on every route; the others are inserted switched off.
	on     bool
	config proto.Message
}

// filterUse collects the base filters in use and what else goes into the base objects.
type filterUse struct {
	byName map[string]*httpFilter
	hcm    []*hcmv3.HttpConnectionManager
	extra  map[string][]*envoyPatch // further patches of a base object, behind its filters
}

// use inserts a filter once. The first configuration stays, so that it must not depend on who asks.
func (u *filterUse) use(f httpFilter) {
	if u.byName == nil {
		u.byName = map[string]*httpFilter{}
	}
	if u.byName[f.name] == nil {
		u.byName[f.name] = &f
	}
}

// mergeHCM adds settings to the connection manager. Lists of several calls are appended in call order.
func (u *filterUse) mergeHCM(m *hcmv3.HttpConnectionManager) { u.hcm = append(u.hcm, m) }

// addTo adds a patch to a base object.
func (u *filterUse) addTo(object string, p *envoyPatch) {
	if u.extra == nil {
		u.extra = map[string][]*envoyPatch{}
	}
	u.extra[object] = append(u.extra[object], p)
}

// emitEnvoyFilters writes the base objects, the route patches and what else was collected.
func (e *emitter) emitEnvoyFilters() {
	byObject := map[string][]*httpFilter{}
	for _, f := range e.filters.byName {
		byObject[f.object] = append(byObject[f.object], f)
	}
	names := map[string]bool{}
	for o := range byObject {
		names[o] = true
	}
	for o := range e.filters.extra {
		names[o] = true
	}
	for o := range names {
		e.inParts(o, objPriority[o], filterParts(byObject[o], e.filters.extra[o]))
	}
	if len(e.filters.hcm) > 0 {
		all := &hcmv3.HttpConnectionManager{}
		for _, m := range e.filters.hcm {
			proto.Merge(all, m)
		}
		e.add(e.envoyFilter(objHCM, objPriority[objHCM], []*envoyPatch{{
			applyTo: "NETWORK_FILTER", match: matchHCM(""), operation: "MERGE", value: networkFilter(all),
		}}))
	}
	if len(e.extra) > 0 {
		sortPatches(e.extra)
		e.inParts("i2g-edge", edgePriority, inTurn(e.extra))
	}
	e.emitRoutePatches()
}

// inParts writes an object that patches the gateway, or several: their priorities keep the order of the parts. Only the first
// part has filters that go in front, so that others may have the priorities of the next base objects that have.
func (e *emitter) inParts(name string, priority int, parts [][]*envoyPatch) {
	for i, part := range parts {
		if len(part) > 0 {
			e.add(e.envoyFilter(PartName(name, i), priority+i, part))
		}
	}
}

// filterParts are the patches of a base object, with further ones, in the order in which they have to be applied. Where they
// are too many for one object, those of many filters at one place of the chain, such as a filter for each service that is
// asked, are spread over parts between the others. All that stands in front of Istio's own filters is in the first part.
func filterParts(fs []*httpFilter, extra []*envoyPatch) [][]*envoyPatch {
	slices.SortFunc(fs, compareFilters)
	parts := [][]*envoyPatch{nil}
	for _, f := range slices.Backward(fs) { // the last inserted stands first
		if f.first {
			parts[0] = append(parts[0], f.insert())
		}
	}
	var places [][]*httpFilter // of the chain, before the router
	for _, f := range fs {
		switch n := len(places); {
		case f.first:
		case n > 0 && places[n-1][0].order == f.order:
			places[n-1] = append(places[n-1], f)
		default:
			places = append(places, []*httpFilter{f})
		}
	}
	for _, place := range places {
		var ps []*envoyPatch
		var names []string
		for _, f := range place {
			ps, names = append(ps, f.insert()), append(names, f.name)
		}
		if many := spread(ps, names); len(many) > 1 {
			parts = append(append(parts, many...), nil)
			continue
		}
		last := &parts[len(parts)-1]
		*last = append(*last, ps...)
	}
	last := &parts[len(parts)-1]
	*last = append(*last, extra...)
	return parts
}

// insert is the patch that puts the filter into the chain.
func (f *httpFilter) insert() *envoyPatch {
	v := &hcmv3.HttpFilter{Name: f.name, Disabled: !f.on, ConfigType: &hcmv3.HttpFilter_TypedConfig{TypedConfig: pack(f.config)}}
	if f.first {
		return &envoyPatch{applyTo: "HTTP_FILTER", match: matchHCM(""), operation: "INSERT_FIRST", value: v}
	}
	return &envoyPatch{applyTo: "HTTP_FILTER", match: matchHCM("envoy.filters.http.router"), operation: "INSERT_BEFORE", value: v}
}

// networkFilter is the value of a NETWORK_FILTER merge.
func networkFilter(m proto.Message) proto.Message {
	return &listenerv3.Filter{ConfigType: &listenerv3.Filter_TypedConfig{TypedConfig: pack(m)}}
}
