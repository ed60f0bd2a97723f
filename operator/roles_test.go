//go:build envtest

package operator

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
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
	return c.accountOf(t, c.withGateways(t, rendered(t, variant)), change)
}

// withGateways adds what a variant has in the namespace of a gateway for those of all Migrations, as the value
// gateway.otherNamespaces does.
func (c *cluster) withGateways(t *testing.T, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	all := &v1alpha1.MigrationList{}
	require.NoError(t, c.admin.List(t.Context(), all))
	for _, o := range slices.Clone(objects) {
		if o.GetNamespace() != "istio-ingress" {
			continue
		}
		for i := range all.Items {
			m := &all.Items[i].Spec
			for _, ns := range []string{m.Gateway.Namespace, m.Shadow.Namespace} {
				other := o.DeepCopy()
				other.SetNamespace(ns)
				objects = append(objects, other)
			}
		}
	}
	return objects
}

func (c *cluster) namespace(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, client.IgnoreAlreadyExists(c.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})))
}

// accountOf does so with the objects of a variant.
func (c *cluster) accountOf(t *testing.T, objects []*unstructured.Unstructured, change func(*rbacv1.ClusterRole)) (config *rest.Config, give func()) {
	t.Helper()
	c.namespace(t, chartNamespace)
	var whole []*unstructured.Unstructured
	give = func() {
		for _, u := range whole {
			require.NoError(t, c.admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("test"), client.ForceOwnership))
		}
	}
	for _, u := range objects {
		kind := u.GetKind()
		if !slices.Contains([]string{"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}, kind) || u.GetLabels() == nil {
			continue
		}
		if (kind == "ClusterRole" || kind == "Role") && change != nil {
			whole = append(whole, u.DeepCopy())
			role := as[rbacv1.ClusterRole](t, u)
			change(role)
			tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(role)
			require.NoError(t, err)
			u = &unstructured.Unstructured{Object: tree}
			u.SetAPIVersion("rbac.authorization.k8s.io/v1")
			u.SetKind(kind)
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

// without takes a resource out of all roles.
func without(resource string) func(*rbacv1.ClusterRole) {
	return func(r *rbacv1.ClusterRole) {
		for i := range r.Rules {
			r.Rules[i].Resources = slices.DeleteFunc(r.Rules[i].Resources, func(x string) bool { return x == resource })
		}
		r.Rules = slices.DeleteFunc(r.Rules, func(x rbacv1.PolicyRule) bool { return len(x.Resources)+len(x.NonResourceURLs) == 0 })
	}
}

// onlyRead takes the rights to write a kind of Istio's out of all roles.
func onlyRead(resource string) func(*rbacv1.ClusterRole) {
	return func(r *rbacv1.ClusterRole) {
		if without(resource)(r); strings.HasSuffix(r.Name, ".gateway") {
			return
		}
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

// A gateway in a namespace that nobody named to the chart gets no routes, and it is said why. One RoleBinding is enough.
func TestAGatewayThatTheChartDoesNotName(t *testing.T) {
	s := shared(t).site(t, "unnamed", nil)
	s.ingress("shop", "web", "web.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("blog", "web", "blog.test")
	shared(t).namespace(t, "istio-ingress")
	shared(t).namespace(t, "istio-shadow")
	config, _ := shared(t).accountOf(t, rendered(t, "apply"), nil)
	shared(t).operatorAs(t, config, asInChart)
	s.applied("shop", "web", v1alpha1.ReasonForbidden, `in the namespace "unnamed-edge"`)
	s.becomes("blog", "web", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	for name := range s.objects() {
		if strings.HasPrefix(name, "VirtualService ") {
			t.Errorf("there is %s", name)
		}
	}
	s.create(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ingress2gw, namespace: NAME-edge}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ingress2gw.ingress2gw-system.gateway}
subjects: [{kind: ServiceAccount, name: ingress2gw, namespace: ingress2gw-system}]`)
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
