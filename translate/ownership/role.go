package ownership

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

const (
	rbacVersion = "rbac.authorization.k8s.io/v1"
	rbacGroup   = "rbac.authorization.k8s.io"
)

// role is what a team may do in its namespace: routes and what belongs to them, and nothing that acts on the gateway as a
// whole (Gateway, EnvoyFilter) or gives it new places to go to (ServiceEntry, WorkloadEntry).
func (o Options) role() *manifest.Object {
	resources := []string{"destinationrules", "virtualservices"}
	if o.OwnGateways {
		resources = append(resources, "gateways")
	}
	verbs := []string{"get", "list", "watch", "create", "update", "patch", "delete"}
	if o.ReadOnly {
		verbs = verbs[:3]
	}
	return &manifest.Object{
		APIVersion: rbacVersion, Kind: "ClusterRole", Name: o.name(roleName),
		Fields: manifest.Map{{Key: "rules", Value: []any{manifest.Map{
			{Key: "apiGroups", Value: []string{"networking.istio.io"}},
			{Key: "resources", Value: resources},
			{Key: "verbs", Value: verbs},
		}}}},
	}
}

// roleBinding gives the role to a team in its namespace.
func (o Options) roleBinding(namespace string) *manifest.Object {
	return &manifest.Object{
		APIVersion: rbacVersion, Kind: "RoleBinding", Namespace: namespace, Name: o.name(roleName),
		Fields: manifest.Map{
			{Key: "roleRef", Value: manifest.Map{
				{Key: "apiGroup", Value: rbacGroup}, {Key: "kind", Value: "ClusterRole"}, {Key: "name", Value: o.name(roleName)},
			}},
			{Key: "subjects", Value: []any{manifest.Map{
				{Key: "apiGroup", Value: rbacGroup}, {Key: "kind", Value: "Group"},
				{Key: "name", Value: strings.ReplaceAll(o.Group, Namespace, namespace)},
			}}},
		},
	}
}
