//go:build envtest

package operator

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// chartNamespace is where the chart is installed in testdata/chart.
const chartNamespace = "ingress2gw-system"

// account gives the credentials of the operator's account with exactly the rights that a variant of the chart gives to it,
// but for what change takes away. give hands the rest over later.
func (c *cluster) account(t *testing.T, variant string, change func(*rbacv1.ClusterRole)) (config *rest.Config, give func()) {
	t.Helper()
	for _, ns := range []string{chartNamespace, "istio-ingress", "istio-shadow", "shop", "billing"} {
		if err := c.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("../testdata/chart/" + variant + "/rendered.yaml")
	require.NoError(t, err)
	give = func() {}
	for doc := range bytes.SplitSeq(text, []byte("\n---\n")) {
		u := &unstructured.Unstructured{}
		require.NoError(t, sigsyaml.Unmarshal(doc, &u.Object))
		if !slices.Contains([]string{"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}, u.GetKind()) || u.GetLabels() == nil {
			continue
		}
		if whole := u.DeepCopy(); u.GetKind() == "ClusterRole" && change != nil {
			role := &rbacv1.ClusterRole{}
			require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, role))
			change(role)
			u.Object, err = runtime.DefaultUnstructuredConverter.ToUnstructured(role)
			require.NoError(t, err)
			u.SetAPIVersion("rbac.authorization.k8s.io/v1")
			u.SetKind("ClusterRole")
			give = func() {
				require.NoError(t, c.admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(whole), client.FieldOwner("test"), client.ForceOwnership))
			}
		}
		unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
		require.NoError(t, c.admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("test"), client.ForceOwnership))
		t.Cleanup(func() { require.NoError(t, client.IgnoreNotFound(c.admin.Delete(afterwards(t), u))) })
	}
	set, err := kubernetes.NewForConfig(c.config)
	require.NoError(t, err)
	token, err := set.CoreV1().ServiceAccounts(chartNamespace).CreateToken(t.Context(), "ingress2gw", &authv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	config = rest.AnonymousClientConfig(c.config)
	config.BearerToken = token.Status.Token
	return config, give
}

// asInChart is how the chart runs it.
func asInChart(o *Options) { o.Namespace, o.LeaderElection = chartNamespace, true }

func TestTheRoleForPreviewsSuffices(t *testing.T) {
	for name, secrets := range map[string]bool{"preview": true, "without-secrets": false} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, "role-"+name, nil)
			s.ingress("shop", "web", "web.test", phaseNote(v1alpha1.PhaseLive))
			config, _ := shared(t).account(t, name, nil)
			shared(t).operatorAs(t, config, func(o *Options) {
				asInChart(o)
				o.Apply, o.Secrets = false, secrets
			})
			s.eventually(func() error {
				return s.is("shop", "web", v1alpha1.PhasePreview, v1alpha1.ConditionApplied, v1alpha1.ReasonPreview)
			})
			require.Empty(t, s.objects())
		})
	}
}

func TestTheRoleForApplyingSuffices(t *testing.T) {
	s := shared(t).site(t, "role-apply", nil)
	s.ingress("shop", "web", "web.test", phaseNote(v1alpha1.PhaseShadow))
	config, _ := shared(t).account(t, "apply", nil)
	shared(t).operatorAs(t, config, asInChart)
	for _, p := range []v1alpha1.Phase{v1alpha1.PhaseShadow, v1alpha1.PhaseLive, v1alpha1.PhaseReleased, v1alpha1.PhaseLive, v1alpha1.PhasePreview} {
		s.phase("shop", "web", p)
		s.becomes("shop", "web", p, v1alpha1.ReasonDone)
	}
	require.NoError(t, s.admin.Delete(t.Context(), &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: s.name}}))
	s.eventually(func() error {
		err := s.admin.Get(t.Context(), client.ObjectKey{Name: s.name}, &v1alpha1.Migration{})
		if err == nil {
			return fmt.Errorf("the Migration is still there")
		}
		return client.IgnoreNotFound(err)
	})
}

