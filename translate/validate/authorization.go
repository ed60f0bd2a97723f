package validate

import (
	"strconv"
	"strings"

	istiosec "istio.io/api/security/v1beta1"
)

// maxRules is the published schema's limit for rules and for their sources.
const maxRules = 512

func (c *check) authorizationPolicy(a *istiosec.AuthorizationPolicy) {
	c.attachment(a.Selector, a.TargetRef, a.TargetRefs)
	custom := a.Action == istiosec.AuthorizationPolicy_CUSTOM
	switch {
	case custom && a.GetProvider().GetName() == "":
		c.bad(&specPlace, "provider", "action CUSTOM needs the name of a provider")
	case !custom && a.ActionDetail != nil:
		c.bad(&specPlace, "provider", "is only for action CUSTOM")
	}
	rules := specPlace.field("rules")
	if len(a.Rules) == 0 && (custom || a.Action == istiosec.AuthorizationPolicy_DENY) {
		c.bad(&rules, "", "action %v without rules never acts", a.Action)
	}
	if n := len(a.Rules); n > maxRules {
		c.bad(&rules, "", "%d entries, at most %d", n, maxRules)
	}
	for i, r := range a.Rules {
		p := rules.item(i)
		c.authorizationRule(&p, r, custom)
	}
}

func (c *check) authorizationRule(p *at, r *istiosec.Rule, custom bool) {
	from := p.field("from")
	if n := len(r.From); n > maxRules {
		c.bad(&from, "", "%d entries, at most %d", n, maxRules)
	}
	for i, f := range r.From {
		item := from.item(i)
		place := item.field("source")
		c.source(&place, f.GetSource(), custom)
	}
	to := p.field("to")
	for i, t := range r.To {
		item := to.item(i)
		place := item.field("operation")
		c.operation(&place, t.GetOperation())
	}
	when := p.field("when")
	for i, w := range r.When {
		place := when.item(i)
		c.condition(&place, w, custom)
	}
}

func (c *check) source(p *at, s *istiosec.Source, custom bool) {
	all := []struct {
		name   string
		values []string
		ips    bool
		custom bool // allowed with action CUSTOM
	}{
		{"principals", s.GetPrincipals(), false, false}, {"notPrincipals", s.GetNotPrincipals(), false, false},
		{"requestPrincipals", s.GetRequestPrincipals(), false, false}, {"notRequestPrincipals", s.GetNotRequestPrincipals(), false, false},
		{"namespaces", s.GetNamespaces(), false, false}, {"notNamespaces", s.GetNotNamespaces(), false, false},
		{"serviceAccounts", s.GetServiceAccounts(), false, false}, {"notServiceAccounts", s.GetNotServiceAccounts(), false, false},
		{"trustDomains", s.GetTrustDomains(), false, false}, {"notTrustDomains", s.GetNotTrustDomains(), false, false},
		{"ipBlocks", s.GetIpBlocks(), true, true}, {"notIpBlocks", s.GetNotIpBlocks(), true, true},
		{"remoteIpBlocks", s.GetRemoteIpBlocks(), true, true}, {"notRemoteIpBlocks", s.GetNotRemoteIpBlocks(), true, true},
	}
	n := 0
	for _, f := range all {
		n += len(f.values)
		if custom && !f.custom && len(f.values) > 0 {
			c.bad(p, f.name, "is not supported with action CUSTOM")
		}
		for _, v := range f.values {
			switch {
			case v == "":
				c.bad(p, f.name, "holds an empty value")
			case f.ips && !isSubnet(v):
				c.bad(p, f.name, "%s is not an address or CIDR", quote(v))
			}
		}
	}
	if n == 0 {
		c.bad(p, "", "is empty: it would stand for every source")
	}
	c.serviceAccounts(p, "serviceAccounts", s.GetServiceAccounts())
	c.serviceAccounts(p, "notServiceAccounts", s.GetNotServiceAccounts())
	c.trustDomains(p, "trustDomains", s.GetTrustDomains())
	c.trustDomains(p, "notTrustDomains", s.GetNotTrustDomains())
	if len(s.GetServiceAccounts())+len(s.GetNotServiceAccounts()) > 0 &&
		len(s.GetPrincipals())+len(s.GetNotPrincipals())+len(s.GetNamespaces())+len(s.GetNotNamespaces()) > 0 {
		c.bad(p, "serviceAccounts", "excludes namespaces and principals")
	}
}

// maxAccounts is Istio's limit for the service accounts of one source.
const maxAccounts = 16

func (c *check) serviceAccounts(p *at, sub string, names []string) {
	if n := len(names); n > maxAccounts {
		c.bad(p, sub, "%d entries, at most %d", n, maxAccounts)
	}
	for _, v := range names {
		ns, name, ok := strings.Cut(v, "/")
		if len(v) > 320 || strings.Contains(v, "*") || ok && (ns == "" || name == "" || strings.Contains(name, "/")) {
			c.bad(p, sub, "%s is not NAME or NAMESPACE/NAME", quote(v))
		}
	}
}

