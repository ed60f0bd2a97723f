//go:build envtest

package ownership_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/internal/golden"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Teams can apply what the translation gives them, again and again.
func TestTeamsApplyTheirPartOfTheTranslation(t *testing.T) {
	n := 0
	for range 2 {
		for _, o := range shared.result.Objects {
			if o.Owner != "" && o.Kind != "ServiceEntry" {
				n++
				require.NoError(t, apply(t.Context(), shared.teams[o.Owner], o))
			}
		}
	}
	require.NotZero(t, n)
	root := shared.existing(t, "VirtualService", "istio-system", "i2g-shared.example.com")
	require.NotEmpty(t, root.Object["spec"])
}

func TestEditsOfATeam(t *testing.T) {
	vs := func(spec string) string { return virtualService("edit", "shop", spec) }
	for name, text := range map[string]string{
		"a further path of an own host":              vs(route("shop.example.com", "{match: [{uri: {prefix: /new}}], timeout: 3s, "+toOwn[1:])),
		"weights between own Services":               vs(route("shop.example.com", "{route: [{destination: {host: web}, weight: 90}, {destination: {host: web-canary.shop.svc.cluster.local}, weight: 10}]}")),
		"an own wildcard":                            vs(route(`"*.tenants.example.com"`, toOwn)),
		"several own hosts":                          vs(route("shop.example.com, store.example.com", toOwn)),
		"a copy of requests to an own Service":       vs(route("shop.example.com", "{mirrors: [{destination: {host: shadow}}], "+toOwn[1:])),
		"a redirect, an answer, a rewrite":           vs(route("shop.example.com", "{match: [{uri: {exact: /a}}], redirect: {uri: /b}}, {match: [{uri: {exact: /c}}], directResponse: {status: 204}}, {rewrite: {uri: /d}, "+toOwn[1:])),
		"a name of the team's own":                   vs(route("shop.example.com", "{name: shop/checkout, "+toOwn[1:])),
		"names of matches as the translation has":    vs(route("shop.example.com", "{name: shop/x, match: [{name: b, uri: {prefix: /}}, {name: ws, uri: {prefix: /ws}}], "+toOwn[1:])),
		"a delegate of an own root":                  vs(route("shop.example.com", "{delegate: {name: i2g-x}}")),
		"an own root that names its namespace":       vs(route("shop.example.com", "{delegate: {name: i2g-x, namespace: shop}}")),
		"an export to the namespace itself, too":     vs(`{hosts: [shop.example.com], gateways: [mesh, istio-system/i2g-http], exportTo: [".", istio-system], http: [` + toOwn + "]}"),
		"routes inside the mesh, to anywhere":        vs("{hosts: [reviews], http: [{name: v1, match: [{name: m, uri: {prefix: /}}], route: [{destination: {host: reviews.billing.svc.cluster.local}}]}]}"),
		"routes inside the mesh, said so":            vs("{hosts: [pay.billing.svc.cluster.local], gateways: [mesh], http: [{route: [{destination: {host: pay.billing.svc.cluster.local}}], timeout: 1s}]}"),
		"routes on a Gateway of the team's own":      vs("{hosts: [internal.test], gateways: [own], exportTo: [istio-system], http: [{route: [{destination: {host: web}}]}]}"),
		"routes on a Gateway of a third namespace":   vs("{hosts: [internal.test], gateways: [third/internal], exportTo: [istio-system], http: [{route: [{destination: {host: web}}]}]}"),
		"a delegate for the namespace itself":        vs(`{exportTo: ["."], http: [{name: mine, route: [{destination: {host: a.billing.svc.cluster.local}}]}]}`),
		"settings of an own Service":                 rule("{host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}, subsets: [{name: v2, labels: {version: v2}}]}"),
		"a client certificate of the team's own":     rule("{host: web, trafficPolicy: {tls: {mode: MUTUAL, credentialName: shop.client}}}"),
		"a client certificate of sidecars":           rule("{host: a.test, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: {tls: {mode: MUTUAL, credentialName: client}}}"),
		"files of sidecars":                          rule(`{host: a.test, exportTo: ["."], trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: /etc/certs/tls.crt, privateKey: /etc/certs/tls.key}}}`),
		"mesh TLS":                                   rule("{host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}"),
		"an ExternalName outside the cluster":        kind("v1", "Service", "{type: ExternalName, externalName: api.partner.test}"),
		"an ExternalName of an own Service":          kind("v1", "Service", "{type: ExternalName, externalName: web.shop.svc.cluster.local}"),
		"a Service":                                  kind("v1", "Service", "{selector: {app: web}, ports: [{port: 80}]}"),
		"an Ingress, as long as there are Ingresses": kind("networking.k8s.io/v1", "Ingress", "{ingressClassName: nginx, defaultBackend: {service: {name: web, port: {number: 80}}}}"),
	} {
		t.Run(name, func(t *testing.T) {
			u := object(text)
			require.NoError(t, shared.teams["shop"].Create(t.Context(), u))
			u.SetLabels(map[string]string{"edited": "yes"})
			require.NoError(t, shared.teams["shop"].Update(t.Context(), u))
			require.NoError(t, shared.teams["shop"].Delete(t.Context(), u))
		})
	}
}

