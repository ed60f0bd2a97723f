package istio

import (
	"reflect"

	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// filterIP refuses client addresses.
const filterIP = "i2g.ip"

// accessUse collects what the access filters need beside themselves.
type accessUse struct {
	protects bool                    // some route has a protection
	checked  bool                    // a service is asked about some route
	signIns  map[string]string       // Location values by their key
	outside  map[string]*outsideHost // services outside the cluster, by their name in the registry
	clusters map[string]bool         // that carry a script
	users    userSources             // Secrets that the authorizer needs
}

// protection is what a request must satisfy to pass a rule.
type protection struct {
	list  *model.Access
	basic *model.BasicAuth
	ext   *model.ExternalAuth
	any   bool // one of list and authentication is enough
}

// access attaches address lists, passwords and external authentication to the entries that reach a backend, and to a 404 that
// stands in place of one. Redirects, preflights and other fixed answers come before, as on the source.
func access(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry {
	p := e.protection(h, r)
	if p.list == nil && p.basic == nil && p.ext == nil {
		return xs
	}
	var key []byte
	for _, x := range xs {
		if !x.asksFirst() {
			continue
		}
		if key == nil {
			key = appendSetting(appendSetting([]byte("access "), reflect.ValueOf(p)), reflect.ValueOf(h.ClientCerts))
			e.reportProtection(p)
		}
		e.step(x, key, func() { e.attachProtection(h, x, p) })
		if p.basic != nil && !x.answer && !p.ext.Answers("authorization") {
			e.removeHeader(x, ofRequest, "authorization")
		}
		e.guard(x)
	}
	return xs
}

// reportProtection says what differs.
func (e *emitter) reportProtection(p protection) {
	if b := p.basic; b != nil && b.Secret != "" && !b.Service {
		e.findings.Report(finding.SecretReadable, b.Origin, b.Secret)
		if !e.can(26) {
			e.findings.Report(finding.TooOld, b.Origin, keyName(b.Origin), "1.26", "credentials whose scheme is not written Basic are refused")
		}
	}
	if a := p.ext; a != nil {
		e.reportWithoutLua(a)
		if a.SignIn != nil {
			if _, err := signInLocation(a.SignIn); err != nil {
				e.reportValue(model.HeaderOp{Name: "location", Origin: a.Origin}, err)
			}
		}
	}
}

// asksFirst tells whether the access checks of its rule come before the entry.
func (x *entry) asksFirst() bool { return !x.answer || x.afterAccess }

// protection is what of a rule's protection can be expressed.
func (e *emitter) protection(h *model.Host, r *model.Rule) protection {
	p := protection{list: r.Access, basic: r.BasicAuth, ext: r.ExternalAuth}
	p.any = r.SatisfyAny != nil
	for _, l := range e.accessLimits(h, r) {
		switch l.part {
		case partAny:
			p.any, p.list = false, nil // the authentication alone is left
		case partList:
			p.list = nil
		case partBasic:
			p.basic = nil
		case partExternal:
			p.ext = nil
		}
	}
	p.any = p.any && p.list != nil && (p.basic != nil || p.ext != nil)
	return p
}

// accessLimit is a part of a protection that cannot be expressed.
type accessLimit struct {
	part    int
	why     string
	origins []model.Origin
}

// The parts of a protection.
const (
	partAny = iota
	partList
	partBasic
	partExternal
)

// accessLimits lists what of a rule's protection cannot be expressed.
func (e *emitter) accessLimits(h *model.Host, r *model.Rule) []accessLimit {
	var out []accessLimit
	note := func(part int, why string, os ...model.Origin) {
		if why != "" {
			out = append(out, accessLimit{part, why, os})
		}
	}
	if r.SatisfyAny != nil && !e.opts.NoEnvoyFilter {
		note(partAny, e.needs(31), r.SatisfyAny.Origin)
	}
	if r.Access != nil {
		note(partList, e.needs(0), r.Access.Origins...)
	}
	if r.BasicAuth != nil {
		minor := 22
		if r.BasicAuth.Service {
			minor = 30
		}
		note(partBasic, e.needs(minor), r.BasicAuth.Origin)
	}
	if r.ExternalAuth != nil {
		note(partExternal, e.externalLimit(h, r.ExternalAuth), r.ExternalAuth.Origin)
	}
	return out
}

// closeUnprotected closes rules whose protection cannot be expressed, except for what the user waived.
func closeUnprotected(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry {
	if _, ok := r.Action.(model.Forward); !ok || r.Closed != nil {
		return xs
	}
	ls := e.accessLimits(h, r)
	if os := e.edge.Global.BlockOrigins; len(os) > 0 && e.opts.NoEnvoyFilter {
		ls = append(ls, accessLimit{why: e.needs(0), origins: os})
	}
	for _, l := range ls {
		for _, o := range l.origins {
			e.closeFor(r, o, l.why)
		}
	}
	return xs
}

// needs says why a protection that needs an EnvoyFilter and at least Istio 1.minor cannot be expressed; "" if it can.
func (e *emitter) needs(minor int) string {
	switch {
	case e.opts.NoEnvoyFilter:
		return "it needs an EnvoyFilter, and --no-envoyfilter was given"
	case !e.can(minor):
		return "it needs Istio 1." + itoa(minor)
	}
	return ""
}

// attachProtection attaches the filters of a protection to an entry.
func (e *emitter) attachProtection(h *model.Host, x *entry, p protection) {
	var skip *model.Access // whose addresses pass without authentication
	switch {
	case p.list == nil:
	case !p.any:
		e.attachList(x, p.list)
	case len(p.list.Allow) > 0:
		skip = p.list
	}
	if p.basic != nil {
		e.attachPassword(x, p.basic, skip)
	}
	if p.ext != nil {
		e.attachExternal(h, x, p.ext, skip)
	}
}

// attachList refuses the addresses that the list does not let pass.
func (e *emitter) attachList(x *entry, a *model.Access) {
	e.filters.use(httpFilter{name: filterIP, object: objAccess, order: orderIP, config: &httprbacv3.RBAC{}})
	per := &httprbacv3.RBACPerRoute{Rbac: &httprbacv3.RBAC{Rules: refuse("ip", e.refused(a))}}
	x.patch.filter(filterIP, per)
	x.patch.need(filterIP)
	x.patch.label("ip-" + hashOf(per))
}

// refuse makes rules that refuse requests of any of the principals.
func refuse(name string, ps []*rbacv3.Principal) *rbacv3.RBAC {
	return &rbacv3.RBAC{Action: rbacv3.RBAC_DENY, Policies: map[string]*rbacv3.Policy{name: {
		Permissions: []*rbacv3.Permission{{Rule: &rbacv3.Permission_Any{Any: true}}},
		Principals:  ps,
	}}}
}

// refused lists who may not pass a list. Where only some peers are believed about the client's address, every other peer is
// judged by its own.
func (e *emitter) refused(a *model.Access) []*rbacv3.Principal {
	var out []*rbacv3.Principal
	trusted := directIn(a.Trusted)
	if len(a.Trusted) == 0 {
		for _, c := range a.Deny {
			out = append(out, remoteIn(c))
		}
		if len(a.Allow) > 0 {
			out = append(out, notPrincipal(anyRemote(a.Allow)))
		}
		return out
	}
	if len(a.Deny) > 0 {
		out = append(out, allPrincipals(trusted, anyRemote(a.Deny)), allPrincipals(notPrincipal(trusted), directIn(a.Deny)))
	}
	if len(a.Allow) > 0 {
		out = append(out, allPrincipals(trusted, notPrincipal(anyRemote(a.Allow))), allPrincipals(notPrincipal(trusted), notPrincipal(directIn(a.Allow))))
	}
	return append(out, chained(a.Trusted))
}

// heldByPlatform tells whether a setting of the platform protects routes of a host: their matches and names then stay where
// no team can change them.
func (e *emitter) heldByPlatform(p *hostPlan) bool {
	for _, x := range p.entries {
		if x.rule == nil || !x.asksFirst() {
			continue
		}
		a, ext := x.rule.Access, x.rule.ExternalAuth
		if (a == nil || !a.Platform) && (ext == nil || !ext.Platform) {
			continue
		}
		if e.opts.Ownership != emit.Platform {
			e.findings.Report(finding.HostPlatform, p.host.Origin, p.host.Name, "a setting of the platform protects them; what is done with a request is delegated to the team")
		}
		return true
	}
	return false
}
