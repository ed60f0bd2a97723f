//go:build envtest

package operator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// servedBy says of each host which Gateways name it on a TLS server; "" stands for a server without a host that anybody asks for.
func servedBy(gateways map[string]map[string]any) map[string][]string {
	out := map[string][]string{}
	for key, o := range gateways {
		for _, s := range items(o, "spec", "servers") {
			m := s.(map[string]any)
			if m["tls"] == nil {
				continue
			}
			hosts, _, _ := unstructured.NestedStringSlice(m, "hosts")
			for _, h := range hosts {
				_, bare, _ := strings.Cut(h, "/")
				out[bare] = append(out[bare], key[strings.LastIndex(key, "-")+1:])
			}
		}
	}
	return out
}

// However certificates are exchanged, no host is ever on two TLS servers, and while it moves its routes are bound to both Gateways.
func TestHostsExchangeCertificates(t *testing.T) {
	s := shared(t).site(t, "exchange", nil)
	for _, n := range []string{"x", "y", "z"} {
		data := pair(t, "*.x.test")
		require.NoError(t, s.admin.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: n}, Type: corev1.SecretTypeTLS, Data: data}))
	}
	hosts := []string{"a", "b", "c", "d"}
	sections := func(certs string) string {
		var out []string
		for i, h := range hosts {
			out = append(out, fmt.Sprintf(`{"hosts": ["%s.x.test"], "secretName": "%c"}`, h, certs[i]))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	var rules []string
	for _, h := range hosts {
		rules = append(rules, fmt.Sprintf("{host: %s.x.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}", h))
	}
	s.create(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: NAME-shop, annotations: {ingress2gw.io/phase: live}}
spec: {ingressClassName: NAME, tls: ` + sections("xyzz") + `, rules: [` + strings.Join(rules, ", ") + `]}`)
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	h := s.record()
	for _, certs := range []string{
		"yxzz", // two exchange their only host
		"zyxx", // three in a ring
		"xxxx", // all to one
		"xyzz", // and apart
		"zzxy", // all that they have, of different sizes
		"zxyx",
	} {
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec": {"tls": `+sections(certs)+`}}`))
		require.NoError(t, s.admin.Patch(t.Context(), &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: "a"}}, patch))
		want := map[string][]string{}
		for i, host := range hosts {
			want[host+".x.test"] = []string{certs[i : i+1]}
		}
		s.eventually(func() error {
			now := map[string]map[string]any{}
			for key, o := range s.objects() {
				if o.GetKind() == "Gateway" {
					now[key] = o.Object
				}
			}
			if diff := cmp.Diff(want, servedBy(now)); diff != "" {
				return fmt.Errorf("certificates %s (-want +got):\n%s", certs, diff)
			}
			return nil
		})
		s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
		s.rest()
	}
	h.ends()
	gateways, bound := map[string]map[string]any{}, map[string][]string{}
	for _, e := range h.events {
		switch kind, _, _ := strings.Cut(e.key, " "); {
		case e.object == nil:
			delete(gateways, e.key)
		case kind == "Gateway":
			gateways[e.key] = e.object
		case kind == "VirtualService":
			names, _, _ := unstructured.NestedStringSlice(e.object, "spec", "gateways")
			of, _, _ := unstructured.NestedStringSlice(e.object, "spec", "hosts")
			for _, host := range of {
				bound[host] = names
			}
		}
		for host, by := range servedBy(gateways) {
			if len(by) > 1 {
				t.Errorf("version %d, %s: %s is on the servers of %v", e.version, e.key, host, by)
			}
			if names := bound[host]; len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, "-"+by[0]) }) {
				t.Errorf("version %d, %s: %s is on the server of %v, its routes are bound to %v", e.version, e.key, host, by, names)
			}
		}
	}
}
