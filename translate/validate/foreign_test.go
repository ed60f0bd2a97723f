package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

func TestOtherKinds(t *testing.T) {
	for name, tt := range map[string]struct {
		apiVersion, kind, text string
		want                   []string
	}{
		"a certificate's Secret": {"v1", "Secret", `{type: kubernetes.io/tls, data: {tls.crt: AAAA, tls.key: AAAA}}`, nil},
		"half a Secret":          {"v1", "Secret", `{type: kubernetes.io/tls, data: {tls.crt: AAAA}}`, []string{"data: a Secret of type kubernetes.io/tls needs tls.key"}},
		"a Secret's bad key": {"v1", "Secret", `{data: {"a b": AAAA}}`, []string{
			`data: key "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
		}},
		"a Secret that is not base64": {"v1", "Secret", `{data: {a: "!"}}`, []string{"illegal base64 data at input byte 0"}},
		"a Secret's unknown field":    {"v1", "Secret", `{datas: {a: AAAA}}`, []string{`unknown field "datas"`}},
		"a ConfigMap":                 {"v1", "ConfigMap", `{data: {a: b}}`, nil},
		"a ConfigMap's double key":    {"v1", "ConfigMap", `{data: {a: b}, binaryData: {a: AAAA}}`, []string{`binaryData: "a" is in data too`}},
		"a large ConfigMap":           {"v1", "ConfigMap", `{data: {a: ` + strings.Repeat("x", 1<<20+1) + `}}`, []string{"data: 1048577 bytes, at most 1048576"}},
		"a grant":                     {"gateway.networking.k8s.io/v1", "ReferenceGrant", `{spec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: istio-system}], to: [{group: "", kind: Secret, name: cert}]}}`, nil},
		"an empty grant": {"gateway.networking.k8s.io/v1beta1", "ReferenceGrant", `{spec: {}}`, []string{
			"spec.from: 0 entries, 1 to 16 are needed", "spec.to: 0 entries, 1 to 16 are needed",
		}},
		"a grant of nothing": {"gateway.networking.k8s.io/v1beta1", "ReferenceGrant", `{spec: {from: [{group: "A b", kind: 1x, namespace: ""}], to: [{group: "", kind: "", name: ""}]}}`, []string{
			`spec.from[0].group: "A b" is not an API group`, `spec.from[0].kind: "1x" is not a kind`, `spec.from[0].namespace: "" is not a namespace`,
			`spec.to[0].kind: "" is not a kind`, `spec.to[0].name: "" is not a name`,
		}},
		"a Certificate": {"cert-manager.io/v1", "Certificate", `{spec: {secretName: shop.cert, issuerRef: {name: ca, kind: ClusterIssuer}, dnsNames: [a.test, "*.b.test"], privateKey: {rotationPolicy: Always}}}`, nil},
		"a Certificate of nothing": {"cert-manager.io/v1", "Certificate", `{spec: {dnsName: [a], issuerRef: {kind: Other}, dnsNames: ["a b"], commonName: ` + strings.Repeat("x", 65) + `}}`, []string{
			`unknown field "spec.dnsName"`, `spec.secretName: "" is not the name of a Secret`, "spec.issuerRef.name: is required",
			`spec.issuerRef.kind: "Other" is neither Issuer nor ClusterIssuer`, "spec.commonName: longer than 64", `spec.dnsNames[0]: "a b": label "a b" is not a DNS label`,
		}},
		"a Certificate for nobody": {"cert-manager.io/v1", "Certificate", `{spec: {secretName: s, issuerRef: {name: ca}}}`, []string{"spec.dnsNames: commonName or dnsNames are required"}},
		"a Role":                   {"rbac.authorization.k8s.io/v1", "Role", `{rules: [{apiGroups: [networking.istio.io], resources: [virtualservices], verbs: ["*"]}]}`, nil},
		"a Role of nothing": {"rbac.authorization.k8s.io/v1", "Role", `{rules: [{}, {nonResourceURLs: [/x], verbs: [get]}]}`, []string{
			"rules[0].verbs: is required", "rules[0]: apiGroups and resources are required", "rules[1].nonResourceURLs: is for cluster roles, and stands alone",
		}},
		"a RoleBinding": {"rbac.authorization.k8s.io/v1", "RoleBinding", `{roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: a, namespace: b}, {apiGroup: rbac.authorization.k8s.io, kind: Group, name: g}]}`, nil},
		"a RoleBinding of nothing": {"rbac.authorization.k8s.io/v1", "RoleBinding", `{roleRef: {kind: X}, subjects: [{kind: ServiceAccount, name: a}, {kind: User, name: ""}, {kind: Z, name: z}]}`, []string{
			`roleRef.apiGroup: "" is not rbac.authorization.k8s.io`, `roleRef.kind: "X" cannot be bound here`, "roleRef.name: is required",
			"subjects[0]: a ServiceAccount has a namespace and no apiGroup", "subjects[1].name: is required",
			`subjects[1].apiGroup: "" is not rbac.authorization.k8s.io`, `subjects[2].kind: "Z" is none of ServiceAccount, User, Group`,
		}},
		"a policy": {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", `{spec: {failurePolicy: Fail, paramKind: {apiVersion: v1, kind: ConfigMap}, matchConstraints: {resourceRules: [{apiGroups: [networking.istio.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [virtualservices]}]}, variables: [{name: a, expression: "1"}], validations: [{expression: "object.spec.hosts.all(h, h in params.data)", message: foreign host, reason: Forbidden}]}}`, nil},
		"a policy of nothing": {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", `{spec: {failurePolicy: Maybe, paramKind: {kind: X}, matchConditions: [{name: "", expression: ""}], variables: [{name: 1x, expression: "("}], validations: [{expression: "", reason: Why}]}}`, []string{
			`spec.failurePolicy: "Maybe" is neither Fail nor Ignore`, "spec.paramKind: needs apiVersion and kind", "spec.matchConstraints.resourceRules: is required",
			`spec.variables[0].expression: expression "(": open bracket`, `spec.variables[0].name: "1x" is not an identifier of its own`,
			"spec.matchConditions[0].expression: is required", `spec.matchConditions[0].name: "" is empty or given twice`,
			"spec.validations[0].expression: is required", `spec.validations[0].reason: "Why" is not a reason for a refusal`,
		}},
		"a policy without rules": {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", `{spec: {matchConstraints: {resourceRules: [{operations: [READ]}]}}}`, []string{
			"spec.matchConstraints.resourceRules[0]: apiGroups, apiVersions, operations and resources are required",
			`spec.matchConstraints.resourceRules[0].operations: "READ" is not an operation`, "spec.validations: validations or auditAnnotations are required",
		}},
		"a policy's binding": {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", `{spec: {policyName: p, validationActions: [Deny], paramRef: {name: c, namespace: istio-system, parameterNotFoundAction: Deny}}}`, nil},
		"a policy's binding of nothing": {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", `{spec: {paramRef: {}, validationActions: [Deny, Warn, Deny, X]}}`, []string{
			"spec.policyName: is required", "spec.paramRef: needs either name or selector", "spec.paramRef.parameterNotFoundAction: Allow or Deny is required",
			`spec.validationActions: "Deny" is no action, or given twice`, `spec.validationActions: "X" is no action, or given twice`,
			"spec.validationActions: Deny and Warn exclude each other",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &manifest.Object{APIVersion: tt.apiVersion, Kind: tt.kind, Name: "x", Fields: tree(t, tt.text)}
			if !strings.HasPrefix(tt.kind, "Validating") {
				o.Namespace = "shop"
			}
			if diff := cmp.Diff(tt.want, reasons(Fast([]*manifest.Object{o}))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	long := strings.Repeat("a", 254)
	for name, tt := range map[string]struct {
		change func(*manifest.Object)
		want   []string
	}{
		"nothing": {func(*manifest.Object) {}, nil},
		"labels and annotations": {func(o *manifest.Object) {
			o.Labels = map[string]string{"app.kubernetes.io/managed-by": "ingress2gw", "a": ""}
			o.Annotations = map[string]string{"ingress2gw.io/Origin": "any text\n"}
		}, nil},
		"a name in capitals":             {func(o *manifest.Object) { o.Name = "Web" }, []string{`metadata.name: "Web" is not a DNS name (lower-case letters, digits, '-', '.', at most 253)`}},
		"a long name":                    {func(o *manifest.Object) { o.Name = long }, []string{`metadata.name: "` + long + `" is not a DNS name (lower-case letters, digits, '-', '.', at most 253)`}},
		"no namespace":                   {func(o *manifest.Object) { o.Namespace = "" }, []string{`metadata.namespace: "" is not a namespace's name`}},
		"no type":                        {func(o *manifest.Object) { o.APIVersion = "" }, []string{`apiVersion: "" with kind "ConfigMap" names no type`}},
		"a namespace where none belongs": {func(o *manifest.Object) { o.Kind = "Namespace" }, []string{"metadata.namespace: Namespace belongs to no namespace"}},
		"labels that are none": {func(o *manifest.Object) { o.Labels = map[string]string{"a b": "c", "d": "e f"} }, []string{
			`metadata.labels: key "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
			`metadata.labels[d]: "e f" is not a label value`,
		}},
		"large annotations": {func(o *manifest.Object) { o.Annotations = map[string]string{"a": strings.Repeat("x", 256<<10)} }, []string{"metadata.annotations: 262145 bytes, at most 262144"}},
		"annotations of Istio's own": {func(o *manifest.Object) {
			o.Annotations = map[string]string{"internal.istio.io/parents": "x", "istio.io/dry-run": "true"}
		}, []string{
			"metadata.annotations[internal.istio.io/parents]: may not be set by users",
			`metadata.annotations[istio.io/dry-run]: "true": only AuthorizationPolicy takes it, as true or false`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &manifest.Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: "shop", Name: "web"}
			tt.change(o)
			if diff := cmp.Diff(tt.want, reasons(Fast([]*manifest.Object{o}))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
