//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// refusals notes what an account was refused.
type refusals struct {
	mu   sync.Mutex
	what []string
}

func (r *refusals) watch(config *rest.Config) *rest.Config {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(q *http.Request) (*http.Response, error) {
			answer, err := next.RoundTrip(q)
			if err == nil && answer.StatusCode == http.StatusForbidden {
				r.mu.Lock()
				r.what = append(r.what, q.Method+" "+q.URL.Path)
				r.mu.Unlock()
			}
			return answer, err
		})
	})
	return config
}

func (r *refusals) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.what)
}

func (r *refusals) none(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.what {
		t.Errorf("refused: %s", w)
	}
}

// What needs an object that may not be written says so, and is not served without it.
func TestWithLessItSaysSo(t *testing.T) {
	s := shared(t).site(t, "lesser", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	s.ingress("shop", "plain", "plain.test", phaseNote(v1alpha1.PhaseLive)) // needs only filters that all share
	s.ingress("blog", "b", "b.test")
	config, _ := shared(t).account(t, "apply", onlyRead("envoyfilters"))
	shared(t).operatorAs(t, config, asInChart)
	for _, name := range []string{"a", "plain"} {
		s.applied("shop", name, v1alpha1.ReasonForbidden, `cannot create resource "envoyfilters"`)
	}
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	for _, o := range s.objects() { // a route without its protection
		if o.GetKind() == "VirtualService" {
			t.Errorf("there is a VirtualService %s", o.GetName())
		}
	}
}

// applied waits until an Ingress is live and its condition Applied has a reason, and says something.
func (s *site) applied(namespace, name, reason, part string) {
	s.t.Helper()
	s.eventually(func() error { return s.is(namespace, name, v1alpha1.PhaseLive, v1alpha1.ConditionApplied, reason) })
	it, err := s.translation(namespace, name)
	require.NoError(s.t, err)
	for _, kind := range []string{v1alpha1.ConditionApplied, v1alpha1.ConditionReady} {
		if c := meta.FindStatusCondition(it.Status.Conditions, kind); !strings.Contains(c.Message, part) {
			s.t.Errorf("%s/%s: %s does not say %q: %s", namespace, name, kind, part, c.Message)
		}
	}
}

// What the API server has against an object that many share is said of each of them, and goes away by itself.
func TestARejectedSharedObjectIsNamed(t *testing.T) {
	for kind, object := range map[string]string{"envoyfilters": "EnvoyFilter", "gateways": "Gateway"} {
		t.Run(kind, func(t *testing.T) {
			s := shared(t).site(t, "rejected-"+kind, nil)
			policy := s.parse(strings.ReplaceAll(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NAME}
spec:
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAME-edge}}
    resourceRules: [{apiGroups: [networking.istio.io], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: [KIND]}]
  validations: [{expression: "false", message: not on Fridays}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: NAME}
spec: {policyName: NAME, validationActions: [Deny]}`, "KIND", kind))
			for _, o := range policy {
				require.NoError(t, s.admin.Create(t.Context(), o))
				t.Cleanup(func() { require.NoError(t, client.IgnoreNotFound(s.admin.Delete(afterwards(t), o))) })
			}
			version := map[string]string{"EnvoyFilter": "v1alpha3", "Gateway": "v1"}[object]
			s.eventually(func() error { // the API server has heard of the policy
				o := s.parse("{apiVersion: networking.istio.io/" + version + ", kind: " + object + ", metadata: {name: a, namespace: NAME-edge}, spec: {}}")[0]
				if err := s.admin.Create(t.Context(), o, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "not on Fridays") {
					return fmt.Errorf("refused with %w", err)
				}
				return nil
			})
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
			shared(t).operator(t, nil)
			s.applied("shop", "a", v1alpha1.ReasonRejected, "not on Fridays")
			s.applied("shop", "a", v1alpha1.ReasonRejected, kind+".networking.istio.io")
			for _, o := range policy {
				require.NoError(t, s.admin.Delete(t.Context(), o))
			}
			s.eventually(func() error { // it is tried again each minute, and when anything changes
				s.say("shop", "a", "example.com/look", time.Now().String())
				time.Sleep(100 * time.Millisecond)
				return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionReady, v1alpha1.ReasonDone)
			})
		})
	}
}

// controllers runs the parts of the controller manager that namespaces and owners need.
func (c *cluster) controllers(t *testing.T) {
	t.Helper()
	user, err := c.env.AddUser(envtest.User{Name: "controllers", Groups: []string{"system:masters"}}, nil)
	require.NoError(t, err)
	kubeconfig, err := user.KubeConfig()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(file, kubeconfig, 0o600))
	cmd := exec.Command(filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kube-controller-manager"),
		"--kubeconfig="+file, "--leader-elect=false", "--secure-port=0", "--controllers=namespace-controller,garbage-collector-controller")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func TestANamespaceIsDeleted(t *testing.T) {
	shared(t).controllers(t)
	s := shared(t).site(t, "leaves", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	s.ingress("shop", "p", "p.test")
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("blog", "p", "q.test")
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	// An Ingress that was never applied takes its IngressTranslation along.
	preview, err := s.translation("blog", "p")
	require.NoError(t, err)
	s.remove("blog", "p")
	s.gone(preview)

	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.ns("shop")}}
	require.NoError(t, s.admin.Delete(t.Context(), ns))
	s.gone(ns)
	s.eventually(func() error {
		for name := range s.objects() {
			if name == "EnvoyFilter "+s.ns("edge")+"/i2g-route."+s.ns("shop")+".a" {
				return fmt.Errorf("there is %s", name)
			}
		}
		return nil
	})
	time.Sleep(100 * time.Millisecond)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}
