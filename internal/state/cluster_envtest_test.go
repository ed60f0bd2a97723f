//go:build envtest

package state_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const plainInput = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: TEAM
  annotations:
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
spec:
  ingressClassName: nginx
  rules:
  - host: TEAM.test
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
`

const vs = "i2g-TEAM.test"

func (b *bench) vs() string { return b.names(vs) }

func TestNothingIsWrittenAndAfterwardsNothingDiffers(t *testing.T) {
	b := newBench(t, plainInput)
	b.run(1, "diff")
	b.says("# created VirtualService TEAM/"+vs+" (team TEAM)", "from Ingress TEAM/web", "0 configured, 0 unchanged, 0 pruned, 0 skipped.")
	if o := b.get("VirtualService", b.team, b.vs()); o != nil {
		t.Fatalf("the dry run created %v", o)
	}
	b.apply("ingress2gw")
	before := b.get("VirtualService", b.team, b.vs()).GetResourceVersion()
	b.run(0, "diff")
	b.says("0 created, 0 configured,", "0 pruned, 0 skipped.")
	b.run(0, "diff", "--server-side=false", "--prune")
	if b.stdout != "" {
		t.Errorf("printed where nothing differs: %s", b.stdout)
	}
	b.write(strings.ReplaceAll(plainInput, "8m", "7m"))
	b.run(1, "diff")
	b.says("max_request_bytes: 7340032", "from Ingress TEAM/web nginx.ingress.kubernetes.io/proxy-body-size ("+b.input+":8)")
	b.hides("managedFields", "resourceVersion", "creationTimestamp", "generation:", "uid:", "conflict:")
	if after := b.get("VirtualService", b.team, b.vs()).GetResourceVersion(); after != before {
		t.Errorf("resource version %s became %s", before, after)
	}
}

// The operator's names begin like the command's: fields that it has applied are not in conflict with anybody.
func TestOurOtherManagersAreNoConflict(t *testing.T) {
	b := newBench(t, plainInput)
	b.apply("ingress2gw-platform")
	b.write(strings.ReplaceAll(plainInput, "8m", "7m"))
	b.run(1, "diff", "-o", "table")
	b.says("ingress2gw-platform")
	b.hides("conflict:", "with conflicts")
}

func TestConflictsNameTheOtherManager(t *testing.T) {
	b := newBench(t, plainInput)
	b.apply("ingress2gw")
	b.applyYAML("helm", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: `+vs+`, namespace: TEAM}
spec: {hosts: [other.test], exportTo: ["."]}
`)
	b.run(1, "diff")
	b.says("# configured VirtualService TEAM/"+vs, "conflict: spec.hosts is managed by helm with another value", "-  - other.test", "+  - TEAM.test", "1 object with conflicts")
	b.run(1, "diff", "-o", "table")
	b.says("spec.hosts", `["other.test"]`, "helm")
	b.run(1, "diff", "--force-conflicts")
	b.hides("conflict: ", "with conflicts")
	b.run(1, "diff", "--server-side=false")
	b.says("-  - other.test")
	b.run(0, "diff", "--field-manager", "helm", "--force-conflicts", "-q", "-f", b.emptyInput())
}

// emptyInput is a file without Ingresses.
func (b *bench) emptyInput() string {
	b.write("apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: TEAM}\n")
	return b.input
}

func TestFieldsOfForeignManagersStay(t *testing.T) {
	b := newBench(t, plainInput)
	b.apply("ingress2gw")
	b.applyYAML("mesh-team", `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: i2g-web, namespace: TEAM}
spec: {host: web.TEAM.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`)
	b.run(0, "diff")
	b.says("keeps spec.trafficPolicy.tls.mode, managed by mesh-team and not stated by the translation")
	b.run(0, "diff", "--server-side=false")
	b.says("keeps spec.trafficPolicy.tls.mode, managed by mesh-team")
}

func TestAnObjectThatIsNotOursIsTakenOverLoudly(t *testing.T) {
	b := newBench(t, plainInput)
	b.applyYAML("kubectl", `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: `+vs+`
  namespace: TEAM
  annotations: {note: "\e[31mred\e[0m\u202eevil"}
spec: {hosts: [TEAM.test], http: [{name: "\e]0;title\a", route: [{destination: {host: x}}]}]}
`)
	b.run(1, "diff", "--prune")
	b.says("exists and is not ours", "conflict: spec.http is managed by kubectl with another value", `\u001b[31mred`)
	b.hides("\x1b", "\u202e")
	b.run(1, "diff", "-o", "table")
	b.hides("\x1b", "\u202e")
}

