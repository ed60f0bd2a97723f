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

// With the guard in force, the operator gives hosts to the namespaces whose routes it applies, and takes nothing away that
// others wrote.
func TestTheListOfHostsIsKept(t *testing.T) {
	s := shared(t).site(t, "hosts", nil)
	for _, o := range ownership.Guard(ownership.Options{GatewayNamespace: s.ns("edge"), ClusterDomain: "cluster.local"}) {
		require.NoError(t, s.admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(manifest.Unstructured(o)), client.FieldOwner("helm")))
		t.Cleanup(func() {
			require.NoError(t, s.admin.Delete(afterwards(t), manifest.Unstructured(o)))
		})
	}
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
	stop := s.operator(t, func(o *Options) { o.Guard = []string{s.ns("edge"), s.ns("shadow")} })
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

// afterwards is the context of what cleans up.
func afterwards(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }

// Where admission policies are to guard, no gateway is served that they do not.
func TestAGatewayWithoutGuardIsNotServed(t *testing.T) {
	for name, change := range map[string]func(*v1alpha1.MigrationSpec, string){
		"gateway": func(m *v1alpha1.MigrationSpec, bad string) { m.Gateway.Namespace = bad },
		"shadow":  func(m *v1alpha1.MigrationSpec, bad string) { m.Shadow.Namespace = bad },
		"mapped": func(m *v1alpha1.MigrationSpec, bad string) {
			m.Shadow, m.GatewayMap = nil, []v1alpha1.GatewayMapping{{Host: "*", Gateway: v1alpha1.ObjectName{Namespace: bad, Name: "own"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, "unguarded-"+name, nil)
			bad := s.ns("blog")
			right := v1alpha1.MigrationSpec{}
			s.migration(func(m *v1alpha1.MigrationSpec) {
				right = *m.DeepCopy()
				change(m, bad)
			})
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
			stop := s.operator(t, func(o *Options) { o.Guard = []string{s.ns("edge"), s.ns("shadow")} })
			s.says(v1alpha1.ConditionReady, v1alpha1.ReasonUnguarded, "namespace "+bad)
			require.Empty(t, s.objects())
			s.migration(func(m *v1alpha1.MigrationSpec) { *m = right })
			s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			stop()
		})
	}
}
