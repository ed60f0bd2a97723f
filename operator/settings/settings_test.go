package settings

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func migration(change func(*v1alpha1.MigrationSpec)) *v1alpha1.Migration {
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: "m"}}
	if change != nil {
		change(&m.Spec)
	}
	return m
}

func TestAnEmptyMigrationMeansTheDefaults(t *testing.T) {
	s, err := Of(migration(nil))
	require.NoError(t, err)
	want := emit.Options{}.Defaults()
	got := s.Live.Target
	want.Waived, got.Waived = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.Default != v1alpha1.PhasePreview || s.Shadow != nil || !s.Namespaces.Empty() || !s.Ingresses.Empty() {
		t.Errorf("%+v", s)
	}
}

func TestWhatAMigrationSays(t *testing.T) {
	s, err := Of(migration(func(m *v1alpha1.MigrationSpec) {
		m.Source = v1alpha1.Source{ControllerConfig: &v1alpha1.ObjectName{Namespace: "edge", Name: "settings"}, ControllerArgs: []string{"--a=b c"}}
		m.Shadow = &v1alpha1.ShadowGateway{Namespace: "dark", Selector: map[string]string{"istio": "dark"}}
		m.Target.IstioVersion, m.TLS.Policy, m.DefaultPhase = "1.29", "copy", v1alpha1.PhaseShadow
		m.Waive = []v1alpha1.Waiver{{Code: "I2G4001", Object: "Ingress shop/*", Reason: "the mesh does"}}
	}))
	require.NoError(t, err)
	s.WithToken("t")
	got := []any{
		s.Live.Source.ControllerConfig, s.Live.Source.ControllerArgs, s.Live.Target.IstioVersion, s.Live.Target.TLS, s.Default,
		s.Live.Target.Gateway.Namespace, s.Shadow.Target.Gateway.Namespace, s.Shadow.Target.Gateway.Selector, s.Live.Target.GuardToken, s.Shadow.Target.GuardToken,
		s.Live.Waived("I2G4001", &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "a"}),
		s.Live.Waived("I2G4001", &finding.Object{Kind: "Ingress", Namespace: "blog", Name: "a"}),
	}
	want := []any{
		snapshot.Key{Namespace: "edge", Name: "settings"}, []string{"--a=b c"}, emit.Version{Major: 1, Minor: 29}, emit.TLSCopy, v1alpha1.PhaseShadow,
		"istio-system", "dark", map[string]string{"istio": "dark"}, "t", "t", true, false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAMigrationThatContradicts(t *testing.T) {
	for want, change := range map[string]func(*v1alpha1.MigrationSpec){
		"istioVersion":      func(m *v1alpha1.MigrationSpec) { m.Target.IstioVersion = "new" },
		"gateway.namespace": func(m *v1alpha1.MigrationSpec) { m.Gateway.Namespace = "A" },
		"shadow": func(m *v1alpha1.MigrationSpec) {
			m.Shadow = &v1alpha1.ShadowGateway{Namespace: "A", Selector: map[string]string{"istio": "dark"}}
		},
		"may select":         func(m *v1alpha1.MigrationSpec) { m.Shadow = &v1alpha1.ShadowGateway{Namespace: "dark"} },
		"clusterDomain":      func(m *v1alpha1.MigrationSpec) { m.Target.ClusterDomain = "_" },
		"defaultCertificate": func(m *v1alpha1.MigrationSpec) { m.TLS.DefaultCertificate = "a/b" },
		"two ports":          func(m *v1alpha1.MigrationSpec) { m.Gateway.HTTPPort = 443 },
		"gatewayMap":         func(m *v1alpha1.MigrationSpec) { m.GatewayMap = []v1alpha1.GatewayMapping{{Host: "a_b"}} },
		"waive":              func(m *v1alpha1.MigrationSpec) { m.Waive = []v1alpha1.Waiver{{Code: "x"}} },
		"namespaceSelector": func(m *v1alpha1.MigrationSpec) {
			m.NamespaceSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Near"}}}
		},
		"ingressSelector": func(m *v1alpha1.MigrationSpec) {
			m.IngressSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a b": ""}}
		},
	} {
		if _, err := Of(migration(change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