func TestWhatWasThereStays(t *testing.T) {
	u := object(kind("v1", "Service", "{}"))
	u.SetName("legacy")
	label := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"edited":"yes"}}}`))
	require.NoError(t, shared.teams["shop"].Patch(t.Context(), u, label))
	old := object(kind("networking.k8s.io/v1", "Ingress", "{}"))
	old.SetName("old")
	require.NoError(t, shared.teams["shop"].Patch(t.Context(), old, label))
}

func TestThePlatformCanAllowForeignServices(t *testing.T) {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "outsider"}}
	label := func(value string) client.Patch {
		return client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"ingress2gw.io/foreign-services":`+value+`}}}`))
	}
	alias := "{apiVersion: v1, kind: Service, metadata: {name: alias, namespace: outsider}, spec: {type: ExternalName, externalName: web.shop.svc.cluster.local}}"
	require.NoError(t, shared.admin.Patch(t.Context(), ns, label(`"allowed"`)))
	t.Cleanup(func() {
		require.NoError(t, shared.admin.Patch(afterwards(t), ns, label("null")))
		require.NoError(t, shared.refuses(afterwards(t), []probe{{"outsider", alias, byAliases}}))
	})
	require.NoError(t, until(func() error { // labels of namespaces arrive by a watch
		return shared.teams["outsider"].Create(t.Context(), object(alias), client.DryRunAll)
	}))
}

// Without the list of hosts nothing that reaches the gateway is admitted.
func TestWithoutClaimsEverythingIsRefused(t *testing.T) {
	claims := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: "istio-system", Name: "i2g-hosts"}
	require.NoError(t, shared.admin.Get(t.Context(), key, claims))
	own := object(virtualService("own", "shop", route("shop.example.com", toOwn)))
	require.NoError(t, shared.teams["shop"].Create(t.Context(), own.DeepCopy(), client.DryRunAll))
	require.NoError(t, shared.admin.Delete(t.Context(), claims.DeepCopy()))
	t.Cleanup(func() {
		claims.ResourceVersion = ""
		require.NoError(t, shared.admin.Create(afterwards(t), claims))
		require.NoError(t, shared.inForce(afterwards(t)))
	})
	require.Eventually(t, func() bool {
		err := shared.teams["shop"].Create(t.Context(), own.DeepCopy(), client.DryRunAll)
		return err != nil && strings.Contains(err.Error(), "no params found")
	}, time.Minute, 50*time.Millisecond)
}

