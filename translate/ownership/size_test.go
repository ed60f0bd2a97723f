//go:build envtest

package ownership_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// A VirtualService as large as the API server stores one costs the policies less than they may spend.
func TestTheGuardCopesWithLargeObjects(t *testing.T) {
	var routes []any
	for i := range 3000 {
		service := fmt.Sprintf("web-%d", i)
		routes = append(routes, map[string]any{
			"name": fmt.Sprintf("shop/checkout-%d/shop.example.com/%d", i, i),
			"match": []any{
				map[string]any{"name": "b", "uri": map[string]any{"prefix": "/some/path/" + service}},
				map[string]any{"name": "ws", "uri": map[string]any{"exact": "/some/path/" + service}},
			},
			"route": []any{
				map[string]any{"destination": map[string]any{"host": service + ".shop.svc.cluster.local"}, "weight": int64(50)},
				map[string]any{"destination": map[string]any{"host": service + "-canary.shop.svc.cluster.local"}, "weight": int64(50)},
			},
		})
	}
	large := object(virtualService("large", "shop", route("shop.example.com", "")))
	require.NoError(t, unstructured.SetNestedSlice(large.Object, routes, "spec", "http"))
	require.NoError(t, shared.teams["shop"].Create(t.Context(), large, client.DryRunAll))
}

// So does a Gateway with all hosts that a list can hold for a team of one list.
func TestTheGuardCopesWithLargeGateways(t *testing.T) {
	require.NoError(t, shared.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "third"}}))
	o := teamGateways
	o.GatewayNamespace, o.Selector = "third", ownership.Labels(map[string]string{"istio": "third"})
	claims := &ownership.Claims{}
	var hosts []string
	for i := range 5000 {
		host := fmt.Sprintf("customer-%d.saas.example.com", i)
		claims.Host(host, "front")
		hosts = append(hosts, "front/"+host, "third/"+host)
	}
	objects, truncated := ownership.Objects(o, claims, nil)
	require.Empty(t, truncated)
	for _, o := range objects {
		require.NoError(t, apply(t.Context(), shared.admin, o))
		t.Cleanup(func() { require.NoError(t, shared.admin.Delete(afterwards(t), manifest.Unstructured(o))) })
	}
	try := func(more ...string) error {
		list := strings.Join(append(more, hosts...), ", ")
		return shared.admin.Create(t.Context(), object(gateway("large", "front", "{selector: {istio: third}, servers: ["+https(list, "front.web", "")+"]}")), client.DryRunAll)
	}
	require.Eventually(t, func() bool {
		err := try("front/foreign.test")
		return err != nil && strings.Contains(err.Error(), "namespace front may not list front/foreign.test:")
	}, time.Minute, 50*time.Millisecond)
	require.NoError(t, try())
}

// The claims of a fleet are spread over ConfigMaps by namespace. A second guard in the same cluster, for another gateway,
// leaves the first one alone.
func TestTheGuardCopesWithManyHosts(t *testing.T) {
	for _, ns := range []string{"second", "aaa-large", "zzz-large"} {
		require.NoError(t, shared.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}))
	}
	claims := &ownership.Claims{}
	for i := range 5000 {
		claims.Host(fmt.Sprintf("customer-%d.saas.example.com", i), "aaa-large")
		claims.Host(fmt.Sprintf("customer-%d.other.example.com", i), "zzz-large")
	}
	claims.Host("shop.second.test", "shop")
	for i := range 1000 {
		claims.Host(fmt.Sprintf("service-%d.teams.example.com", i), fmt.Sprintf("team-%d", i))
	}
	objects, truncated := ownership.Objects(ownership.Options{GatewayNamespace: "second", ClusterDomain: "cluster.local", Group: ownership.DefaultGroup, Selector: ownership.Labels(map[string]string{"istio": "second"})}, claims, nil)
	require.Empty(t, truncated)
	for _, o := range objects {
		require.NoError(t, apply(t.Context(), shared.admin, o))
	}
	try := func(ns, host string) error {
		return shared.admin.Create(t.Context(), object(virtualService("attempt", ns, "{hosts: ["+host+"], gateways: [second/public], exportTo: [second], http: [{route: [{destination: {host: web}}]}]}")), client.DryRunAll)
	}
	for _, ns := range []string{"aaa-large", "shop", "zzz-large", "outsider"} {
		require.Eventually(t, func() bool {
			err := try(ns, "nobody.test")
			return err != nil && strings.Contains(err.Error(), "does not own nobody.test")
		}, time.Minute, 50*time.Millisecond, ns)
	}
	owners := map[string]string{"customer-4999.saas.example.com": "aaa-large", "customer-0.other.example.com": "zzz-large", "shop.second.test": "shop"}
	for host, owner := range owners {
		for _, ns := range []string{"aaa-large", "shop", "zzz-large", "outsider"} {
			err := try(ns, host)
			if ns == owner && err != nil {
				t.Errorf("%s may not serve %s: %v", ns, host, err)
			}
			if ns != owner && (err == nil || !strings.Contains(err.Error(), "does not own "+host)) {
				t.Errorf("%s serves %s: %v", ns, host, err)
			}
		}
	}
	require.NoError(t, shared.teams["shop"].Create(t.Context(), object(virtualService("first", "shop", route("shop.example.com", toOwn))), client.DryRunAll))
	const writes = 200
	cost := func(ns, spec string) time.Duration {
		start := time.Now()
		for range writes {
			require.NoError(t, shared.admin.Create(t.Context(), object(virtualService("cost", ns, spec)), client.DryRunAll))
		}
		return time.Since(start) / writes
	}
	unguarded := cost("shop", "{hosts: [web], http: [{route: [{destination: {host: web}}]}]}")
	few := cost("shop", "{hosts: [shop.example.com], gateways: [istio-system/i2g-http], exportTo: [istio-system], http: [{route: [{destination: {host: web}}]}]}")
	some := cost("shop", "{hosts: [shop.second.test], gateways: [second/public], exportTo: [second], http: [{route: [{destination: {host: web}}]}]}")
	many := cost("aaa-large", "{hosts: [customer-1.saas.example.com], gateways: [second/public], exportTo: [second], http: [{route: [{destination: {host: web}}]}]}")
	t.Logf("a write takes %v unguarded, %v with a short list of hosts, %v with a full one, %v with one of 5000", unguarded, few, some, many)
}
