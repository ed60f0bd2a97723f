package validate

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// maxAnnotations is what the API server takes as the sum of all keys and values.
const maxAnnotations = 256 << 10

var clusterScoped = []string{
	"Namespace", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
	"GatewayClass", "IngressClass", "CustomResourceDefinition",
}

// meta checks name, namespace, labels and annotations.
func (c *check) meta(o *manifest.Object) {
	group, version, _ := strings.Cut(o.APIVersion, "/")
	if version == "" {
		group, version = "", group
	}
	if o.Kind == "" || version == "" || group != "" && len(validation.IsDNS1123Subdomain(group)) > 0 {
		c.bad(nil, "apiVersion", "%q with kind %q names no type", o.APIVersion, o.Kind)
	}
	if name := o.Name; !isSubdomain(name) && !rbacName(o) {
		c.bad(nil, "metadata.name", "%q is not a DNS name (lower-case letters, digits, '-', '.', at most 253)", name)
	}
	switch scoped := slices.Contains(clusterScoped, o.Kind); {
	case scoped && o.Namespace != "":
		c.bad(nil, "metadata.namespace", "%s belongs to no namespace", o.Kind)
	case !scoped && !isLowerLabel(o.Namespace):
		c.bad(nil, "metadata.namespace", "%q is not a namespace's name", o.Namespace)
	}
	for _, k := range sortedKeys(o.Labels) {
		c.labelKey("metadata.labels", k)
		if v := o.Labels[k]; !isLabelValue(v) {
			c.bad(nil, "metadata.labels["+k+"]", "%q is not a label value", v)
		}
	}
	size := 0
	for _, k := range sortedKeys(o.Annotations) {
		// Keys are compared in lower case by the API server, so only their form matters here.
		c.labelKey("metadata.annotations", strings.ToLower(k))
		size += len(k) + len(o.Annotations[k])
	}
	if size > maxAnnotations {
		c.bad(nil, "metadata.annotations", "%d bytes, at most %d", size, maxAnnotations)
	}
	for _, k := range []string{"internal.istio.io/parents", "internal.istio.io/parent-namespace"} {
		if _, ok := o.Annotations[k]; ok {
			c.bad(nil, "metadata.annotations["+k+"]", "may not be set by users")
		}
	}
	if v, ok := o.Annotations["istio.io/dry-run"]; ok && (o.Kind != "AuthorizationPolicy" || v != "true" && v != "false") {
		c.bad(nil, "metadata.annotations[istio.io/dry-run]", "%q: only AuthorizationPolicy takes it, as true or false", v)
	}
}

func (c *check) labelKey(where, key string) {
	if problems := validation.IsQualifiedName(key); len(problems) > 0 {
		c.bad(nil, where, "key %q: %s", key, problems[0])
	}
}

// rbacName: names of roles and bindings are path segments, not DNS names.
func rbacName(o *manifest.Object) bool {
	return strings.HasPrefix(o.APIVersion, "rbac.authorization.k8s.io/") &&
		o.Name != "" && o.Name != "." && o.Name != ".." && !strings.ContainsAny(o.Name, "/%")
}

func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
