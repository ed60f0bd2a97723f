package ownership

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

const admissionVersion = "admissionregistration.k8s.io/v1"

// policy is a ValidatingAdmissionPolicy in short.
type policy struct {
	name      string
	group     string
	resource  string
	withHosts bool // reads the claims
	exempt    []any
	condition named // what it looks at
	variables []named
	rules     []rule
}

type named struct{ name, expression string }

// rule must hold for an object to be admitted. explain is an expression for the message, where one can say more than message.
type rule struct{ expression, message, explain string }

func (o Options) policies() []*manifest.Object {
	var out []*manifest.Object
	for _, p := range []policy{o.certificates(), o.services(), o.gateways(), o.ingresses(), o.routes()} {
		out = append(out, o.object(p))
	}
	return out
}

func (o Options) object(p policy) *manifest.Object {
	spec := manifest.Map{{Key: "failurePolicy", Value: "Fail"}}
	if p.withHosts {
		spec = append(spec, manifest.Field{Key: "paramKind", Value: manifest.Map{{Key: "apiVersion", Value: "v1"}, {Key: "kind", Value: "ConfigMap"}}})
	}
	selector := append([]any{o.outside(o.GatewayNamespace)}, p.exempt...)
	spec = append(spec,
		manifest.Field{Key: "matchConstraints", Value: manifest.Map{
			{Key: "namespaceSelector", Value: manifest.Map{{Key: "matchExpressions", Value: selector}}},
			{Key: "resourceRules", Value: []any{manifest.Map{
				{Key: "apiGroups", Value: []string{p.group}}, {Key: "apiVersions", Value: []string{"*"}},
				{Key: "operations", Value: []string{"CREATE", "UPDATE"}}, {Key: "resources", Value: []string{p.resource}},
			}}},
		}},
		manifest.Field{Key: "matchConditions", Value: []any{o.expression(p.condition)}},
	)
	if len(p.variables) > 0 {
		var vs []any
		for _, v := range p.variables {
			vs = append(vs, o.expression(v))
		}
		spec = append(spec, manifest.Field{Key: "variables", Value: vs})
	}
	var rules []any
	for _, r := range p.rules {
		m := manifest.Map{{Key: "expression", Value: o.fill(r.expression)}, {Key: "message", Value: o.fill(r.message)}}
		if r.explain != "" {
			m = append(m, manifest.Field{Key: "messageExpression", Value: o.fill(r.explain)})
		}
		rules = append(rules, append(m, manifest.Field{Key: "reason", Value: "Forbidden"}))
	}
	spec = append(spec, manifest.Field{Key: "validations", Value: rules})
	return &manifest.Object{APIVersion: admissionVersion, Kind: "ValidatingAdmissionPolicy", Name: o.name(p.name), Spec: spec}
}

func (o Options) expression(n named) manifest.Map {
	return manifest.Map{{Key: "name", Value: n.name}, {Key: "expression", Value: o.fill(n.expression)}}
}

// fill puts the names of the installation into an expression.
func (o Options) fill(expression string) string {
	bind := append([]string{o.GatewayNamespace}, o.BindNamespaces...)
	slices.Sort(bind)
	bind = slices.Compact(bind)
	return strings.NewReplacer(
		"GATEWAY", o.GatewayNamespace,
		"BINDABLE", `["`+strings.Join(bind, `", "`)+`"]`,
		"DOMAIN", o.ClusterDomain,
		"SELECTOR", cmp.Or(o.Selector, "{}"),
		"PORT_HTTPS", cmp.Or(o.HTTPSPort, "443"),
		"PORT_HTTP", cmp.Or(o.HTTPPort, "80"),
	).Replace(expression)
}

// outside selects all namespaces but some. The label is the API server's own: nobody can change it.
func (o Options) outside(namespaces ...string) manifest.Map {
	return o.selects("NotIn", namespaces)
}

func (o Options) selects(operator string, namespaces []string) manifest.Map {
	return manifest.Map{
		{Key: "key", Value: "kubernetes.io/metadata.name"}, {Key: "operator", Value: operator}, {Key: "values", Value: namespaces},
	}
}

// bindings put the policies into force. Of several ConfigMaps each is for the namespaces that it lists, the first one for all
// others: a namespace without a claim may claim nothing. Without its ConfigMap a binding refuses everything.
func (o Options) bindings(shards []shard) []*manifest.Object {
	out := []*manifest.Object{o.binding(servicesPolicy, 0, nil, false), o.binding(ingressesPolicy, 0, nil, false)}
	withHosts := []string{certificatesPolicy, routesPolicy}
	if o.OwnGateways {
		withHosts = append(withHosts, gatewaysPolicy)
	} else {
		out = append(out, o.binding(gatewaysPolicy, 0, nil, false))
	}
	var listed []string
	for _, s := range shards[1:] {
		listed = append(listed, s.namespaces...)
	}
	for _, name := range withHosts {
		for i, s := range shards {
			switch {
			case i > 0:
				out = append(out, o.binding(name, i, o.selects("In", s.namespaces), true))
			case len(listed) > 0:
				out = append(out, o.binding(name, i, o.outside(listed...), true))
			default:
				out = append(out, o.binding(name, i, nil, true))
			}
		}
	}
	return out
}

func (o Options) binding(policy string, i int, selector manifest.Map, withHosts bool) *manifest.Object {
	spec := manifest.Map{{Key: "policyName", Value: o.name(policy)}}
	if withHosts {
		spec = append(spec, manifest.Field{Key: "paramRef", Value: manifest.Map{
			{Key: "name", Value: shardName(HostsName, i)}, {Key: "namespace", Value: o.GatewayNamespace}, {Key: "parameterNotFoundAction", Value: "Deny"},
		}})
	}
	if selector != nil {
		spec = append(spec, manifest.Field{Key: "matchResources", Value: manifest.Map{
			{Key: "namespaceSelector", Value: manifest.Map{{Key: "matchExpressions", Value: []any{selector}}}},
		}})
	}
	spec = append(spec, manifest.Field{Key: "validationActions", Value: []string{"Deny"}})
	return &manifest.Object{APIVersion: admissionVersion, Kind: "ValidatingAdmissionPolicyBinding", Name: o.name(shardName(policy, i)), Spec: spec}
}
