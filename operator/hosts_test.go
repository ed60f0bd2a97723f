//go:build envtest

package operator

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/sync"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

func (s *site) hosts(want map[string]string) {
	s.t.Helper()
	s.eventually(func() error {
		list := &corev1.ConfigMap{}
		if err := s.admin.Get(s.t.Context(), client.ObjectKey{Namespace: s.ns("edge"), Name: ownership.HostsName}, list); err != nil {
			return err
		}
		if diff := cmp.Diff(want, list.Data); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
}

// pods are the labels of the gateways of a site.
func (s *site) pods() map[string]map[string]string {
	return map[string]map[string]string{s.ns("edge"): {"istio": "ingressgateway"}, s.ns("shadow"): {"istio": "shadow"}}
}

// guard installs the admission policies for both gateways, as the chart does.
func (s *site) guard(teamGateways bool) {
	s.t.Helper()
	s.t.Cleanup(func() { // the API server has heard that they are gone: the next test has Gateways, too
		anyone := s.parse("{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: anyone, namespace: NAME-blog}, spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}}")[0]
		s.eventually(func() error { return s.admin.Create(afterwards(s.t), anyone.DeepCopy(), client.DryRunAll) })
	})
	for ns, labels := range s.pods() {
		for _, o := range ownership.Guard(ownership.Options{
			GatewayNamespace: ns, BindNamespaces: []string{s.ns("edge"), s.ns("shadow")}, ClusterDomain: "cluster.local", Selector: ownership.Labels(labels), OwnGateways: teamGateways,
		}) {
			require.NoError(s.t, s.admin.Apply(s.t.Context(), client.ApplyConfigurationFromUnstructured(manifest.Unstructured(o)), client.FieldOwner("helm")))
			s.t.Cleanup(func() {
				require.NoError(s.t, s.admin.Delete(afterwards(s.t), manifest.Unstructured(o)))
			})
		}
	}
	list := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shadow"), Name: ownership.HostsName}}
	require.NoError(s.t, s.admin.Create(s.t.Context(), list)) // without its list a policy refuses everything
}

// With the guard in force, the operator gives hosts to the namespaces whose routes it applies, and takes nothing away that
// others wrote.
func TestTheListOfHostsIsKept(t *testing.T) {
	s := shared(t).site(t, "hosts", nil)
	s.guard(false)
	byHand := map[string]string{"by-hand.test": "hosts-blog", "two.test": "hosts-blog,hosts-shop", "wrong.test": "hosts-blog"}
	require.NoError(t, s.admin.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("edge"), Name: ownership.HostsName}, Data: byHand}))
	s.eventually(func() error { // the API server has heard of the policies
		err := s.admin.Create(t.Context(), s.parse("{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a, namespace: NAME-shop}, spec: {hosts: [a.test], gateways: [NAME-edge/a], exportTo: [NAME-edge]}}")[0], client.DryRunAll)
		if err == nil || !strings.Contains(err.Error(), "does not own a.test") {
			return fmt.Errorf("refused with %w", err)
		}
		return nil
	})
	for _, host := range []string{"own", "two", "wrong", "preview"} {
		s.ingress("shop", host, host+".test")
	}
	s.ingress("shop", "shared", "shared.test")
	s.ingress("blog", "shared-too", "shared.test")
	for _, name := range []string{"own", "two", "wrong", "shared"} {
		s.phase("shop", name, v1alpha1.PhaseLive)
	}
	s.phase("blog", "shared-too", v1alpha1.PhaseLive)
	stop := s.operator(t, func(o *Options) {
		o.Guard.Namespaces, o.Guard.Selectors = []string{s.ns("edge"), s.ns("shadow")}, s.pods()
	})
	for _, name := range []string{"own", "two", "wrong", "shared"} {
		s.becomes("shop", name, v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	}
	want := map[string]string{"by-hand.test": "hosts-blog", "two.test": "hosts-blog,hosts-shop", "wrong.test": "hosts-shop", "own.test": "hosts-shop", "shared.test": ""}
	s.hosts(want)

	s.phase("shop", "own", v1alpha1.PhaseReleased)
	s.becomes("shop", "own", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	require.NoError(t, s.admin.Delete(t.Context(), s.parse("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: own, namespace: NAME-shop}}")[0]))
	s.ingress("blog", "later", "later.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("blog", "later", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want["later.test"] = "hosts-blog"
	s.hosts(want)
	stop()
}

// Where teams have Gateways, those that the operator applies pass the guard, through all phases and with a certificate; and those
// of nobody do.
func TestGatewaysOfTeamsPassTheGuard(t *testing.T) {
	s := shared(t).site(t, "teamguard", func(m *v1alpha1.Migration) { m.Spec.Ownership = "team" })
	s.guard(true)
	list := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("edge"), Name: ownership.HostsName}}
	require.NoError(t, s.admin.Create(t.Context(), list))
	foreign := s.parse("{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a, namespace: NAME-shop}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [NAME-shop/blog.test]}]}}")[0]
	s.eventually(func() error { // the API server has heard of the policies
		err := s.admin.Create(t.Context(), foreign.DeepCopy(), client.DryRunAll)
		if err == nil || !strings.Contains(err.Error(), "may not list") {
			return fmt.Errorf("refused with %w", err)
		}
		return nil
	})
	s.tlsIngress("shop", "shop", "shop.test", "cert")
	s.ingress("blog", "blog", "blog.test")
	stop := s.operator(t, func(o *Options) {
		o.Guard = sync.Guard{Namespaces: []string{s.ns("edge"), s.ns("shadow")}, Selectors: s.pods(), TeamGateways: true}
	})
	for _, p := range []v1alpha1.Phase{v1alpha1.PhaseShadow, v1alpha1.PhaseLive} {
		s.phase("shop", "shop", p)
		s.phase("blog", "blog", p)
		s.becomes("shop", "shop", p, v1alpha1.ReasonDone)
		s.becomes("blog", "blog", p, v1alpha1.ReasonDone)
	}
	s.hosts(map[string]string{"shop.test": s.ns("shop"), "blog.test": s.ns("blog")})
	for _, name := range []string{"shop/i2g-http", "shop/i2g-" + s.ns("shop") + "-cert", "blog/i2g-http"} {
		require.NotEmpty(t, s.get("Gateway " + s.name + "-" + name).Object["spec"])
	}
	if err := s.admin.Create(t.Context(), foreign, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "may not list") {
		t.Errorf("a host of another: %v", err)
	}
	stop()
}