func TestOnlyOursAreCandidatesForPruning(t *testing.T) {
	b := newBench(t, plainInput)
	b.apply("ingress2gw")
	b.applyYAML("kubectl", "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: theirs, namespace: TEAM}\nspec: {hosts: [theirs.test]}\n")
	b.write(strings.ReplaceAll(plainInput, "TEAM.test", "new.TEAM.test"))
	b.options = []string{"-n", b.team}
	b.run(1, "diff")
	b.says("0 pruned")
	b.run(1, "diff", "--prune")
	b.says("# pruned VirtualService TEAM/"+vs, "was made from TEAM/web", "1 pruned")
	b.hides("theirs")
	b.run(1, "diff", "--prune", "-o", "table")
	b.says("pruned", "(all)", "ingress2gw")
}

func TestSecretsAreMasked(t *testing.T) {
	pair := base64.StdEncoding.EncodeToString([]byte("OLD-CERTIFICATE"))
	input := plainInput + `---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: TEAM}
type: kubernetes.io/tls
data: {tls.crt: CRT, tls.key: KEY}
`
	crt, key := certificate(t)
	input = strings.NewReplacer("CRT", crt, "KEY", key, "ingressClassName: nginx", "ingressClassName: nginx\n  tls: [{hosts: [TEAM.test], secretName: s}]").Replace(input)
	b := newBench(t, input)
	b.options = []string{"--tls", "copy"}
	b.run(1, "diff")
	b.says("# created Secret GATEWAY/TEAM.s", "tls.key: \"***\"")
	b.hides(key, key[:40], crt[:40])
	b.applyYAML("kubectl", `
apiVersion: v1
kind: Secret
metadata:
  name: TEAM.s
  namespace: GATEWAY
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"tls.key":"`+pair+`"},"stringData":{"a":"LEAK"}}'}
type: kubernetes.io/tls
data: {tls.crt: `+pair+`, tls.key: `+pair+`}
`)
	for _, format := range []string{"unified", "table", "json"} {
		b.run(1, "diff", "-o", format)
		b.says("*** (before)", "*** (after)")
		b.hides(pair, key[:40], crt[:40], "LEAK", "OLD-CERTIFICATE")
	}
}

func TestMissingKindsAndDefaults(t *testing.T) {
	input := strings.ReplaceAll(plainInput, "ingressClassName: nginx", "ingressClassName: nginx\n  tls: [{hosts: [TEAM.test], secretName: s}]")
	input = strings.ReplaceAll(input, "  annotations:\n", "  annotations:\n    cert-manager.io/cluster-issuer: ca\n")
	b := newBench(t, input)
	b.options = []string{"--tls", "cert-manager"}
	b.run(3, "diff")
	b.says("# skipped Certificate GATEWAY/", "the cluster has no Certificate of cert-manager.io/v1: its CustomResourceDefinition is not installed",
		"# created VirtualService TEAM/"+vs, "1 skipped", "1 object could not be compared")

	installCertificates(t, "v1alpha2")
	b.run(3, "diff")
	b.says("the cluster has Certificate of cert-manager.io only as v1alpha2, not as v1")

	installCertificates(t, "v1")
	b.run(1, "diff")
	b.says("# created Certificate GATEWAY/", "rotationPolicy: Always")
	b.apply("ingress2gw")
	b.run(0, "diff")
	b.run(0, "diff", "--server-side=false")
}

// installCertificates installs a kind with a default, in one version, instead of what there was.
func installCertificates(t *testing.T, version string) {
	t.Helper()
	object := func(properties map[string]apiextensionsv1.JSONSchemaProps) apiextensionsv1.JSONSchemaProps {
		return apiextensionsv1.JSONSchemaProps{Type: "object", Properties: properties, XPreserveUnknownFields: new(true)}
	}
	private := object(map[string]apiextensionsv1.JSONSchemaProps{"rotationPolicy": {Type: "string", Default: &apiextensionsv1.JSON{Raw: []byte(`"Always"`)}}})
	private.Default = &apiextensionsv1.JSON{Raw: []byte(`{}`)}
	schema := object(map[string]apiextensionsv1.JSONSchemaProps{"spec": object(map[string]apiextensionsv1.JSONSchemaProps{"privateKey": private})})
	crd := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "certificates.cert-manager.io"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "cert-manager.io", Scope: apiextensionsv1.NamespaceScoped,
			Names:    apiextensionsv1.CustomResourceDefinitionNames{Plural: "certificates", Singular: "certificate", Kind: "Certificate", ListKind: "CertificateList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: version, Served: true, Storage: true, Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &schema}}},
		},
	}
	require.NoError(t, envtest.UninstallCRDs(shared.env.Config, envtest.CRDInstallOptions{CRDs: []*apiextensionsv1.CustomResourceDefinition{crd.DeepCopy()}}))
	eventually(t, "uninstalling certificates", func() bool { return !served(t, "cert-manager.io") })
	_, err := envtest.InstallCRDs(shared.env.Config, envtest.CRDInstallOptions{CRDs: []*apiextensionsv1.CustomResourceDefinition{crd}})
	require.NoError(t, err)
	eventually(t, "installing certificates", func() bool { return served(t, "cert-manager.io") })
}

