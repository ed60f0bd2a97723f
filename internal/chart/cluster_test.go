//go:build envtest

package chart_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/ingress2gw/ingress2gw/internal/testcluster"
)

var cluster *rest.Config

func TestMain(m *testing.M) {
	crds := []string{filepath.Join(root, "deploy/crds")}
	for plural, group := range map[string]string{
		"certificates": "cert-manager.io", "servicemonitors": "monitoring.coreos.com", "prometheusrules": "monitoring.coreos.com",
	} {
		file, err := testcluster.Published(group, plural)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		crds = append(crds, file)
	}
	os.Exit(testcluster.Run(m, func(env *envtest.Environment) error {
		cluster = env.Config
		cluster.QPS, cluster.Burst = 1000, 1000
		return nil
	}, crds...))
}

func namespaces(t *testing.T, c client.Client) {
	t.Helper()
	for _, ns := range []string{"ingress2gw-system", "istio-system", "istio-ingress", "istio-shadow", "shop", "billing"} {
		o := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}
		if ns == "ingress2gw-system" || ns == "istio-system" {
			o.Labels = map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}
		}
		require.NoError(t, client.IgnoreAlreadyExists(c.Create(t.Context(), o)))
	}
}

// accepted applies an object as a test that changes nothing.
func accepted(t *testing.T, c client.Client, o *unstructured.Unstructured) error {
	t.Helper()
	return c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o.DeepCopy()), client.FieldOwner("test"), client.ForceOwnership, client.DryRunAll)
}

// Every object passes the API server, with the schemas of all projects concerned: unknown fields, validation, CEL.
func TestEveryVariantIsAccepted(t *testing.T) {
	c, err := client.New(cluster, client.Options{})
	require.NoError(t, err)
	namespaces(t, c)
	variants := rendered(t)
	for _, name := range kustomizations(t) {
		variants["kustomize "+name] = built(t, name)
	}
	variants["basic-auth"] = built(t, "../basic-auth")
	for name, os := range variants {
		t.Run(name, func(t *testing.T) {
			for _, o := range os {
				if err := accepted(t, c, o); err != nil {
					t.Errorf("%s %s: %v", o.GetKind(), o.GetName(), err)
				}
			}
			for _, d := range find[appsv1.Deployment](t, os, "Deployment") {
				admitted(t, c, &d)
			}
		})
	}
}

// What other projects do not know is refused, so that what passes is known to them.
func TestKindsOfOthersHaveTheirSchemas(t *testing.T) {
	c, err := client.New(cluster, client.Options{})
	require.NoError(t, err)
	namespaces(t, c)
	for kind, path := range map[string][]string{
		"Certificate":    {"spec", "issuerRef", "named"},
		"ServiceMonitor": {"spec", "selector", "labels"},
		"PrometheusRule": {"spec", "group"},
	} {
		found := false
		for _, o := range rendered(t)["monitoring"] {
			if o.GetKind() != kind {
				continue
			}
			found = true
			require.NoError(t, unstructured.SetNestedField(o.Object, "x", path...))
			if err := accepted(t, c, o); err == nil || !strings.Contains(err.Error(), path[len(path)-1]) {
				t.Errorf("%s with %s: %v", kind, strings.Join(path, "."), err)
			}
		}
		if !found {
			t.Errorf("no %s", kind)
		}
	}
}

// admitted tries the pod in a namespace that takes restricted ones only.
func admitted(t *testing.T, c client.Client, d *appsv1.Deployment) {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "pod", Namespace: d.Namespace, Labels: d.Spec.Template.Labels}, Spec: d.Spec.Template.Spec}
	pod.Spec.ServiceAccountName, pod.Spec.PriorityClassName = "", "" // what the admission of Kubernetes itself wants to find
	if err := c.Create(t.Context(), pod, client.DryRunAll); err != nil {
		t.Errorf("the pod is refused: %v", err)
	}
	pod.Spec.SecurityContext = nil
	pod.Spec.Containers[0].SecurityContext = nil
	if err := c.Create(t.Context(), pod, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "restricted") {
		t.Errorf("a pod without a security context is taken: %v", err)
	}
}

// The guard of the chart is in force as it is installed, and has its list of hosts.
func TestTheGuardIsInForce(t *testing.T) {
	c, err := client.New(cluster, client.Options{})
	require.NoError(t, err)
	namespaces(t, c)
	for _, o := range rendered(t)["guard"] {
		if strings.HasPrefix(o.GetName(), "i2g-") {
			require.NoError(t, c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("helm")))
		}
	}
	try := func(host, gateway, export string) error {
		return c.Create(t.Context(), &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": map[string]any{"name": "a", "namespace": "shop"},
			"spec": map[string]any{"hosts": []any{host}, "gateways": []any{gateway + "/i2g-http"}, "exportTo": []any{export}},
		}}, client.DryRunAll)
	}
	// Both gateways, and none by way of the other.
	for _, gateway := range []string{"istio-ingress", "istio-shadow"} {
		for _, export := range []string{"istio-ingress", "istio-shadow", "*"} {
			require.Eventually(t, func() bool {
				err := try("pay.example.com", gateway, export)
				return err != nil && strings.Contains(err.Error(), "does not own pay.example.com")
			}, time.Minute, 50*time.Millisecond, "through %s, exported to %s", gateway, export)
		}
		require.NoError(t, try("shop.example.com", gateway, gateway))
		require.NoError(t, try("*.tenants.example.com", gateway, gateway))
	}
}
