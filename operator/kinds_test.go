//go:build envtest

package operator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/internal/testcluster"
)

func (c *cluster) install(t *testing.T, path string) {
	t.Helper()
	_, err := envtest.InstallCRDs(c.config, envtest.CRDInstallOptions{Paths: []string{path}, MaxTime: 2 * time.Minute})
	require.NoError(t, err)
}

// uninstall removes the kinds of a group, and with them their objects.
func (s *site) uninstall(groups ...string) {
	s.t.Helper()
	all := &apiextensionsv1.CustomResourceDefinitionList{}
	require.NoError(s.t, s.admin.List(s.t.Context(), all))
	for i := range all.Items {
		for _, g := range groups {
			if crd := &all.Items[i]; crd.Spec.Group == g {
				require.NoError(s.t, s.admin.Delete(s.t.Context(), crd))
				s.gone(crd)
			}
		}
	}
}

// upgrade changes a kind.
func (s *site) upgrade(name string, change func(*apiextensionsv1.CustomResourceDefinition)) {
	s.t.Helper()
	s.eventually(func() error {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := s.admin.Get(s.t.Context(), client.ObjectKey{Name: name}, crd); err != nil {
			return err
		}
		change(crd)
		return s.admin.Update(s.t.Context(), crd)
	})
}

func (s *site) equals(want map[string]string) {
	s.t.Helper()
	s.eventually(func() error {
		if diff := cmp.Diff(want, s.bytes()); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
}

// TestKindsComeAndGo installs Istio's kinds late, upgrades them, removes and installs them again; and then the operator's own.
func TestKindsComeAndGo(t *testing.T) {
	istio, err := testcluster.Istio()
	require.NoError(t, err)
	c := alone(t, "../deploy/crds")
	defer func() { suffered(t, map[string]int{"kinds late": 1, "kinds upgraded": 2, "kinds removed": 2}) }()
	s := c.site(t, "kinds", nil)
	again := func(o *Options) { o.Again, o.Batch = time.Second, 200*time.Millisecond }
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	s.ingress("blog", "b", "b.test")
	missing := func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonKindMissing)
	}
	stop := c.operator(t, again)
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.eventually(missing)
	c.install(t, istio)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.rest()

	// Another version is stored, and has a field with a default.
	s.upgrade("virtualservices.networking.istio.io", func(crd *apiextensionsv1.CustomResourceDefinition) {
		for i := range crd.Spec.Versions {
			v := &crd.Spec.Versions[i]
			v.Storage = v.Name == "v1beta1"
			spec := v.Schema.OpenAPIV3Schema.Properties["spec"]
			spec.Properties["added"] = apiextensionsv1.JSONSchemaProps{Type: "string", Default: &apiextensionsv1.JSON{Raw: []byte(`"x"`)}}
			v.Schema.OpenAPIV3Schema.Properties["spec"] = spec
		}
	})
	s.say("shop", "a", "nginx.ingress.kubernetes.io/proxy-read-timeout", "17")
	s.eventually(func() error {
		if cmp.Equal(want, s.bytes()) {
			return fmt.Errorf("the change is not applied")
		}
		return nil
	})
	stop()
	stop = c.operator(t, again)
	s.say("shop", "a", "nginx.ingress.kubernetes.io/proxy-read-timeout", "")
	s.phase("blog", "b", v1alpha1.PhaseLive)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.phase("blog", "b", v1alpha1.PhasePreview)
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	c.install(t, istio) // and back
	s.equals(want)

	s.uninstall("networking.istio.io")
	s.eventually(missing)
	s.ingress("blog", "meanwhile", "m.test")
	s.becomes("blog", "meanwhile", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	c.install(t, istio)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.equals(want)

	s.ingress("shop", "kept", "kept.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("shop", "kept", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.remove("shop", "kept")
	s.becomes("shop", "kept", v1alpha1.PhaseLive, v1alpha1.ReasonSourceGone)
	s.whole() // or it may be done in between
	want = s.rest()
	c.install(t, "../deploy/crds") // which changes nothing
	s.uninstall(v1alpha1.GroupName)
	if diff := cmp.Diff(want, s.rest()); diff != "" {
		t.Errorf("without its own kinds it does not leave alone what is applied (-before +after):\n%s", diff)
	}
	c.install(t, "../deploy/crds")
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: s.name}, Spec: v1alpha1.MigrationSpec{
		Source:  v1alpha1.Source{IngressClass: s.name, ControllerClass: "example.com/" + s.name},
		Gateway: v1alpha1.Gateway{Namespace: s.ns("edge")}, Shadow: &v1alpha1.ShadowGateway{Namespace: s.ns("shadow"), Selector: map[string]string{"istio": "shadow"}},
	}}
	s.eventually(func() error { return s.admin.Create(context.WithoutCancel(t.Context()), m) })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	// Nothing remembers the Ingress that was deleted; what serves its host is kept until somebody says otherwise.
	for range 2 {
		s.says(v1alpha1.ConditionReady, v1alpha1.ReasonSourceGone, "kept.test")
		if diff := cmp.Diff(want, s.rest()); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
		stop()
		stop = c.operator(t, again)
	}
	s.migration(func(m *v1alpha1.MigrationSpec) { m.OnIngressDelete = "prune" })
	s.eventually(func() error { return s.migrationIs(s.name, v1alpha1.ReasonDone) })
	now := s.rest()
	for _, key := range []string{"EnvoyFilter " + s.ns("edge") + "/i2g-route." + s.ns("shop") + ".a", "VirtualService " + s.ns("shop") + "/i2g-a.test"} {
		if want[key] == "" || now[key] != want[key] {
			t.Errorf("%s (-before +after):\n%s", key, cmp.Diff(want[key], now[key]))
		}
	}
	if key := "VirtualService " + s.ns("shop") + "/i2g-kept.test"; want[key] == "" || now[key] != "" {
		t.Errorf("%s is not removed when it is asked for", key)
	}
	stop()
}