func served(t *testing.T, group string) bool {
	t.Helper()
	finder, err := discovery.NewDiscoveryClientForConfig(shared.env.Config)
	require.NoError(t, err)
	groups, err := finder.ServerGroups()
	require.NoError(t, err)
	return slices.ContainsFunc(groups.Groups, func(g metav1.APIGroup) bool { return g.Name == group })
}

// certificate is a self-signed certificate and its key, in PEM and then base64.
func certificate(t *testing.T) (crt, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"*.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	text := func(kind string, data []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return text("CERTIFICATE", der), text("PRIVATE KEY", raw)
}

func TestWhoMayOnlyReadGetsACarefulAnswer(t *testing.T) {
	b := newBench(t, plainInput)
	b.apply("ingress2gw")
	reader, err := shared.user("reader")
	require.NoError(t, err)
	b.grant("reader", rbacv1.PolicyRule{APIGroups: []string{"networking.istio.io"}, Resources: []string{"*"}, Verbs: []string{"get", "list"}})
	b.kubeconfig = reader
	b.write(strings.ReplaceAll(plainInput, "8m", "7m"))
	b.run(3, "diff")
	b.says("compared without the server's defaults and admission: ", `cannot patch resource "virtualservices"`, "max_request_bytes: 7340032", "or not for certain")
	b.run(1, "diff", "--server-side=false")
	b.says("max_request_bytes: 7340032")
	b.hides("cannot patch")
	b.run(3, "diff", "--server-side=false", "--prune", "-n", b.team)
	b.says("It is not known which objects of kind Secret are to be pruned: ")
}

func TestOneForbiddenKindDoesNotStopTheRest(t *testing.T) {
	b := newBench(t, plainInput)
	partial, err := shared.user("partial")
	require.NoError(t, err)
	b.grant("partial", rbacv1.PolicyRule{APIGroups: []string{"networking.istio.io"}, Resources: []string{"gateways", "destinationrules", "envoyfilters"}, Verbs: []string{"get", "patch", "create"}})
	b.kubeconfig = partial
	b.run(3, "diff", "-o", "table")
	b.says("created  Gateway GATEWAY/", "skipped  VirtualService TEAM/"+vs, `cannot be read: virtualservices.networking.istio.io "`+vs+`" is forbidden`)
}

func TestMissingNamespacesAreNamed(t *testing.T) {
	b := newBench(t, strings.ReplaceAll(plainInput, "namespace: TEAM", "namespace: nowhere"))
	b.run(3, "diff")
	b.says("# skipped VirtualService nowhere/"+vs, "namespace nowhere does not exist")
}

func TestWhatAdmissionRefusesIsSaid(t *testing.T) {
	b := newBench(t, plainInput)
	policy := &admissionv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "no-gateways"},
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			FailurePolicy: new(admissionv1.Fail),
			MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
				Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
				Rule:       admissionv1.Rule{APIGroups: []string{"networking.istio.io"}, APIVersions: []string{"*"}, Resources: []string{"gateways"}},
			}}}},
			Validations: []admissionv1.Validation{{Expression: "object.metadata.namespace != '" + b.gateway + "'", Message: "gateways are frozen \x1b[31mtoday"}},
		},
	}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "no-gateways"},
		Spec:       admissionv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: "no-gateways", ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny}},
	}
	require.NoError(t, shared.client.Create(t.Context(), policy))
	require.NoError(t, shared.client.Create(t.Context(), binding))
	eventually(t, "the policy", func() bool {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "spec": map[string]any{}}}
		o.SetNamespace(b.gateway)
		o.SetName("probe")
		return shared.client.Create(t.Context(), o, client.DryRunAll) != nil
	})
	b.run(3, "diff")
	b.says("# skipped Gateway GATEWAY/", "the API server refuses it: ", "gateways are frozen", "# created VirtualService TEAM/"+vs)
	b.hides("\x1b")
}

func TestAServerThatDoesNotAnswerIsAnErrorAtOnce(t *testing.T) {
	b := newBench(t, plainInput)
	b.options = []string{"--server", "https://127.0.0.1:1"}
	b.run(3, "diff")
	b.says("the API server https://127.0.0.1:1 does not answer: ", "connection refused")

	wrong := clientcmd.GetConfigFromFileOrDie(shared.admin)
	for _, user := range wrong.AuthInfos {
		user.ClientCertificateData, user.ClientKeyData, user.Token = nil, nil, "wrong"
	}
	b.options, b.kubeconfig = nil, filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*wrong, b.kubeconfig))
	b.run(3, "diff")
	b.says("does not accept the credentials of the kubeconfig")
}
