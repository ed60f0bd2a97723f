package chart_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/chart"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

const root = "../.."

func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := chart.Files(os.DirFS(root))
	require.NoError(t, err)
	generated := len(files)
	files["README.md"], err = chart.Readme(os.DirFS(root))
	require.NoError(t, err)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, chart.Folder, name))
		require.NoError(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is stale, run make generate (-want +got):\n%s", name, diff)
		}
	}
	crds, err := filepath.Glob(filepath.Join(root, chart.Folder, "files/crds/*"))
	require.NoError(t, err)
	require.Len(t, crds, generated-2, "a CRD that is gone")
}

// rendered are the objects that come out of the chart, by variant.
func rendered(t testing.TB) map[string][]*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "testdata/chart/*/rendered.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out := map[string][]*unstructured.Unstructured{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		out[filepath.Base(filepath.Dir(f))] = objects(t, text)
	}
	return out
}

func objects(t testing.TB, text []byte) (out []*unstructured.Unstructured) {
	t.Helper()
	for d := range bytes.SplitSeq(text, []byte("\n---\n")) {
		u := &unstructured.Unstructured{}
		require.NoError(t, yaml.UnmarshalStrict(d, &u.Object))
		out = append(out, u)
	}
	return out
}

// built are the objects of a kustomization.
func built(t testing.TB, name string) (out []*unstructured.Unstructured) {
	t.Helper()
	all, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(root, "deploy/kustomize", name))
	require.NoError(t, err)
	for _, r := range all.Resources() {
		text, err := r.AsYAML()
		require.NoError(t, err)
		out = append(out, objects(t, text)...)
	}
	return out
}

func find[T any](t testing.TB, os []*unstructured.Unstructured, kind string) (out []T) {
	t.Helper()
	for _, o := range os {
		if o.GetKind() == kind {
			var x T
			require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, &x, true))
			out = append(out, x)
		}
	}
	return out
}

func TestTheGuardOfTheChartIsThatOfConvert(t *testing.T) {
	labels := map[string]string{"istio-ingress": `{"istio":"ingressgateway"}`, "istio-shadow": `{"app":"gateway","istio":"shadow"}`}
	for variant, o := range map[string]ownership.Options{
		"guard":               {HTTPPort: "80", HTTPSPort: "443"},
		"guard-team-gateways": {HTTPPort: "8080", HTTPSPort: "8443", OwnGateways: true},
	} {
		t.Run(variant, func(t *testing.T) {
			want := map[string]any{}
			for gateway := range labels {
				o.GatewayNamespace, o.BindNamespaces, o.ClusterDomain, o.Selector = gateway, []string{"istio-ingress", "istio-shadow"}, "cluster.internal", labels[gateway]
				for _, o := range ownership.Guard(o) {
					var tree map[string]any
					var text bytes.Buffer
					require.NoError(t, manifest.WriteYAML(&text, o))
					require.NoError(t, yaml.Unmarshal(text.Bytes(), &tree))
					want[o.ID()] = tree
				}
			}
			got := map[string]any{}
			for _, u := range rendered(t)[variant] {
				if strings.HasPrefix(u.GetName(), "i2g-") && u.GetNamespace() == "" {
					got[u.GetKind()+" "+u.GetName()] = u.Object
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-convert +chart):\n%s", diff)
			}
		})
	}
}

func rules(t testing.TB, os []*unstructured.Unstructured) (rules []rbacv1.PolicyRule) {
	t.Helper()
	for _, r := range find[rbacv1.ClusterRole](t, os, "ClusterRole") {
		if !strings.HasPrefix(r.Name, "i2g-team") && !strings.HasSuffix(r.Name, ".metrics") {
			rules = append(rules, r.Rules...)
		}
	}
	for _, r := range find[rbacv1.Role](t, os, "Role") {
		rules = append(rules, r.Rules...)
	}
	return rules
}

func may(t testing.TB, os []*unstructured.Unstructured, group, resource, verb string) bool {
	t.Helper()
	return slices.ContainsFunc(rules(t, os), func(r rbacv1.PolicyRule) bool {
		return slices.Contains(r.APIGroups, group) && slices.Contains(r.Resources, resource) && slices.Contains(r.Verbs, verb)
	})
}

// For previews nobody has to trust the operator with more than its own objects.
func TestPreviewsWriteOnlyTheOperatorsOwnObjects(t *testing.T) {
	own := []string{"ingress2gw.io", "events.k8s.io", "coordination.k8s.io", "authentication.k8s.io", "authorization.k8s.io"}
	for name, os := range rendered(t) {
		d := find[appsv1.Deployment](t, os, "Deployment")
		if !slices.Contains(d[0].Spec.Template.Spec.Containers[0].Args, "--mode=preview") {
			continue
		}
		for _, r := range rules(t, os) {
			for _, v := range r.Verbs {
				if !slices.Contains([]string{"get", "list", "watch"}, v) && !slices.Contains(own, r.APIGroups[0]) {
					t.Errorf("%s: may %s %v", name, v, r.Resources)
				}
			}
			if slices.Contains(r.Resources, "secrets") && !slices.Equal(r.Verbs, []string{"list", "watch"}) {
				t.Errorf("%s: may %v Secrets", name, r.Verbs)
			}
		}
	}
}

// The rights to write are those of the mode; every other rule stands for a value that was set.
func TestRightsFollowValues(t *testing.T) {
	all := rendered(t)
	for _, tt := range []struct{ variant, group, resource, verb string }{
		{"certificates", "cert-manager.io", "certificates", "create"},
		{"certificates", "gateway.networking.k8s.io", "referencegrants", "create"},
		{"certificates", "", "secrets", "delete"},
		{"guard", "", "configmaps", "patch"},
		{"apply", "networking.istio.io", "virtualservices", "patch"},
	} {
		for name, os := range all {
			guard := name == "guard" || name == "guard-team-gateways"
			mode := name == "apply" || name == "certificates" || name == "team-gateways" || guard
			want := name == tt.variant || tt.variant == "apply" && mode || tt.variant == "guard" && guard
			if got := may(t, os, tt.group, tt.resource, tt.verb); got != want {
				t.Errorf("%s: may %s %s: %v", name, tt.verb, tt.resource, got)
			}
		}
	}
}

func TestBindingsBindWhatIsThere(t *testing.T) {
	for name, os := range rendered(t) {
		have := map[string]bool{}
		for _, o := range os {
			have[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = true
		}
		for _, o := range os {
			if !strings.HasSuffix(o.GetKind(), "Binding") || strings.HasPrefix(o.GetName(), "i2g-") {
				continue
			}
			kind, _, _ := unstructured.NestedString(o.Object, "roleRef", "kind")
			role, _, _ := unstructured.NestedString(o.Object, "roleRef", "name")
			where := o.GetNamespace()
			if kind == "ClusterRole" {
				where = ""
			}
			if !have[kind+" "+where+"/"+role] {
				t.Errorf("%s: %s %s binds %s, which is not there", name, o.GetKind(), o.GetName(), role)
			}
			subjects, _, _ := unstructured.NestedSlice(o.Object, "subjects")
			for _, s := range subjects {
				s := s.(map[string]any)
				if id := "ServiceAccount " + s["namespace"].(string) + "/" + s["name"].(string); !have[id] && s["namespace"] != "monitoring" {
					t.Errorf("%s: %s %s binds to %s, which is not there", name, o.GetKind(), o.GetName(), id)
				}
			}
		}
	}
}
