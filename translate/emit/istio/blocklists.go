package istio

import (
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

const filterBlock = "i2g.block"

// blockLists refuses user agents, referers and addresses on every route, before everything else.
func blockLists(e *emitter) {
	g := &e.edge.Global
	if len(g.BlockOrigins) == 0 || len(e.edge.Hosts) == 0 {
		return
	}
	if e.opts.NoEnvoyFilter {
		return // the rules are closed
	}
	var ps []*rbacv3.Principal
	for _, re := range g.BlockAgents {
		ps = append(ps, headerPrincipal("user-agent", re))
	}
	for _, re := range g.BlockReferers {
		ps = append(ps, headerPrincipal("referer", re))
	}
	if len(g.BlockCIDRs) > 0 {
		ps = append(ps, e.refused(&model.Access{Deny: g.BlockCIDRs, Trusted: g.BlockTrusted})...)
	}
	e.filters.use(httpFilter{name: filterBlock, object: objAccess, first: true, order: orderBlock, on: true, config: &httprbacv3.RBAC{Rules: refuse("block", ps)}})
}