// The platform gives a team a host by one entry.
func TestAHostIsGivenByOneEntry(t *testing.T) {
	claims := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "istio-system", Name: "i2g-hosts"}}
	own := object(virtualService("given", "outsider", "{hosts: [given.example.com], gateways: [istio-system/i2g-http], exportTo: [istio-system], http: [{route: [{destination: {host: web}}]}]}"))
	require.NoError(t, shared.admin.Create(t.Context(), object(`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: team, namespace: outsider}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: i2g-team.istio-system}, subjects: [{kind: ServiceAccount, name: deployer, namespace: outsider}]}`)))
	require.Eventually(t, func() bool {
		err := shared.teams["outsider"].Create(t.Context(), own.DeepCopy(), client.DryRunAll)
		return err != nil && strings.Contains(err.Error(), byHosts)
	}, time.Minute, 50*time.Millisecond, "before")
	entry := client.RawPatch("application/merge-patch+json", []byte(`{"data":{"given.example.com":"outsider,shop"}}`))
	require.NoError(t, shared.admin.Patch(t.Context(), claims, entry))
	require.Eventually(t, func() bool {
		return shared.teams["outsider"].Create(t.Context(), own.DeepCopy(), client.DryRunAll) == nil
	}, time.Minute, 50*time.Millisecond, "after")
}

// Everything that the golden cases give to teams passes, whoever owns which host.
func TestTheGuardRefusesNothingThatATranslationWrites(t *testing.T) {
	cases, err := golden.Find(filepath.Join("..", "..", "testdata"))
	require.NoError(t, err)
	claims := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "istio-system", Name: "i2g-hosts"}}
	type part struct {
		name    string
		objects []*manifest.Object
	}
	var parts []part
	data := map[string]string{}
	namespaces := map[string]bool{}
	for _, c := range cases {
		o, err := c.Options()
		require.NoError(t, err)
		if o.Target.Ownership != "" && o.Target.Ownership != "split" || o.Target.RoutesOnly {
			continue
		}
		o.Target.RBAC = true
		r, err := c.Translate(o, 0)
		require.NoError(t, err)
		p := part{name: c.Name}
		for _, o := range r.Objects {
			switch {
			case o.Kind == "ConfigMap" && o.Name == "i2g-hosts":
				for k, v := range entries(o) {
					data[k] = strings.Trim(data[k]+","+v, ",")
				}
			case o.Kind == "VirtualService" && o.Owner != "" || o.Kind == "DestinationRule" && o.Owner != "":
				p.objects = append(p.objects, o)
				namespaces[o.Namespace] = true
			}
		}
		parts = append(parts, p)
	}
	for ns := range namespaces {
		require.NoError(t, client.IgnoreAlreadyExists(shared.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})))
	}
	was := &corev1.ConfigMap{}
	require.NoError(t, shared.admin.Get(t.Context(), client.ObjectKeyFromObject(claims), was))
	now := was.DeepCopy()
	now.Data = data
	data["shop.example.com"] += ",shop"
	require.NoError(t, shared.admin.Update(t.Context(), now))
	t.Cleanup(func() {
		now.Data = was.Data
		require.NoError(t, shared.admin.Update(afterwards(t), now))
		own := object(virtualService("own", "shop", route("store.example.com", toOwn)))
		require.Eventually(t, func() bool { return shared.admin.Create(afterwards(t), own.DeepCopy(), client.DryRunAll) == nil }, time.Minute, 50*time.Millisecond)
	})
	n := 0
	for _, p := range parts {
		for _, o := range p.objects {
			n++
			require.Eventually(t, func() bool {
				u := manifest.Unstructured(o)
				u.SetName(fmt.Sprintf("x%d", n))
				err = shared.admin.Create(t.Context(), u, client.DryRunAll)
				return err == nil || !strings.Contains(err.Error(), byHosts) // claims arrive by a watch
			}, time.Minute, 50*time.Millisecond)
			if err != nil {
				t.Errorf("%s: %s: %v", p.name, o.ID(), err)
			}
		}
	}
	t.Logf("%d objects of %d cases", n, len(parts))
}

