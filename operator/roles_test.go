//go:build envtest

package operator

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	authv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// chartNamespace is where the chart is installed in testdata/chart.
const chartNamespace = "ingress2gw-system"

// account gives the credentials of the operator's account with exactly the rights that a variant of the chart gives to it,
// but for what change takes away. give hands the rest over later.
func (c *cluster) account(t *testing.T, variant string, change func(*rbacv1.ClusterRole)) (config *rest.Config, give func()) {
	t.Helper()
	for _, ns := range []string{"istio-ingress", "istio-shadow", "shop", "billing"} {
		c.namespace(t, ns)
	}
	return c.accountOf(t, rendered(t, variant), change)
}

func (c *cluster) namespace(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, client.IgnoreAlreadyExists(c.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})))
}

// accountOf does so with the objects of a variant.
func (c *cluster) accountOf(t *testing.T, objects []*unstructured.Unstructured, change func(*rbacv1.ClusterRole)) (config *rest.Config, give func()) {
	t.Helper()
	c.namespace(t, chartNamespace)
	give = func() {}
	for _, u := range objects {
		if !slices.Contains([]string{"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}, u.GetKind()) || u.GetLabels() == nil {
			continue
		}
		if whole := u.DeepCopy(); u.GetKind() == "ClusterRole" && change != nil {
			role := as[rbacv1.ClusterRole](t, u)
			change(role)
			tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(role)
			require.NoError(t, err)
			u = &unstructured.Unstructured{Object: tree}
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

// without takes a resource out of all rules.
func without(resource string) func(*rbacv1.ClusterRole) {
	return func(r *rbacv1.ClusterRole) {
		for i := range r.Rules {
			r.Rules[i].Resources = slices.DeleteFunc(r.Rules[i].Resources, func(x string) bool { return x == resource })
		}
		r.Rules = slices.DeleteFunc(r.Rules, func(x rbacv1.PolicyRule) bool { return len(x.Resources)+len(x.NonResourceURLs) == 0 })
	}
}

// onlyRead takes the rights to write a kind of Istio's out of a role.
func onlyRead(resource string) func(*rbacv1.ClusterRole) {
	return func(r *rbacv1.ClusterRole) {
		without(resource)(r)
		r.Rules = append(r.Rules, rbacv1.PolicyRule{APIGroups: []string{"networking.istio.io"}, Resources: []string{resource}, Verbs: []string{"get", "list", "watch"}})
	}
}

// A right to write that is missing is a condition of those Ingresses that need it, and all is well when it is given.
func TestWithoutARightToWrite(t *testing.T) {
	s := shared(t).site(t, "less-write", nil)
	s.ingress("shop", "web", "web.test", phaseNote(v1alpha1.PhaseLive))
	config, give := shared(t).account(t, "apply", onlyRead("virtualservices"))
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
