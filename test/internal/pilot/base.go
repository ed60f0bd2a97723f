package pilot

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/test/internal/apiserver"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// base is what an installation of Istio brings along for a gateway, as far as it matters here: its account may read the Secrets
// beside it.
const base = `
apiVersion: v1
kind: Namespace
metadata: {name: NAMESPACE}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ACCOUNT, namespace: NAMESPACE}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: gateway-secrets, namespace: NAMESPACE}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, watch, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: gateway-secrets, namespace: NAMESPACE}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gateway-secrets}
subjects: [{kind: ServiceAccount, name: ACCOUNT, namespace: NAMESPACE}]
`

// webhook is Istio's default validator, which never lets pass what it cannot ask about.
const webhook = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: istiod-default-validator}
webhooks:
- name: validation.istio.io
  clientConfig: {url: "URL", caBundle: BUNDLE}
  rules:
  - operations: [CREATE, UPDATE]
    apiGroups: [security.istio.io, networking.istio.io, telemetry.istio.io, extensions.istio.io]
    apiVersions: ["*"]
    resources: ["*"]
  failurePolicy: Fail
  sideEffects: None
  admissionReviewVersions: [v1]
`

// canary passes the schemas of the API server and is refused by Istio: a route and a redirect at once.
const canary = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: webhook-canary, namespace: NAMESPACE}
spec:
  hosts: [canary.test]
  http: [{route: [{destination: {host: a}}], redirect: {uri: /}}]
`

func fill(text string, w cluster.Workload, more ...string) string {
	return strings.NewReplacer(append(more, "NAMESPACE", w.Namespace, "ACCOUNT", w.ServiceAccount)...).Replace(text)
}

func (s *Stage) keepAll(stream string) error {
	docs, err := apiserver.Decode(stream)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if err := s.client.Keep(d); err != nil {
			return fmt.Errorf("%s %s: %w", d.GetKind(), d.GetName(), err)
		}
	}
	return nil
}

// webhookPatience bounds the wait until the API server has taken notice of the webhook.
const webhookPatience = 30 * time.Second

// applyWebhook returns once the webhook refuses what it has to refuse.
func (s *Stage) applyWebhook() error {
	url := fmt.Sprintf("https://%s:%d/validate", address, webhookPort)
	if err := s.keepAll(fill(webhook, cluster.Gateway(), "URL", url, "BUNDLE", base64.StdEncoding.EncodeToString(s.authority.CertPEM))); err != nil {
		return err
	}
	docs, err := apiserver.Decode(fill(canary, cluster.Gateway()))
	if err != nil {
		return err
	}
	for start := time.Now(); time.Since(start) < webhookPatience; time.Sleep(pollEvery) {
		if err := s.client.Try(docs[0]); err != nil && strings.Contains(err.Error(), "denied the request") {
			return nil
		}
	}
	return errors.New("the API server does not ask Istio's webhook")
}

// meshMap is the ConfigMap from which istiod takes the mesh configuration.
const meshMap = "istio"

// applyMesh replaces the mesh configuration. Each one is marked by a new generation, in the names of statistics: istiod
// rebuilds all it knows when the mesh configuration changes, and the mark comes back in the clusters of every proxy.
func (s *Stage) applyMesh(fragment []byte) error {
	s.generation++
	text, err := meshOf(fragment, s.mark())
	if err != nil {
		return err
	}
	return s.client.Keep(&unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": meshMap, "namespace": cluster.GatewayNamespace},
		"data":     map[string]any{"mesh": string(text)},
	}})
}

// meshOf is what a translation asks for, with what the bench needs.
func meshOf(fragment []byte, mark string) ([]byte, error) {
	mesh := map[string]any{}
	if err := yaml.Unmarshal(fragment, &mesh); err != nil {
		return nil, fmt.Errorf("mesh configuration: %w", err)
	}
	mesh["enableAutoMtls"] = false // a stock Envoy has no workload certificate
	mesh["outboundClusterStatName"] = mark + "%SERVICE_FQDN%-%SERVICE_PORT%-%SUBSET_NAME%"
	return yaml.Marshal(mesh)
}

func (s *Stage) mark() string { return fmt.Sprintf("generation-%d-", s.generation) }