func (c *check) trustDomains(p *at, sub string, names []string) {
	for _, v := range names {
		if strings.Contains(v, "/") || !edgeWildcard(v) {
			c.bad(p, sub, "%s is not a trust domain", quote(v))
		}
	}
}

// edgeWildcard tells whether a value has at most one *, at its beginning or end.
func edgeWildcard(v string) bool {
	return strings.Count(v, "*") == 0 || strings.Count(v, "*") == 1 && (v[0] == '*' || v[len(v)-1] == '*')
}

func (c *check) operation(p *at, o *istiosec.Operation) {
	lists := []struct {
		name   string
		values []string
	}{
		{"hosts", o.GetHosts()}, {"notHosts", o.GetNotHosts()}, {"ports", o.GetPorts()}, {"notPorts", o.GetNotPorts()},
		{"methods", o.GetMethods()}, {"notMethods", o.GetNotMethods()}, {"paths", o.GetPaths()}, {"notPaths", o.GetNotPaths()},
	}
	n := 0
	for _, l := range lists {
		n += len(l.values)
		for _, v := range l.values {
			reason := ""
			switch {
			case v == "":
				reason = "empty value"
			case l.name == "ports" || l.name == "notPorts":
				reason = portProblem(v)
			case l.name == "paths" || l.name == "notPaths":
				reason = pathTemplateProblem(v)
			case !edgeWildcard(v):
				reason = "a * stands at the beginning or at the end"
			}
			if reason != "" {
				c.bad(p, l.name, "%s: %s", quote(v), reason)
			}
		}
	}
	if n == 0 {
		c.bad(p, "", "is empty: it would stand for every request")
	}
}

func portProblem(v string) string {
	if n, err := strconv.ParseUint(v, 10, 32); err != nil || n > 65535 {
		return "is not a port"
	}
	return ""
}

// pathTemplateProblem: {*} and {**} are operators, other braces are refused. A single * inside a path is just a character.
func pathTemplateProblem(v string) string {
	template := strings.Contains(v, "{*}") || strings.Contains(v, "{**}")
	last := false
	for part := range strings.SplitSeq(strings.Trim(v, "/"), "/") {
		switch {
		case part == "{*}" || part == "{**}":
			if last {
				return "{**} is the last part or not there"
			}
			last = part == "{**}"
		case strings.ContainsAny(part, "{}"):
			return "braces that are neither {*} nor {**}"
		case template && !isPathLiteral(part):
			return quote(part) + " cannot stand beside {*}"
		}
	}
	return ""
}

func isPathLiteral(s string) bool {
	for i := range len(s) {
		if !alnum(s[i]) && strings.IndexByte("-._~%!$&'()+,;:@=", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

func (c *check) condition(p *at, w *istiosec.Condition, custom bool) {
	key := w.Key
	name, inner, bracket := strings.Cut(key, "[")
	switch {
	case bracket:
		known := name == "request.headers" || strings.HasPrefix(name, "request.auth.claims") ||
			strings.HasPrefix(name, "experimental.envoy.filters.")
		if !known || !strings.HasSuffix(inner, "]") || len(inner) < 2 {
			c.bad(p, "key", "%s is not a known attribute", quote(key))
		}
	case !conditionKeys[key]:
		c.bad(p, "key", "%s is not a known attribute", quote(key))
	}
	if custom && (strings.HasPrefix(key, "request.auth.") || key == "source.namespace" || key == "source.principal" ||
		key == "source.serviceAccount" || key == "source.trustDomain") {
		c.bad(p, "key", "%s is not supported with action CUSTOM", quote(key))
	}
	if len(w.Values)+len(w.NotValues) == 0 {
		c.bad(p, "values", "values or notValues are required")
	}
	for _, v := range append(append([]string(nil), w.Values...), w.NotValues...) {
		reason := ""
		switch {
		case v == "":
			reason = "empty value"
		case (key == "source.ip" || key == "remote.ip" || key == "destination.ip") && !isSubnet(v):
			reason = "is not an address or CIDR"
		case key == "destination.port":
			reason = portProblem(v)
		case key == "source.trustDomain" && !edgeWildcard(v):
			reason = "a * stands at the beginning or at the end"
		}
		if reason != "" {
			c.bad(p, "values", "%s: %s", quote(v), reason)
		}
	}
	if key == "source.serviceAccount" {
		c.serviceAccounts(p, "values", w.Values)
		c.serviceAccounts(p, "notValues", w.NotValues)
	}
}

var conditionKeys = map[string]bool{
	"source.ip": true, "remote.ip": true, "source.namespace": true, "source.principal": true, "source.serviceAccount": true,
	"source.trustDomain": true, "request.auth.principal": true, "request.auth.audiences": true, "request.auth.presenter": true,
	"destination.ip": true, "destination.port": true, "connection.sni": true,
}
