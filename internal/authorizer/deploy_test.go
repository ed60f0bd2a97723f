package authorizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const deploy = "../../deploy/basic-auth"

// built gives the objects of the overlay that the README shows, by kind.
func built(t *testing.T) map[string][]byte {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(deploy, "README.md"))
	require.NoError(t, err)
	_, overlay, ok := strings.Cut(string(readme), "```yaml\n")
	require.True(t, ok)
	overlay, _, ok = strings.Cut(overlay, "```")
	require.True(t, ok)
	remote := "github.com/ingress2gw/ingress2gw/deploy/basic-auth?ref=VERSION"
	require.Contains(t, overlay, remote)

	disk := filesys.MakeFsInMemory()
	files, err := filepath.Glob(filepath.Join(deploy, "*.yaml"))
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, disk.WriteFile("/base/"+filepath.Base(f), b))
	}
	require.NoError(t, disk.WriteFile("/overlay/kustomization.yaml", []byte(strings.ReplaceAll(overlay, remote, "../base"))))
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, "/overlay")
	require.NoError(t, err)
	out := map[string][]byte{}
	for _, r := range objects.Resources() {
		require.Equal(t, "istio-system", r.GetNamespace())
		b, err := r.AsYAML()
		require.NoError(t, err)
		out[r.GetKind()] = b
	}
	return out
}

func TestTheManifestsFitTogether(t *testing.T) {
	objects := built(t)
	var d appsv1.Deployment
	var s corev1.Service
	var p netv1.NetworkPolicy
	for kind, into := range map[string]any{"Deployment": &d, "Service": &s, "NetworkPolicy": &p} {
		require.NoError(t, yaml.UnmarshalStrict(objects[kind], into), kind)
	}
	pods := d.Spec.Template.Labels
	for name, selector := range map[string]map[string]string{
		"Deployment": d.Spec.Selector.MatchLabels, "Service": s.Spec.Selector, "NetworkPolicy": p.Spec.PodSelector.MatchLabels,
	} {
		if len(selector) == 0 {
			t.Errorf("%s selects everything", name)
		}
		for k, v := range selector {
			if pods[k] != v {
				t.Errorf("%s selects %s=%s, which the pods have not", name, k, v)
			}
		}
	}
	if diff := cmp.Diff(map[string]string{"istio": "ingressgateway"}, p.Spec.Ingress[0].From[0].PodSelector.MatchLabels); diff != "" {
		t.Errorf("who may ask (-want +got):\n%s", diff)
	}
	c := d.Spec.Template.Spec.Containers[0]
	mounts := map[string]string{}
	for _, m := range c.VolumeMounts {
		mounts[m.MountPath] = m.Name
	}
	if diff := cmp.Diff(map[string]string{DefaultRoot: "htpasswd", DefaultRoot + "/shop.staff": "shop-staff"}, mounts); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
	if c.Image != "ghcr.io/ingress2gw/basic-auth:VERSION" {
		t.Errorf("image %s", c.Image)
	}
}

func TestThePodIsRestricted(t *testing.T) {
	var d appsv1.Deployment
	require.NoError(t, yaml.UnmarshalStrict(built(t)["Deployment"], &d))
	spec, c := d.Spec.Template.Spec, d.Spec.Template.Spec.Containers[0].SecurityContext
	got := map[string]bool{
		"runs as root":           !*spec.SecurityContext.RunAsNonRoot,
		"has an API token":       *spec.AutomountServiceAccountToken,
		"may gain privileges":    *c.AllowPrivilegeEscalation,
		"may write":              !*c.ReadOnlyRootFilesystem,
		"has capabilities":       len(c.Capabilities.Drop) != 1 || c.Capabilities.Drop[0] != "ALL" || len(c.Capabilities.Add) > 0,
		"runs without a profile": spec.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault,
	}
	for what, is := range got {
		if is {
			t.Errorf("the pod %s", what)
		}
	}
}
