package ownership_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

var options = ownership.Options{GatewayNamespace: "istio-system", ClusterDomain: "cluster.local", Group: ownership.DefaultGroup}

// lists are the claims of each ConfigMap.
func lists(t testing.TB, objects []*manifest.Object) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for _, o := range objects {
		if o.Kind != "ConfigMap" {
			continue
		}
		data, _ := manifest.Unstructured(o).Object["data"].(map[string]any)
		out[o.Name] = map[string]string{}
		for k, v := range data {
			out[o.Name][k] = v.(string)
		}
	}
	return out
}

func TestClaims(t *testing.T) {
	c := &ownership.Claims{}
	c.Host("b.test", "shop")
	c.Host("*.b.test", "shop")
	c.Host("*", "front")
	c.Host("b.test", "front")
	c.Host("b.test", "shop")
	c.Secret("data.client", "shop")
	c.Nobody("shared.test")
	c.Nobody("b.test")
	c.Nobody("late.test")
	c.Host("late.test", "shop")
	objects, truncated := ownership.Objects(options, c, []string{"shop", "front"})
	require.Empty(t, truncated)
	want := map[string]map[string]string{"i2g-hosts": {"_": "front", "_.b.test": "shop", "b.test": "front,shop", "secret_data.client": "shop", "shared.test": "", "late.test": "shop"}}
	if diff := cmp.Diff(want, lists(t, objects)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var ids []string
	for _, o := range objects {
		ids = append(ids, o.ID())
	}
	if diff := cmp.Diff([]string{
		"ClusterRole i2g-team.istio-system", "RoleBinding front/i2g-team.istio-system", "RoleBinding shop/i2g-team.istio-system",
		"ConfigMap istio-system/i2g-hosts",
		"ValidatingAdmissionPolicy i2g-client-certificates.istio-system", "ValidatingAdmissionPolicy i2g-external-services.istio-system", "ValidatingAdmissionPolicy i2g-gateways.istio-system", "ValidatingAdmissionPolicy i2g-ingress-class.istio-system", "ValidatingAdmissionPolicy i2g-routes.istio-system",
		"ValidatingAdmissionPolicyBinding i2g-external-services.istio-system", "ValidatingAdmissionPolicyBinding i2g-ingress-class.istio-system", "ValidatingAdmissionPolicyBinding i2g-gateways.istio-system", "ValidatingAdmissionPolicyBinding i2g-client-certificates.istio-system", "ValidatingAdmissionPolicyBinding i2g-routes.istio-system",
	}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without any claim there is an empty list: what no list says is refused.
func TestNoClaims(t *testing.T) {
	objects, _ := ownership.Objects(options, &ownership.Claims{}, nil)
	if diff := cmp.Diff(map[string]map[string]string{"i2g-hosts": {}}, lists(t, objects)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestANamespaceWithTooManyHosts(t *testing.T) {
	c := &ownership.Claims{}
	for i := range 25000 {
		c.Host(fmt.Sprintf("a-customer-with-quite-a-long-name-%d.example.com", i), "saas")
	}
	c.Host("a.test", "shop")
	objects, truncated := ownership.Objects(options, c, nil)
	require.Equal(t, []string{"saas"}, truncated)
	require.Empty(t, validate.Fast(objects))
	got := lists(t, objects)
	require.Len(t, got, 2)
	require.Equal(t, map[string]string{"a.test": "shop"}, got["i2g-hosts-2"])
}

func TestOneListHoldsWhatFits(t *testing.T) {
	c := &ownership.Claims{}
	for i := range 5000 {
		c.Host(fmt.Sprintf("a-customer-with-quite-a-long-name-%d.example.com", i), "a")
		c.Host(fmt.Sprintf("another-customer-with-quite-a-long-name-%d.example.com", i), "b")
	}
	list, truncated := ownership.List(options, c)
	require.Empty(t, truncated)
	require.Empty(t, validate.Fast([]*manifest.Object{list}))
	require.Len(t, lists(t, []*manifest.Object{list})["i2g-hosts"], 10000)
	for i := range 10000 {
		c.Host(fmt.Sprintf("a-third-customer-with-quite-a-long-name-%d.example.com", i), "c")
	}
	list, truncated = ownership.List(options, c)
	require.Equal(t, []string{"c"}, truncated)
	require.Empty(t, validate.Fast([]*manifest.Object{list}))
}

// However many claims there are: every one stands in the ConfigMap of its namespace and nowhere else, ConfigMaps stay small,
// the order of claims does not matter, and every namespace has exactly one ConfigMap, also if it has no claims.
func TestClaimsAreSpread(t *testing.T) {
	long := strings.Repeat("a-long-name.", 18)
	rapid.Check(t, func(t *rapid.T) {
		namespaces := rapid.IntRange(1, 5).Draw(t, "namespaces")
		hosts := rapid.IntRange(0, 700).Draw(t, "hosts of each")
		a, b := &ownership.Claims{}, &ownership.Claims{}
		for n := range namespaces {
			for h := range hosts {
				a.Host(fmt.Sprintf("%d.%s%d.test", h, long, n), fmt.Sprintf("team-%d", n))
			}
		}
		for n := namespaces - 1; n >= 0; n-- {
			for h := hosts - 1; h >= 0; h-- {
				b.Host(fmt.Sprintf("%d.%s%d.test", h, long, n), fmt.Sprintf("team-%d", n))
			}
		}
		objects, truncated := ownership.Objects(options, a, nil)
		other, _ := ownership.Objects(options, b, nil)
		if len(truncated) > 0 {
			t.Fatalf("%v do not fit", truncated)
		}
		if diff := cmp.Diff(text(t, objects), text(t, other)); diff != "" {
			t.Fatalf("the order matters (-a +b):\n%s", diff)
		}
		if problems := validate.Fast(objects); len(problems) > 0 {
			t.Fatal(problems)
		}
		selects := selectors(t, objects)
		seen := 0
		for n := range namespaces + 1 { // the last one has no claims
			ns := fmt.Sprintf("team-%d", n)
			list := selects(ns)
			for k, v := range list {
				if v == ns {
					seen++
				}
				if n == namespaces && v == ns {
					t.Fatalf("%s has %s", ns, k)
				}
			}
		}
		if seen != namespaces*hosts {
			t.Fatalf("%d of %d claims are seen", seen, namespaces*hosts)
		}
	})
}

func text(t *rapid.T, objects []*manifest.Object) string {
	var b strings.Builder
	if err := manifest.WriteYAML(&b, objects...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// selectors gives the claims that the API server sees for a namespace, by the selectors of the bindings.
func selectors(t *rapid.T, objects []*manifest.Object) func(namespace string) map[string]string {
	data := map[string]map[string]string{}
	for _, o := range objects {
		if o.Kind == "ConfigMap" {
			tree, _ := manifest.Unstructured(o).Object["data"].(map[string]any)
			data[o.Name] = map[string]string{}
			size, owners := 0, map[any]bool{}
			for k, v := range tree {
				data[o.Name][k], owners[v] = v.(string), true
				size += len(k) + len(v.(string)) + len(`"":"",`)
			}
			if size > 64<<10 && len(owners) > 1 {
				t.Fatalf("%s has %d bytes", o.Name, size)
			}
		}
	}
	return func(namespace string) map[string]string {
		var found []map[string]string
		for _, o := range objects {
			if o.Kind != "ValidatingAdmissionPolicyBinding" || !strings.HasPrefix(o.Name, "i2g-routes") {
				continue
			}
			spec := manifest.Unstructured(o).Object["spec"].(map[string]any)
			if selected(spec, namespace) {
				found = append(found, data[spec["paramRef"].(map[string]any)["name"].(string)])
			}
		}
		if len(found) != 1 {
			t.Fatalf("namespace %s has %d lists", namespace, len(found))
		}
		return found[0]
	}
}

func selected(spec map[string]any, namespace string) bool {
	resources, ok := spec["matchResources"].(map[string]any)
	if !ok {
		return true
	}
	e := resources["namespaceSelector"].(map[string]any)["matchExpressions"].([]any)[0].(map[string]any)
	in := false
	for _, v := range e["values"].([]any) {
		in = in || v == namespace
	}
	return in == (e["operator"] == "In")
}