// What the golden cases give to teams with Gateways of their own passes, too: all that can be translated that way.
func TestTheGuardRefusesNoGatewayThatATranslationWrites(t *testing.T) {
	var batches []*batch
	for _, p := range teamParts(t) {
		i := slices.IndexFunc(batches, func(b *batch) bool { return b.agrees(p.claims) })
		if i < 0 {
			batches, i = append(batches, &batch{claims: map[string]string{}}), len(batches)
		}
		maps.Copy(batches[i].claims, p.claims)
		batches[i].parts = append(batches[i].parts, p)
	}
	was := &corev1.ConfigMap{}
	require.NoError(t, shared.admin.Get(t.Context(), client.ObjectKey{Namespace: "edge", Name: "i2g-hosts"}, was))
	now := was.DeepCopy()
	set := func(data map[string]string, probe string) {
		now.Data = maps.Clone(data)
		now.Data[probe] = "front"
		require.NoError(t, shared.admin.Update(afterwards(t), now))
		require.Eventually(t, func() bool {
			return shared.admin.Create(afterwards(t), object(gateway("probe", "front", own(http("front/"+probe)))), client.DryRunAll) == nil
		}, time.Minute, 20*time.Millisecond) // claims arrive by a watch
	}
	t.Cleanup(func() { set(was.Data, "restored.test") })
	require.NoError(t, shared.setElsewhere(t.Context(), ""))
	t.Cleanup(func() { require.NoError(t, shared.setElsewhere(afterwards(t), "yes")) })
	kinds := map[string]int{}
	for i, b := range batches {
		set(b.claims, fmt.Sprintf("batch-%d.test", i))
		for _, p := range b.parts {
			for _, o := range p.objects {
				kinds[o.Kind]++
				u := manifest.Unstructured(o)
				u.SetName(fmt.Sprintf("x%d", kinds[o.Kind]))
				if err := shared.admin.Create(t.Context(), u, client.DryRunAll); err != nil {
					t.Errorf("%s: %s: %v", p.name, o.ID(), err)
				}
			}
		}
	}
	require.NotZero(t, kinds["Gateway"])
	t.Logf("%v in %d batches", kinds, len(batches))
}

// teamPart is what a case gives to teams, and what they may use by it.
type teamPart struct {
	name    string
	objects []*manifest.Object
	claims  map[string]string
}

// batch are cases in which nothing has two owners.
type batch struct {
	claims map[string]string
	parts  []teamPart
}

func (b *batch) agrees(claims map[string]string) bool {
	for k, v := range claims {
		if was, ok := b.claims[k]; ok && was != v {
			return false
		}
	}
	return true
}

// teamParts translates all cases for the gateway of namespace edge.
func teamParts(t *testing.T) (parts []teamPart) {
	t.Helper()
	cases, err := golden.Find(filepath.Join("..", "..", "testdata"))
	require.NoError(t, err)
	namespaces := map[string]bool{}
	for _, c := range cases {
		o, err := c.Options()
		require.NoError(t, err)
		if o.Target.RoutesOnly {
			continue
		}
		o.Target.RBAC, o.Target.Ownership = true, emit.Team
		o.Target.Gateway = emit.GatewayOptions{Namespace: "edge", Selector: map[string]string{"istio": "edge"}}
		r, err := c.Translate(o, 0)
		require.NoError(t, err)
		p := teamPart{name: c.Name, claims: map[string]string{}}
		for _, o := range r.Objects {
			switch {
			case o.Kind == "ConfigMap" && o.Name == "i2g-hosts":
				p.claims = entries(o)
			case o.Owner != "" && slices.Contains([]string{"Gateway", "VirtualService", "DestinationRule"}, o.Kind):
				p.objects = append(p.objects, o)
				namespaces[o.Namespace] = true
			}
		}
		parts = append(parts, p)
	}
	for ns := range namespaces {
		require.NoError(t, client.IgnoreAlreadyExists(shared.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})))
	}
	return parts
}

func entries(o *manifest.Object) map[string]string {
	data, _ := manifest.Unstructured(o).Object["data"].(map[string]any)
	out := map[string]string{}
	for k, v := range data {
		out[k] = v.(string)
	}
	return out
}
