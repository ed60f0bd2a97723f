//go:build envtest

package operator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// servedBy says of each host which Gateways name it on a TLS server that does not take all hosts.
func servedBy(gateways map[string]map[string]any) map[string][]string {
	out := map[string][]string{}
	for key, o := range gateways {
		for _, s := range items(o, "spec", "servers") {
			m := s.(map[string]any)
			hosts, _, _ := unstructured.NestedStringSlice(m, "hosts")
			if m["tls"] == nil || slices.ContainsFunc(hosts, func(h string) bool { return strings.HasSuffix(h, "/*") }) {
				continue
			}
			for _, h := range hosts {
				_, bare, _ := strings.Cut(h, "/")
				out[bare] = append(out[bare], key[strings.LastIndex(key, "-")+1:])
			}
		}
	}
	return out
}

// exchange is the certificates that hosts have, of an Ingress in which they change.
type exchange struct {
	*site
	hosts []string
}

func (x *exchange) sections(certs string) string {
	var out []string
	for i, h := range x.hosts {
		out = append(out, fmt.Sprintf(`{"hosts": ["%s.x.test"], "secretName": "%c"}`, h, certs[i]))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (x *exchange) rules() string {
	var out []string
	for _, h := range x.hosts {
		out = append(out, fmt.Sprintf(`{"host": "%s.x.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}`, h))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// to gives the hosts other certificates, and waits until they have them.
func (x *exchange) to(certs string) {
	x.t.Helper()
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec": {"tls": `+x.sections(certs)+`, "rules": `+x.rules()+`}}`))
	require.NoError(x.t, x.admin.Patch(x.t.Context(), &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: x.ns("shop"), Name: "a"}}, patch))
	want := map[string][]string{}
	for i, host := range x.hosts {
		want[host+".x.test"] = []string{certs[i : i+1]}
	}
	x.eventually(func() error {
		now := map[string]map[string]any{}
		for key, o := range x.objects() {
			if o.GetKind() == "Gateway" {
				now[key] = o.Object
			}
		}
		if diff := cmp.Diff(want, servedBy(now)); diff != "" {
			return fmt.Errorf("certificates %s (-want +got):\n%s", certs, diff)
		}
		return nil
	})
	x.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	x.rest()
}

// exchanging makes an Ingress in which certificates are to be exchanged.
func exchanging(t *testing.T, name string, change func(*v1alpha1.Migration)) *exchange {
	t.Helper()
	x := &exchange{shared(t).site(t, name, change), []string{"a", "b", "c", "d"}}
	for _, n := range []string{"x", "y", "z"} {
		data := pair(t, "*.x.test")
		require.NoError(t, x.admin.Create(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: x.ns("shop"), Name: n}, Type: corev1.SecretTypeTLS, Data: data}))
	}
	x.create(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, namespace: NAME-shop, annotations: {ingress2gw.io/phase: live}}
spec: {ingressClassName: NAME, tls: ` + x.sections("xyzz") + `, rules: ` + x.rules() + `}`)
	return x
}

// byDefault lets the Host decide about routes.
func byDefault(m *v1alpha1.Migration) { m.Spec.TLS.DefaultCertificate = "default" }

// exchanged exchanges certificates, and gives all that happened.
func exchanged(t *testing.T, name string, change func(*v1alpha1.Migration)) []event {
	t.Helper()
	x := exchanging(t, name, change)
	shared(t).operator(t, nil)
	x.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	x.rest()
	h := x.record()
	for _, certs := range []string{
		"yxzz", // two exchange their only host
		"zyxx", // three in a ring
		"xxxx", // all to one
		"xyzz", // and apart
		"zzxy", // all that they have, of different sizes
		"zxyx",
	} {
		x.to(certs)
	}
	x.hosts = append(x.hosts, "e") // while one comes
	x.to("xzxyz")
	return h.ends().events
}

// However certificates are exchanged, no host is ever on two TLS servers, and while it moves its routes are bound to both Gateways.
func TestHostsExchangeCertificates(t *testing.T) {
	gateways, bound := map[string]map[string]any{}, map[string][]string{}
	for _, e := range exchanged(t, "exchange", nil) {
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

// proxied is what filters make of servers.
type proxied struct {
	fronts map[string][]string // of hosts: names of servers that are before those which name them
	tables map[string]bool     // names whose servers look up routes in the table of all hosts
}

func proxiedBy(filters map[string]map[string]any) proxied {
	p := proxied{map[string][]string{}, map[string]bool{}}
	for _, o := range filters {
		for _, x := range items(o, "spec", "configPatches") {
			m, _ := x.(map[string]any)
			sni, _, _ := unstructured.NestedString(m, "match", "listener", "filterChain", "sni")
			switch m["applyTo"] {
			case "NETWORK_FILTER":
				p.tables[sni] = true
			case "FILTER_CHAIN":
				hosts, _, _ := unstructured.NestedStringSlice(m, "patch", "value", "filter_chain_match", "server_names")
				for _, h := range hosts {
					p.fronts[h] = append(p.fronts[h], sni)
				}
			}
		}
	}
	return p
}

// Where the Host decides about routes, a host that moves is never nobody's: at each moment there is one server that takes it, and that
// server looks up routes in the table of all hosts.
func TestHostsAreCoveredWhileCertificatesAreExchanged(t *testing.T) {
	gateways, filters := map[string]map[string]any{}, map[string]map[string]any{}
	events := exchanged(t, "covered", byDefault)
	fronts := 0
	var all []string // hosts that are served
	for i, e := range events {
		switch kind, _, _ := strings.Cut(e.key, " "); {
		case e.object == nil:
			delete(gateways, e.key)
			delete(filters, e.key)
		case kind == "Gateway":
			gateways[e.key] = e.object
		case kind == "EnvoyFilter":
			filters[e.key] = e.object
		}
		if i+1 < len(events) && strings.HasPrefix(events[i+1].key, "Gateway ") && len(gateways) < 3 {
			continue // what was there at first
		}
		servers, p := servedBy(gateways), proxiedBy(filters)
		for host := range servers {
			if strings.HasSuffix(host, ".x.test") && !slices.Contains(all, host) {
				all = append(all, host)
			}
		}
		for _, host := range all {
			by, name := servers[host], host
			if len(by) > 1 {
				t.Errorf("version %d, %s: %s is on the servers of %v", e.version, e.key, host, by)
			}
			before := slices.DeleteFunc(slices.Clone(p.fronts[host]), func(n string) bool { return len(servers[n]) == 0 })
			if len(before) > 1 {
				t.Errorf("version %d, %s: %s is before %s by %v", e.version, e.key, host, by, before)
			}
			if len(before) > 0 {
				fronts++
				by, name = servers[before[0]], before[0]
			}
			if len(by) == 0 {
				t.Errorf("version %d, %s: %s is nobody's", e.version, e.key, host)
				continue
			}
			if !p.tables[name] && !slices.ContainsFunc(slices.Collect(maps.Keys(servers)), func(n string) bool { return p.tables[n] && servers[n][0] == by[0] }) {
				t.Errorf("version %d, %s: the server of %s, %s, has no table", e.version, e.key, host, by[0])
			}
		}
		for key, o := range gateways {
			if !strings.HasSuffix(key, "/i2g-https-default") {
				continue
			}
			for _, host := range all {
				if host != "e.x.test" && !slices.ContainsFunc(items(o, "spec", "servers"), func(s any) bool { return names(s, "covered-shop/"+host) }) {
					t.Errorf("version %d, %s: %s may not be bound to the table of all hosts", e.version, e.key, host)
				}
			}
		}
	}
	if fronts == 0 {
		t.Error("no host was covered")
	}
	for key := range gateways {
		if strings.Contains(key, "moving") {
			t.Errorf("%s stays", key)
		}
	}
}

// names tells whether a server names a host.
func names(server any, host string) bool {
	m, _ := server.(map[string]any)
	hosts, _, _ := unstructured.NestedStringSlice(m, "hosts")
	return slices.Contains(hosts, host)
}

// What a process that ended has left in front of servers is taken away by the next.
func TestWhatCoversHostsDoesNotStay(t *testing.T) {
	s := shared(t).site(t, "uncovered", byDefault)
	for _, o := range s.parse(`
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: moving-i2g-1, namespace: NAME-edge, labels: {ingress2gw.io/migration: NAME, ingress2gw.io/edge: live}}
spec: {workloadSelector: {labels: {istio: ingressgateway}}, configPatches: [{applyTo: FILTER_CHAIN, match: {context: GATEWAY, listener: {filterChain: {sni: moving-i2g-1.test}}},
  patch: {operation: MERGE, value: {filter_chain_match: {server_names: [a.x.test], transport_protocol: tls}}}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: moving-i2g-1, namespace: NAME-edge, labels: {ingress2gw.io/migration: NAME, ingress2gw.io/edge: live}}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: x}, hosts: [NAME-edge/moving-i2g-1.test]}]}`) {
		require.NoError(t, s.admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner(v1alpha1.ManagerPlatform)))
	}
	s.ingress("shop", "a", "a.x.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.eventually(func() error {
		for key := range s.objects() {
			if strings.Contains(key, "moving") {
				return fmt.Errorf("%s is there", key)
			}
		}
		return nil
	})
}

// What cannot be removed again is not put in front of servers.
func TestNothingCoversHostsWithoutTheRightToRemoveIt(t *testing.T) {
	x := exchanging(t, "irremovable", byDefault)
	stop := shared(t).operator(t, nil)
	x.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	x.rest()
	stop()
	config, _ := shared(t).account(t, "apply", func(r *rbacv1.ClusterRole) {
		for i := range r.Rules {
			if slices.Contains(r.Rules[i].Resources, "envoyfilters") {
				r.Rules[i].Verbs = slices.DeleteFunc(r.Rules[i].Verbs, func(v string) bool { return v == "delete" })
			}
		}
	})
	stop = shared(t).operatorAs(t, config, asInChart)
	h := x.record()
	x.to("yxzz")
	stop()
	for _, e := range h.ends().events {
		if strings.Contains(e.key, "moving") {
			t.Errorf("version %d: %s", e.version, e.key)
		}
	}
}