// afterwards is the context of what cleans up.
func afterwards(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }

// Where admission policies are to guard, no gateway is served that they do not.
func TestAGatewayWithoutGuardIsNotServed(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*v1alpha1.MigrationSpec, string)
		want   string
	}{
		"gateway": {func(m *v1alpha1.MigrationSpec, bad string) { m.Gateway.Namespace = bad }, "namespace unguarded-gateway-blog"},
		"shadow":  {func(m *v1alpha1.MigrationSpec, bad string) { m.Shadow.Namespace = bad }, "namespace unguarded-shadow-blog"},
		"mapped": {func(m *v1alpha1.MigrationSpec, bad string) {
			m.Shadow, m.GatewayMap = nil, []v1alpha1.GatewayMapping{{Host: "*", Gateway: v1alpha1.ObjectName{Namespace: bad, Name: "own"}}}
		}, "namespace unguarded-mapped-blog"},
		"pods":        {func(m *v1alpha1.MigrationSpec, _ string) { m.Gateway.Selector = map[string]string{"istio": "public"} }, `by the labels {"istio":"ingressgateway"}, the Migration by {"istio":"public"}`},
		"shadow-pods": {func(m *v1alpha1.MigrationSpec, _ string) { m.Shadow.Selector = map[string]string{"istio": "dark"} }, `by the labels {"istio":"shadow"}, the Migration by {"istio":"dark"}`},
		"team":        {func(m *v1alpha1.MigrationSpec, _ string) { m.Ownership = "team" }, "gateway.teams gives them to the teams"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, "unguarded-"+name, nil)
			bad := s.ns("blog")
			right := v1alpha1.MigrationSpec{}
			s.migration(func(m *v1alpha1.MigrationSpec) {
				right = *m.DeepCopy()
				tt.change(m, bad)
			})
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
			stop := s.operator(t, func(o *Options) {
				o.Guard.Namespaces, o.Guard.Selectors = []string{s.ns("edge"), s.ns("shadow")}, s.pods()
			})
			s.says(v1alpha1.ConditionReady, v1alpha1.ReasonUnguarded, tt.want)
			require.Empty(t, s.objects())
			s.migration(func(m *v1alpha1.MigrationSpec) { *m = right })
			s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			stop()
		})
	}
}

// Gateways of teams and of the platform on one workload could take each other's port down.
func TestGatewaysOfTeamsAreForOwnershipTeam(t *testing.T) {
	s := shared(t).site(t, "unguarded-split", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	stop := s.operator(t, func(o *Options) {
		o.Guard = sync.Guard{Namespaces: []string{s.ns("edge"), s.ns("shadow")}, TeamGateways: true}
	})
	s.says(v1alpha1.ConditionReady, v1alpha1.ReasonUnguarded, "is for ownership team only")
	require.Empty(t, s.objects())
	stop()
}
