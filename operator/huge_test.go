//go:build envtest

package operator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	eventsv1 "k8s.io/api/events/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// hugeIngress makes one that the API server stores, because it does so in a short form, and that is too large as JSON, in which all kinds
// are stored that are defined by CRDs.
func (s *site) hugeIngress(name, host string) {
	s.t.Helper()
	require.NoError(s.t, s.admin.Create(s.t.Context(), s.huge(name, host)))
}

func (s *site) huge(name, host string) *unstructured.Unstructured {
	s.t.Helper()
	o := s.parse(s.ingressText("blog", name, host, phaseNote(v1alpha1.PhaseLive)))[0]
	notes := o.GetAnnotations()
	notes["example.com/note"] = strings.Repeat("<", 250_000) // each is six bytes of JSON
	o.SetAnnotations(notes)
	var paths []any
	for i := range 1200 {
		paths = append(paths, map[string]any{
			"path": fmt.Sprintf("/p%d", i), "pathType": "Prefix",
			"backend": map[string]any{"service": map[string]any{"name": "web", "port": map[string]any{"number": int64(80)}}},
		})
	}
	o.Object["spec"].(map[string]any)["rules"].([]any)[0].(map[string]any)["http"] = map[string]any{"paths": paths}
	return o
}

// What cannot be remembered does not go live, with its host; all others do.
func TestAnIngressThatIsTooLargeKeepsNobodyBack(t *testing.T) {
	s := shared(t).site(t, "huge", nil)
	s.hugeIngress("huge", "huge.test")
	s.ingress("shop", "neighbour", "huge.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("shop", "good", "good.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "good", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "huge", v1alpha1.PhaseShadow, v1alpha1.ReasonRejected)
	s.becomes("shop", "neighbour", v1alpha1.PhaseShadow, v1alpha1.ReasonWaiting)
	// It cannot join a live host, and takes none down; when it has become small enough, all go on.
	s.hugeIngress("joins", "good.test")
	s.eventually(func() error {
		return s.is("blog", "joins", v1alpha1.PhaseShadow, v1alpha1.ConditionReady, v1alpha1.ReasonRejected)
	})
	s.becomes("shop", "good", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	for _, name := range []string{"huge", "joins"} {
		o := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("blog"), Name: name}}
		require.NoError(t, s.admin.Patch(t.Context(), o, client.RawPatch("application/json-patch+json", []byte(
			`[{"op": "replace", "path": "/spec/rules/0/http/paths", "value": [{"path": "/small", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}]`))))
		s.becomes("blog", name, v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	}
	s.becomes("shop", "neighbour", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}

// A live one that becomes too large stays as it is remembered, and can be taken back.
func TestALiveIngressThatBecomesTooLargeStaysAsItIs(t *testing.T) {
	s := shared(t).site(t, "grows", nil)
	s.ingress("blog", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList)
	s.ingress("shop", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("blog", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	grown := s.huge("a", "a.test")
	grown.SetResourceVersion("")
	require.NoError(t, s.admin.Update(t.Context(), grown))
	s.becomes("blog", "a", v1alpha1.PhaseLive, v1alpha1.ReasonRejected)
	it, err := s.translation("blog", "a")
	require.NoError(t, err)
	require.Contains(t, string(it.Spec.Ingress.Raw), "whitelist-source-range")
	s.phase("shop", "b", v1alpha1.PhasePreview)
	s.becomes("shop", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.phase("blog", "a", v1alpha1.PhasePreview)
	s.becomes("blog", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.empty()
}

// Nor does a quota, or a policy that has something against IngressTranslations, in the namespace of one team.
func TestANamespaceThatRefusesKeepsNobodyBack(t *testing.T) {
	s := shared(t).site(t, "refusing", nil)
	policy := s.parse(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NAME}
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAME-blog}}
    resourceRules: [{apiGroups: [ingress2gw.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [ingresstranslations]}]
  validations: [{expression: "has(object.metadata.labels) && 'team' in object.metadata.labels", message: label it}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: NAME}
spec: {policyName: NAME, validationActions: [Deny]}`)
	for _, o := range policy {
		require.NoError(t, s.admin.Create(t.Context(), o))
		t.Cleanup(func() { require.NoError(t, client.IgnoreNotFound(s.admin.Delete(afterwards(t), o))) })
	}
	s.eventually(func() error { // the API server has heard of the policy
		o := &v1alpha1.IngressTranslation{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("blog"), Name: "a"}}
		if err := s.admin.Create(t.Context(), o, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "label it") {
			return fmt.Errorf("refused with %w", err)
		}
		return nil
	})
	s.ingress("blog", "refused", "refused.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("shop", "good", "good.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "good", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	if _, err := s.translation("blog", "refused"); !apierrors.IsNotFound(err) {
		t.Errorf("there is an IngressTranslation: %v", err)
	}
	for name := range s.objects() {
		if strings.Contains(name, "refused.test") && !strings.Contains(name, s.ns("shadow")) && !strings.Contains(name, s.ns("blog")) {
			t.Errorf("there is %s", name)
		}
	}
	s.eventually(func() error {
		list := &eventsv1.EventList{}
		require.NoError(t, s.admin.List(t.Context(), list, client.InNamespace(s.ns("blog"))))
		for _, e := range list.Items {
			if e.Reason == v1alpha1.ReasonRejected && strings.Contains(e.Note, "label it") {
				return nil
			}
		}
		return fmt.Errorf("nobody is told: %v", list.Items)
	})
	for _, o := range policy {
		require.NoError(t, s.admin.Delete(t.Context(), o))
	}
	s.eventually(func() error {
		s.say("blog", "refused", "example.com/look", time.Now().String())
		time.Sleep(100 * time.Millisecond)
		return s.is("blog", "refused", v1alpha1.PhaseLive, v1alpha1.ConditionReady, v1alpha1.ReasonDone)
	})
}
