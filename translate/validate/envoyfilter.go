package validate

import (
	"regexp"

	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// stripFilter takes the values of the patches out of an EnvoyFilter: they are Envoy's to decode.
func (c *check) stripFilter(spec manifest.Map) manifest.Map {
	stripped := make(manifest.Map, len(spec))
	for i, f := range spec {
		if f.Key == "configPatches" {
			f.Value = c.stripPatches(f.Value)
		}
		stripped[i] = f
	}
	return stripped
}

// stripPatches takes the values out of the patches and keeps them in c.patchValues.
func (c *check) stripPatches(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	c.patchValues = make([]any, len(list))
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = replaceField(x, "patch", func(patch any) any {
			return replaceField(patch, "value", func(value any) any {
				c.patchValues[i] = value
				return manifest.Map{}
			})
		})
	}
	return out
}

// replaceField copies a mapping with one of its values replaced; what is no mapping is left to the decoder to refuse.
func replaceField(v any, key string, f func(any) any) any {
	m, ok := v.(manifest.Map)
	if !ok {
		return v
	}
	out := make(manifest.Map, len(m))
	for i, field := range m {
		if field.Key == key {
			field.Value = f(field.Value)
		}
		out[i] = field
	}
	return out
}

func (c *check) envoyFilter(f *istionet.EnvoyFilter) {
	if s := f.WorkloadSelector; s != nil {
		place := specPlace.field("workloadSelector")
		c.selector(&place, "labels", s.Labels)
		if len(f.TargetRefs) > 0 {
			c.bad(&specPlace, "targetRefs", "excludes workloadSelector")
		}
	}
	c.targets(f.TargetRefs)
	list := specPlace.field("configPatches")
	if len(f.ConfigPatches) == 0 {
		c.bad(&list, "", "an EnvoyFilter without patches does nothing")
	}
	for i, cp := range f.ConfigPatches {
		p := list.item(i)
		if !c.patchOutline(&p, cp) {
			continue
		}
		c.patchMatch(&p, cp)
		var value any = cp.Patch.Value.AsMap()
		if i < len(c.patchValues) {
			value = c.patchValues[i]
		}
		place := p.field("patch")
		c.patchValue(&place, cp, value)
	}
}

// patchOutline checks that a patch is complete, and tells whether its value is worth looking at.
func (c *check) patchOutline(p *at, cp *istionet.EnvoyFilter_EnvoyConfigObjectPatch) bool {
	op := cp.GetPatch().GetOperation()
	switch {
	case cp.ApplyTo == istionet.EnvoyFilter_INVALID:
		c.bad(p, "applyTo", "is required")
	case op == istionet.EnvoyFilter_Patch_INVALID:
		c.bad(p, "patch.operation", "is required")
	case op == istionet.EnvoyFilter_Patch_REMOVE:
		c.patchMatch(p, cp)
	case cp.Patch.Value == nil:
		c.bad(p, "patch.value", "is required for %v", op)
	default:
		return true
	}
	return false
}

func (c *check) patchMatch(p *at, cp *istionet.EnvoyFilter_EnvoyConfigObjectPatch) {
	m := cp.Match
	place := p.field("match")
	if v := m.GetProxy().GetProxyVersion(); v != "" {
		if _, err := regexp.Compile(v); err != nil || len(v) > maxRegex {
			c.bad(&place, "proxy.proxyVersion", "%s is not a regular expression", quote(v))
		}
	}
	if waypoint := m.GetWaypoint() != nil; waypoint != (m.GetContext() == istionet.EnvoyFilter_WAYPOINT) {
		c.bad(&place, "context", "WAYPOINT and the waypoint match go together")
	}
	switch cp.ApplyTo {
	case istionet.EnvoyFilter_LISTENER, istionet.EnvoyFilter_FILTER_CHAIN, istionet.EnvoyFilter_NETWORK_FILTER,
		istionet.EnvoyFilter_HTTP_FILTER, istionet.EnvoyFilter_LISTENER_FILTER:
		if m.GetObjectTypes() != nil && m.GetListener() == nil {
			c.bad(&place, "", "%v is found by a listener match", cp.ApplyTo)
		}
		c.filterMatch(&place, cp)
	case istionet.EnvoyFilter_ROUTE_CONFIGURATION, istionet.EnvoyFilter_VIRTUAL_HOST, istionet.EnvoyFilter_HTTP_ROUTE:
		if m.GetObjectTypes() != nil && m.GetRouteConfiguration() == nil {
			c.bad(&place, "", "%v is found by a routeConfiguration match", cp.ApplyTo)
		}
		route := m.GetRouteConfiguration().GetVhost().GetRoute()
		if route != nil && route.Name == "" && route.Action == istionet.EnvoyFilter_RouteConfigurationMatch_RouteMatch_ANY {
			c.bad(&place, "routeConfiguration.vhost.route", "matches every route")
		}
		if cp.ApplyTo == istionet.EnvoyFilter_HTTP_ROUTE && route.GetName() != "" {
			c.filters.route(c.obj, place.String(), route.Name)
		}
	case istionet.EnvoyFilter_CLUSTER:
		if m.GetObjectTypes() != nil && m.GetCluster() == nil {
			c.bad(&place, "", "%v is found by a cluster match", cp.ApplyTo)
		}
	}
}

const (
	managerName = "envoy.filters.network.http_connection_manager"
	routerName  = "envoy.filters.http.router"
)

// filterMatch checks the anchor of a filter: one that is not there inserts nothing, and says nothing.
func (c *check) filterMatch(p *at, cp *istionet.EnvoyFilter_EnvoyConfigObjectPatch) {
	op := cp.GetPatch().GetOperation()
	filter := cp.GetMatch().GetListener().GetFilterChain().GetFilter()
	sub := filter.GetSubFilter()
	place := p.field("listener.filterChain.filter")
	switch {
	case filter != nil && filter.Name == "":
		c.bad(&place, "name", "is required")
	case sub != nil && cp.ApplyTo != istionet.EnvoyFilter_HTTP_FILTER:
		c.bad(&place, "subFilter", "is only for HTTP_FILTER")
	case sub != nil && filter.Name != managerName && filter.Name != "envoy.http_connection_manager":
		c.bad(&place, "name", "subFilter needs the name %s", managerName)
	case sub != nil && sub.Name == "":
		c.bad(&place, "subFilter.name", "is required")
	}
	if cp.ApplyTo != istionet.EnvoyFilter_HTTP_FILTER {
		return
	}
	switch op {
	case istionet.EnvoyFilter_Patch_INSERT_FIRST:
	case istionet.EnvoyFilter_Patch_INSERT_BEFORE:
		if sub.GetName() != routerName {
			c.bad(&place, "subFilter.name", "only %s is certain to be there", routerName)
		}
	case istionet.EnvoyFilter_Patch_ADD, istionet.EnvoyFilter_Patch_INSERT_AFTER:
		c.bad(p, "", "%v puts a filter behind the router: Envoy refuses the listener", op)
	default:
		if sub.GetName() == "" {
			c.bad(&place, "subFilter.name", "%v needs the name of the filter", op)
		}
	}
}
