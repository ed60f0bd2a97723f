package operator

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	sigsyaml "sigs.k8s.io/yaml"
)

// deployed are the objects of a kustomization, decoded without tolerance.
func deployed(t *testing.T, name string) map[string]runtime.Object {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "../deploy/kustomize/"+name)
	require.NoError(t, err)
	out := map[string]runtime.Object{}
	for _, r := range built.Resources() {
		data, err := r.AsYAML()
		require.NoError(t, err)
		if r.GetKind() == "CustomResourceDefinition" {
			continue
		}
		o, _, err := scheme.Codecs.UniversalDeserializer().Decode(data, nil, nil)
		require.NoError(t, err)
		require.NoError(t, sigsyaml.UnmarshalStrict(data, o), "%s", data)
		out[r.GetKind()+" "+r.GetName()] = o
	}
	return out
}

// rights are the rules of all ClusterRoles of a kustomization.
func rights(objects map[string]runtime.Object) (rules []rbacv1.PolicyRule) {
	for _, o := range objects {
		if role, ok := o.(*rbacv1.ClusterRole); ok {
			rules = append(rules, role.Rules...)
		}
	}
	return rules
}

func allowed(rules []rbacv1.PolicyRule, group, resource, verb string) bool {
	return slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.APIGroups, group) && slices.Contains(r.Resources, resource) && slices.Contains(r.Verbs, verb)
	})
}

func TestWhatIsDeployed(t *testing.T) {
	for name, secrets := range map[string]bool{"preview": true, "base": false} {
		t.Run(name, func(t *testing.T) {
			objects := deployed(t, name)
			d, ok := objects["Deployment ingress2gw"].(*appsv1.Deployment)
			require.True(t, ok)
			pod := d.Spec.Template.Spec
			c := pod.Containers[0]

			t.Setenv("POD_NAMESPACE", d.Namespace)
			flags := pflag.NewFlagSet("operator", pflag.ContinueOnError)
			given := AddFlags(flags)
			require.NoError(t, flags.Parse(c.Args))
			o, err := given.Options()
			require.NoError(t, err)
			if o.Secrets != secrets || allowed(rights(objects), "", "secrets", "list") != secrets {
				t.Errorf("Secrets: watched %v, right to list them %v, want %v", o.Secrets, allowed(rights(objects), "", "secrets", "list"), secrets)
			}
			for _, rule := range rights(objects) {
				for _, verb := range rule.Verbs {
					if !slices.Contains([]string{"get", "list", "watch"}, verb) && !slices.Contains(writable[:], rule.APIGroups[0]) {
						t.Errorf("%v may be %sed", rule.Resources, verb)
					}
				}
			}
			for object, o := range objects {
				if b, ok := o.(*rbacv1.ClusterRoleBinding); ok {
					if objects["ClusterRole "+b.RoleRef.Name] == nil || objects["ServiceAccount "+b.Subjects[0].Name] == nil || b.Subjects[0].Namespace != d.Namespace || b.Subjects[0].Name != pod.ServiceAccountName {
						t.Errorf("%s binds what is not there", object)
					}
				}
			}

			off, on := false, true
			user := int64(65532)
			wantPod := &corev1.PodSecurityContext{RunAsNonRoot: &on, RunAsUser: &user, RunAsGroup: &user, FSGroup: &user, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}}
			if diff := cmp.Diff(wantPod, pod.SecurityContext); diff != "" {
				t.Errorf("pod (-want +got):\n%s", diff)
			}
			want := &corev1.SecurityContext{AllowPrivilegeEscalation: &off, ReadOnlyRootFilesystem: &on, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}
			if diff := cmp.Diff(want, c.SecurityContext); diff != "" {
				t.Errorf("container (-want +got):\n%s", diff)
			}
			ports := map[string]string{}
			for _, p := range c.Ports {
				ports[p.Name] = fmt.Sprintf(":%d", p.ContainerPort)
			}
			if diff := cmp.Diff(map[string]string{"metrics": o.MetricsAddress, "health": o.HealthAddress}, ports); diff != "" {
				t.Errorf("ports (-flags +container):\n%s", diff)
			}
			service, ok := objects["Service ingress2gw-metrics"].(*corev1.Service)
			require.True(t, ok)
			for k, v := range service.Spec.Selector {
				if d.Spec.Template.Labels[k] != v {
					t.Errorf("the Service selects %s=%s, the pod has %q", k, v, d.Spec.Template.Labels[k])
				}
			}
			policy, ok := objects["NetworkPolicy ingress2gw"].(*netv1.NetworkPolicy)
			require.True(t, ok)
			budget, ok := objects["PodDisruptionBudget ingress2gw"].(*policyv1.PodDisruptionBudget)
			require.True(t, ok)
			for what, selector := range map[string]*metav1.LabelSelector{"NetworkPolicy": &policy.Spec.PodSelector, "PodDisruptionBudget": budget.Spec.Selector} {
				s, err := metav1.LabelSelectorAsSelector(selector)
				require.NoError(t, err)
				if s.Empty() || !s.Matches(labels.Set(d.Spec.Template.Labels)) {
					t.Errorf("the %s selects %s", what, s)
				}
			}
			open := map[string]string{}
			for _, in := range policy.Spec.Ingress {
				for _, p := range in.Ports {
					for name, address := range ports {
						if address == fmt.Sprintf(":%d", p.Port.IntValue()) {
							open[name] = address
						}
					}
				}
			}
			if diff := cmp.Diff(ports, open); diff != "" {
				t.Errorf("open ports (-container +policy):\n%s", diff)
			}
			if o.Apply || !o.MetricsSecure {
				t.Errorf("applies %v, metrics by TLS %v", o.Apply, o.MetricsSecure)
			}
		})
	}
}
