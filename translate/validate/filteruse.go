package validate

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// filterUse collects, over all EnvoyFilters, which HTTP filters are inserted, what is configured of them on routes, and
// which routes are named: a patch that finds nothing does nothing, and says nothing.
type filterUse struct {
	inserted   map[string]inserted // by name
	configured []configured
	routes     []namedRoute
}

type inserted struct {
	obj     *manifest.Object
	typeURL string
}

type configured struct {
	obj    *manifest.Object
	field  string
	filter filterRef
}

type namedRoute struct {
	obj         *manifest.Object
	field, name string
}

// insert notes a filter. Two objects that insert one name give two filters.
func (c *check) insert(p *at, filter filterRef) {
	f := &c.filters
	if f.inserted == nil {
		f.inserted = map[string]inserted{}
	}
	if other, ok := f.inserted[filter.name]; ok && other.obj != c.obj {
		c.bad(p, "value.name", "%s is inserted by %s too", quote(filter.name), other.obj.ID())
	}
	f.inserted[filter.name] = inserted{c.obj, filter.typeURL}
}

func (f *filterUse) configure(o *manifest.Object, field string, filter filterRef) {
	f.configured = append(f.configured, configured{o, field, filter})
}

func (f *filterUse) route(o *manifest.Object, field, name string) {
	f.routes = append(f.routes, namedRoute{o, field, name})
}

const httpFilters = "envoy.extensions.filters.http."

// ownFilters are those that Istio may have in the chain under their own names.
var ownFilters = map[string]string{
	"envoy.filters.http.fault":     httpFilters + "fault.v3.HTTPFault",
	"envoy.filters.http.cors":      httpFilters + "cors.v3.Cors",
	"envoy.filters.http.rbac":      httpFilters + "rbac.v3.RBAC",
	"envoy.filters.http.ext_authz": httpFilters + "ext_authz.v3.ExtAuthz",
	"envoy.filters.http.jwt_authn": httpFilters + "jwt_authn.v3.JwtAuthentication",
}

// routeTypes says what type a route configures a filter with, where that is not the filter's own.
var routeTypes = map[string]string{
	httpFilters + "basic_auth.v3.BasicAuth":             httpFilters + "basic_auth.v3.BasicAuthPerRoute",
	httpFilters + "buffer.v3.Buffer":                    httpFilters + "buffer.v3.BufferPerRoute",
	httpFilters + "composite.v3.Composite":              httpFilters + "composite.v3.CompositePerRoute",
	httpFilters + "compressor.v3.Compressor":            httpFilters + "compressor.v3.CompressorPerRoute",
	httpFilters + "cors.v3.Cors":                        httpFilters + "cors.v3.CorsPolicy",
	httpFilters + "ext_authz.v3.ExtAuthz":               httpFilters + "ext_authz.v3.ExtAuthzPerRoute",
	httpFilters + "header_mutation.v3.HeaderMutation":   httpFilters + "header_mutation.v3.HeaderMutationPerRoute",
	httpFilters + "jwt_authn.v3.JwtAuthentication":      httpFilters + "jwt_authn.v3.PerRouteConfig",
	httpFilters + "lua.v3.Lua":                          httpFilters + "lua.v3.LuaPerRoute",
	httpFilters + "ratelimit.v3.RateLimit":              httpFilters + "ratelimit.v3.RateLimitPerRoute",
	httpFilters + "rbac.v3.RBAC":                        httpFilters + "rbac.v3.RBACPerRoute",
	httpFilters + "stateful_session.v3.StatefulSession": httpFilters + "stateful_session.v3.StatefulSessionPerRoute",
}

// perRouteProblems compares what routes configure with the filters that are there.
func (c *check) perRouteProblems() {
	for _, u := range c.filters.configured {
		c.obj = u.obj
		field := u.field + ".typed_per_filter_config[" + u.filter.name + "]"
		in, ok := c.filters.inserted[u.filter.name]
		kind := strings.TrimPrefix(in.typeURL, typePrefix)
		if !ok {
			kind, ok = ownFilters[u.filter.name]
		}
		if !ok {
			c.bad(nil, field, "no filter of that name is inserted: Envoy ignores the setting")
			continue
		}
		want, special := routeTypes[kind]
		if !special {
			want = kind
		}
		if got := strings.TrimPrefix(u.filter.typeURL, typePrefix); got != "" && got != want {
			c.bad(nil, field, "is a %s; the filter wants %s", got, want)
		}
	}
}

// routeNameProblems looks for the routes that patches name.
func (c *check) routeNameProblems(names map[string]bool) {
	for _, r := range c.filters.routes {
		if !names[r.name] {
			c.obj = r.obj
			c.bad(nil, r.field, "no VirtualService has a route %s: the patch does nothing", quote(r.name))
		}
	}
}
