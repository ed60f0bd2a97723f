package validate

import (
	"encoding/json"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	kjson "sigs.k8s.io/json"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// foreign checks the kinds that are not Istio's. Of a kind that it does not know, only the metadata is checked.
func (c *check) foreign(o *manifest.Object) {
	switch o.APIVersion + " " + o.Kind {
	case "v1 Secret":
		into(c, o, c.secret)
	case "v1 ConfigMap":
		into(c, o, c.configMap)
	case "gateway.networking.k8s.io/v1 ReferenceGrant", "gateway.networking.k8s.io/v1beta1 ReferenceGrant":
		into(c, o, c.referenceGrant)
	case "cert-manager.io/v1 Certificate":
		into(c, o, c.certificate)
	case "rbac.authorization.k8s.io/v1 Role":
		into(c, o, func(r *rbacv1.Role) { c.rbacRules(r.Rules, true) })
	case "rbac.authorization.k8s.io/v1 ClusterRole":
		into(c, o, func(r *rbacv1.ClusterRole) { c.rbacRules(r.Rules, false) })
	case "rbac.authorization.k8s.io/v1 RoleBinding":
		into(c, o, func(b *rbacv1.RoleBinding) { c.rbacBinding(b.RoleRef, b.Subjects, true) })
	case "rbac.authorization.k8s.io/v1 ClusterRoleBinding":
		into(c, o, func(b *rbacv1.ClusterRoleBinding) { c.rbacBinding(b.RoleRef, b.Subjects, false) })
	case "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy":
		into(c, o, func(p *admissionv1.ValidatingAdmissionPolicy) { c.admissionPolicy(&p.Spec) })
	case "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding":
		into(c, o, func(b *admissionv1.ValidatingAdmissionPolicyBinding) { c.admissionBinding(&b.Spec) })
	}
}

// into decodes an object strictly into a Go type of its kind and hands it on.
func into[T any](c *check, o *manifest.Object, then func(*T)) {
	tree := make(manifest.Map, 0, len(o.Fields)+1)
	if o.Spec != nil {
		tree = append(tree, manifest.Field{Key: "spec", Value: o.Spec})
	}
	tree = append(tree, o.Fields...)
	text, err := compact(tree)
	if err != nil {
		c.bad(nil, "", "%v", err)
		return
	}
	var typed T
	strict, err := kjson.UnmarshalStrict(text, &typed)
	if err != nil {
		c.bad(nil, "", "%v", err)
		return
	}
	for _, e := range strict {
		c.bad(nil, "", "%v", e)
	}
	then(&typed)
}

// maxData is the API server's limit for the content of a Secret or ConfigMap.
const maxData = 1 << 20

func (c *check) secret(s *corev1.Secret) {
	size := 0
	for _, k := range sortedKeys(s.Data) {
		c.dataKey("data", k)
		size += len(s.Data[k])
	}
	for _, k := range sortedKeys(s.StringData) {
		c.dataKey("stringData", k)
		size += len(s.StringData[k])
	}
	c.dataSize(size)
	if s.Type != corev1.SecretTypeTLS {
		return
	}
	for _, k := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey} {
		if _, data := s.Data[k]; !data && s.StringData[k] == "" {
			c.bad(nil, "data", "a Secret of type %s needs %s", s.Type, k)
		}
	}
}

func (c *check) configMap(m *corev1.ConfigMap) {
	size := 0
	for _, k := range sortedKeys(m.Data) {
		c.dataKey("data", k)
		size += len(m.Data[k])
		if _, both := m.BinaryData[k]; both {
			c.bad(nil, "binaryData", "%q is in data too", k)
		}
	}
	for _, k := range sortedKeys(m.BinaryData) {
		c.dataKey("binaryData", k)
		size += len(m.BinaryData[k])
	}
	c.dataSize(size)
}

func (c *check) dataKey(field, k string) {
	if problems := validation.IsConfigMapKey(k); len(problems) > 0 {
		c.bad(nil, field, "key %q: %s", k, problems[0])
	}
}

func (c *check) dataSize(n int) {
	if n > maxData {
		c.bad(nil, "data", "%d bytes, at most %d", n, maxData)
	}
}