func TestTheRoleForTheGuardSuffices(t *testing.T) {
	s := shared(t).site(t, "role-guard", func(m *v1alpha1.Migration) {
		m.Spec.Gateway.Namespace, m.Spec.Shadow = "istio-ingress", &v1alpha1.ShadowGateway{Namespace: "istio-shadow", Selector: map[string]string{"istio": "shadow"}}
	})
	s.ingress("shop", "web", "web.role-guard.test", phaseNote(v1alpha1.PhaseShadow))
	config, _ := shared(t).account(t, "guard", nil)
	shared(t).operatorAs(t, config, func(o *Options) {
		asInChart(o)
		o.Guard = []string{"istio-ingress", "istio-shadow"}
	})
	s.becomes("shop", "web", v1alpha1.PhaseShadow, v1alpha1.ReasonDone)
	list := &corev1.ConfigMap{}
	require.NoError(t, s.admin.Get(t.Context(), client.ObjectKey{Namespace: "istio-shadow", Name: "i2g-hosts"}, list))
	require.Equal(t, "role-guard-shop", list.Data["web.role-guard.test"])
	s.phase("shop", "web", v1alpha1.PhaseLive)
	s.becomes("shop", "web", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	require.NoError(t, s.admin.Get(t.Context(), client.ObjectKey{Namespace: "istio-ingress", Name: "i2g-hosts"}, list))
	require.Equal(t, "role-guard-shop", list.Data["web.role-guard.test"])
	s.ingress("blog", "later", "later.role-guard.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("blog", "later", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	require.NoError(t, s.admin.Get(t.Context(), client.ObjectKeyFromObject(list), list))
	require.Equal(t, "role-guard-blog", list.Data["later.role-guard.test"])
}

// With the right to read exactly the Secrets that are to be copied.
func TestTheRoleForCopiesSuffices(t *testing.T) {
	s := shared(t).site(t, "role-copies", func(m *v1alpha1.Migration) {
		m.Spec.Gateway.Namespace, m.Spec.TLS.Policy = "istio-ingress", "copy"
	})
	config, _ := shared(t).account(t, "certificates", nil)
	crt, key := keyPair(t)
	for _, o := range []client.Object{
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-tls"}, Type: corev1.SecretTypeTLS, Data: map[string][]byte{"tls.crt": crt, "tls.key": key}},
		s.parse(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: copied, namespace: shop, annotations: {ingress2gw.io/phase: live}}
spec:
  ingressClassName: NAME
  tls: [{hosts: [web.copies.test], secretName: web-tls}]
  rules: [{host: web.copies.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]`)[0],
	} {
		require.NoError(t, s.admin.Create(t.Context(), o))
	}
	shared(t).operatorAs(t, config, asInChart)
	s.eventually(func() error {
		copied := &corev1.Secret{}
		if err := s.admin.Get(t.Context(), client.ObjectKey{Namespace: "istio-ingress", Name: "shop.web-tls"}, copied); err != nil {
			return err
		}
		if !bytes.Equal(copied.Data["tls.crt"], crt) || !bytes.Equal(copied.Data["tls.key"], key) {
			return fmt.Errorf("the copy is another")
		}
		return nil
	})
}

// keyPair is a self-signed certificate with its key.
func keyPair(t *testing.T) (crt, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"web.copies.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

// without takes a resource out of all rules.
func without(resource string) func(*rbacv1.ClusterRole) {
	return func(r *rbacv1.ClusterRole) {
		for i := range r.Rules {
			r.Rules[i].Resources = slices.DeleteFunc(r.Rules[i].Resources, func(x string) bool { return x == resource })
		}
		r.Rules = slices.DeleteFunc(r.Rules, func(x rbacv1.PolicyRule) bool { return len(x.Resources)+len(x.NonResourceURLs) == 0 })
	}
}

// A right to write that is missing is a condition of those Ingresses that need it, and all is well when it is given.
func TestWithoutARightToWrite(t *testing.T) {
	s := shared(t).site(t, "less-write", nil)
	s.ingress("shop", "web", "web.test", phaseNote(v1alpha1.PhaseLive))
	config, give := shared(t).account(t, "apply", func(r *rbacv1.ClusterRole) {
		for i := range r.Rules {
			if slices.Contains(r.Rules[i].Resources, "virtualservices") {
				r.Rules[i].Resources = slices.DeleteFunc(r.Rules[i].Resources, func(x string) bool { return x == "virtualservices" })
				r.Rules = append(r.Rules, rbacv1.PolicyRule{APIGroups: []string{"networking.istio.io"}, Resources: []string{"virtualservices"}, Verbs: []string{"get", "list", "watch"}})
				break
			}
		}
	})
	shared(t).operatorAs(t, config, asInChart)
	s.eventually(func() error {
		return s.is("shop", "web", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonForbidden)
	})
	give()
	s.say("shop", "web", "example.com/look", "again")
	s.becomes("shop", "web", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}

// A right to read that is missing keeps the operator from being ready, and from doing anything with half of the picture.
func TestWithoutARightToRead(t *testing.T) {
	for _, resource := range []string{"services", "secrets", "ingresses"} {
		t.Run(resource, func(t *testing.T) {
			s := shared(t).site(t, "less-"+resource, nil)
			s.ingress("shop", "web", "web.test", phaseNote(v1alpha1.PhaseLive))
			config, give := shared(t).account(t, "apply", without(resource))
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			address := l.Addr().String()
			require.NoError(t, l.Close())
			shared(t).operatorAs(t, config, func(o *Options) {
				asInChart(o)
				o.HealthAddress = address
			})
			status := func(path string, want int) {
				t.Helper()
				s.eventually(func() error {
					r, err := http.Get("http://" + address + path)
					if err != nil {
						return err
					}
					defer r.Body.Close()
					if r.StatusCode != want {
						return fmt.Errorf("%s answers %d", path, r.StatusCode)
					}
					return nil
				})
			}
			status("/healthz", http.StatusOK)
			status("/readyz", http.StatusInternalServerError)
			require.Empty(t, s.objects())
			give()
			status("/readyz", http.StatusOK)
			s.becomes("shop", "web", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
		})
	}
}
