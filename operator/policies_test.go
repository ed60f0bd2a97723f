//go:build envtest

package operator

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/internal/testcluster"
)

// certificate makes a Secret with a key pair for a host beside the Ingresses.
func (s *site) certificate(namespace, name, host string) map[string][]byte {
	s.t.Helper()
	data := pair(s.t, host)
	require.NoError(s.t, s.admin.Create(s.t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns(namespace), Name: name}, Type: corev1.SecretTypeTLS, Data: data,
	}))
	return data
}

// plainly takes TLS from an Ingress.
func (s *site) plainly(namespace, name string) {
	s.t.Helper()
	o := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns(namespace), Name: name}}
	require.NoError(s.t, s.admin.Patch(s.t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(`{"spec": {"tls": null}}`))))
}

// says waits until the Migration's condition Applied, or Ready if it cannot go on, has a reason, and says something.
func (s *site) says(kind, reason, part string) {
	s.t.Helper()
	s.eventually(func() error {
		m := &v1alpha1.Migration{}
		if err := s.admin.Get(s.t.Context(), client.ObjectKey{Name: s.name}, m); err != nil {
			return err
		}
		if c := meta.FindStatusCondition(m.Status.Conditions, kind); c == nil || c.Reason != reason || !strings.Contains(c.Message, part) {
			return fmt.Errorf("the Migration is %+v, not %s with %q", m.Status.Conditions, reason, part)
		}
		return nil
	})
}

// When copies are no longer made, those that nothing names go, also if nobody looked when that was decided. Those that the gateway
// still reads by their name stay, and are the platform's.
func TestCopiesWhenThePolicyChanges(t *testing.T) {
	s := shared(t).site(t, "recopied", func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = "copy" })
	data := s.certificate("shop", "a", "a.recopied.test")
	s.certificate("shop", "b", "b.recopied.test")
	s.tlsIngress("shop", "a", "a.recopied.test", "a")
	s.tlsIngress("shop", "b", "b.recopied.test", "b")
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	stop()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "reference" })
	s.plainly("shop", "b")
	stop = shared(t).operator(t, nil)
	is := func(name string, ours bool) {
		t.Helper()
		s.eventually(func() error {
			c, err := s.copied(s.ns("shop") + "." + name)
			if err == nil && ((c.Labels[v1alpha1.LabelMigration] != "") != ours || (c.Annotations["ingress2gw.io/released"] == "") != ours) {
				err = fmt.Errorf("the copy has labels %v and annotations %v", c.Labels, c.Annotations)
			}
			if err == nil && !bytes.Equal(c.Data["tls.crt"], data["tls.crt"]) {
				err = fmt.Errorf("the copy is another")
			}
			return err
		})
	}
	gone := func(name string) {
		t.Helper()
		s.eventually(func() error {
			if _, err := s.copied(s.ns("shop") + "." + name); !apierrors.IsNotFound(err) {
				return fmt.Errorf("the copy %s is there: %w", name, err)
			}
			return nil
		})
	}
	gone("b")
	is("a", false)
	// And back, while it runs: what was left is taken again, and goes with its host.
	s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "copy" })
	is("a", true)
	s.phase("shop", "a", v1alpha1.PhasePreview)
	gone("a")
	stop()
}

// published makes a kind of another project known, as that publishes it.
func (c *cluster) published(t *testing.T, group, plural string) {
	t.Helper()
	file, err := testcluster.Published(group, plural)
	require.NoError(t, err)
	c.install(t, file)
}

// Certificates and ReferenceGrants go as well when another policy is chosen, while the operator runs and while it does not.
func TestObjectsOfAnotherPolicyGo(t *testing.T) {
	shared(t).published(t, "cert-manager.io", "certificates")
	shared(t).published(t, "gateway.networking.k8s.io", "referencegrants")
	for policy, gvk := range map[string]schema.GroupVersionKind{
		"cert-manager":    {Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
		"reference-grant": {Group: "gateway.networking.k8s.io", Version: "v1beta1", Kind: "ReferenceGrant"},
	} {
		t.Run(policy, func(t *testing.T) {
			s := shared(t).site(t, "from-"+policy, func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = policy })
			s.certificate("shop", "a", policy+".test")
			s.tlsIngress("shop", "a", policy+".test", "a")
			s.say("shop", "a", "cert-manager.io/cluster-issuer", "letsencrypt")
			there := func(want bool) {
				t.Helper()
				s.eventually(func() error {
					list := &unstructured.UnstructuredList{}
					list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
					require.NoError(t, s.admin.List(t.Context(), list, client.HasLabels{v1alpha1.LabelMigration}))
					if got := len(list.Items) > 0; got != want {
						return fmt.Errorf("%d objects are there", len(list.Items))
					}
					return nil
				})
			}
			stop := shared(t).operator(t, nil)
			there(true)
			s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "reference" })
			there(false)
			s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = policy })
			there(true)
			stop()
			s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "reference" })
			stop = shared(t).operator(t, nil)
			there(false)
			stop()
		})
	}
}

// A policy for which the operator has no right, or is not set up, is a condition of that Migration. Others go on.
func TestAPolicyWithoutItsRight(t *testing.T) {
	shared(t).published(t, "cert-manager.io", "certificates")
	s := shared(t).site(t, "unruly", func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = "cert-manager" })
	other := shared(t).site(t, "ruly", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	other.ingress("shop", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	config, _ := shared(t).account(t, "apply", nil)
	var refused refusals
	stop := shared(t).operatorAs(t, refused.watch(config), asInChart)
	s.says(v1alpha1.ConditionReady, v1alpha1.ReasonForbidden, "may not list certificates.cert-manager.io")
	other.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	require.Empty(t, s.objects())
	stop()
	refused.none(t)
	s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "copy" })
	stop = shared(t).operatorAs(t, config, func(o *Options) {
		asInChart(o)
		o.Secrets = false
	})
	s.says(v1alpha1.ConditionReady, v1alpha1.ReasonInvalid, "--watch-secrets")
	require.Empty(t, s.objects())
	s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "reference" })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	stop()
}

// What may not be removed stays, and the Migration says so. It is no matter of Ingresses that do not need it.
func TestWithoutTheRightToRemove(t *testing.T) {
	s := shared(t).site(t, "clinging", func(m *v1alpha1.Migration) { m.Spec.TLS.Policy = "copy" })
	s.certificate("shop", "a", "a.clinging.test")
	s.tlsIngress("shop", "a", "a.clinging.test", "a")
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	stop()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "reference" })
	s.plainly("shop", "a")
	config, _ := shared(t).account(t, "apply", nil) // may list Secrets, and write none
	stop = shared(t).operatorAs(t, config, asInChart)
	s.says(v1alpha1.ConditionApplied, v1alpha1.ReasonForbidden, `cannot delete resource "secrets"`)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	if _, err := s.copied(s.ns("shop") + ".a"); err != nil {
		t.Errorf("the copy: %v", err)
	}
	stop()
}