// referenceGrant is gateway.networking.k8s.io ReferenceGrant.
type referenceGrant struct {
	Spec struct {
		From []struct {
			Group     *string `json:"group"`
			Kind      string  `json:"kind"`
			Namespace string  `json:"namespace"`
		} `json:"from"`
		To []struct {
			Group *string `json:"group"`
			Kind  string  `json:"kind"`
			Name  *string `json:"name"`
		} `json:"to"`
	} `json:"spec"`
}

// maxGrant is the schema's limit for either list.
const maxGrant = 16

func (c *check) referenceGrant(g *referenceGrant) {
	c.grantSize("from", len(g.Spec.From))
	c.grantSize("to", len(g.Spec.To))
	list := specPlace.field("from")
	for i, f := range g.Spec.From {
		p := list.item(i)
		c.groupKind(&p, f.Group, f.Kind)
		if !isLowerLabel(f.Namespace) {
			c.bad(&p, "namespace", "%q is not a namespace", f.Namespace)
		}
	}
	list = specPlace.field("to")
	for i, t := range g.Spec.To {
		p := list.item(i)
		c.groupKind(&p, t.Group, t.Kind)
		if t.Name != nil && (*t.Name == "" || len(*t.Name) > 253) {
			c.bad(&p, "name", "%s is not a name", quote(*t.Name))
		}
	}
}

func (c *check) grantSize(name string, n int) {
	if n < 1 || n > maxGrant {
		c.bad(&specPlace, name, "%d entries, 1 to %d are needed", n, maxGrant)
	}
}

func (c *check) groupKind(p *at, group *string, kind string) {
	switch {
	case group == nil:
		c.bad(p, "group", "is required")
	case *group != "" && !isSubdomain(*group):
		c.bad(p, "group", "%s is not an API group", quote(*group))
	}
	if !isLabel(kind) || digit(kind[0]) {
		c.bad(p, "kind", "%s is not a kind", quote(kind))
	}
}

// certificate is what of cert-manager.io Certificate is emitted; other fields are refused as unknown.
type certificate struct {
	Spec struct {
		SecretName string            `json:"secretName"`
		CommonName string            `json:"commonName"`
		DNSNames   []string          `json:"dnsNames"`
		IssuerRef  certificateIssuer `json:"issuerRef"`
		Usages     []string          `json:"usages"`
		Duration   json.RawMessage   `json:"duration"`
		Renew      json.RawMessage   `json:"renewBefore"`
		PrivateKey json.RawMessage   `json:"privateKey"`
		Template   json.RawMessage   `json:"secretTemplate"`
		Revisions  json.RawMessage   `json:"revisionHistoryLimit"`
	} `json:"spec"`
}

type certificateIssuer struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Group string `json:"group"`
}

// maxCommonName is X.509's limit.
const maxCommonName = 64

func (c *check) certificate(t *certificate) {
	s := t.Spec
	if !isSubdomain(s.SecretName) {
		c.bad(&specPlace, "secretName", "%s is not the name of a Secret", quote(s.SecretName))
	}
	if s.IssuerRef.Name == "" {
		c.bad(&specPlace, "issuerRef.name", "is required")
	}
	if s.IssuerRef.Group == "" || s.IssuerRef.Group == "cert-manager.io" {
		if k := s.IssuerRef.Kind; !slices.Contains([]string{"", "Issuer", "ClusterIssuer"}, k) {
			c.bad(&specPlace, "issuerRef.kind", "%q is neither Issuer nor ClusterIssuer", k)
		}
	}
	if s.CommonName == "" && len(s.DNSNames) == 0 {
		c.bad(&specPlace, "dnsNames", "commonName or dnsNames are required")
	}
	if len(s.CommonName) > maxCommonName {
		c.bad(&specPlace, "commonName", "longer than %d", maxCommonName)
	}
	list := specPlace.field("dnsNames")
	for i, h := range s.DNSNames {
		p := list.item(i)
		if problem := fqdnProblem(strings.TrimPrefix(h, "*.")); problem != "" {
			c.bad(&p, "", "%s: %s", quote(h), problem)
		}
	}
}
