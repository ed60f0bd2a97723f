package acceptance

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// protection is a way to protect an Ingress.
type protection struct {
	annotations map[string]string
	// filters are those one of which stands for it; without any it has to be part of the routes or of the server.
	filters []string
	// without are prefixes of keys that would lift it, on the controller too.
	without []string
}

const login = "http://login.example.com/check"

// protectionsByKey has an entry for every key that is declared as a protection.
func protectionsByKey() map[string][]protection {
	basic := []string{"i2g.basic", "i2g.any"}
	list := []string{"i2g.ip", "i2g.any"}
	firewall := []string{"enable-modsecurity", "modsecurity-", "enable-owasp"}
	return map[string][]protection{
		"auth-type": {
			{map[string]string{"auth-type": "basic", "auth-secret": "users"}, basic, nil},
			{map[string]string{"auth-type": "digest", "auth-secret": "users"}, basic, nil},
			{map[string]string{"auth-type": "basic"}, basic, []string{"auth-secret"}},
		},
		"auth-secret": {{map[string]string{"auth-type": "basic", "auth-secret": "lost"}, basic, nil}},
		"auth-url": {
			{map[string]string{"auth-url": login}, []string{"i2g.ext"}, nil},
			{map[string]string{"auth-url": "http://auth.shop.svc.cluster.local:8080/check?x=$host", "auth-signin": "https://login.example.com/"}, []string{"i2g.ext"}, nil},
		},
		"auth-snippet": {{map[string]string{"auth-url": login, "auth-snippet": "proxy_set_header X-Part shop;"}, []string{"i2g.ext"}, nil}},
		"auth-tls-secret": {
			{map[string]string{"auth-tls-secret": "shop/clients"}, nil, []string{"auth-tls-verify-client"}},
			{map[string]string{"auth-tls-secret": "shop/lost"}, nil, []string{"auth-tls-verify-client"}},
		},
		"auth-tls-verify-client": {{map[string]string{"auth-tls-secret": "shop/clients", "auth-tls-verify-client": "on"}, nil, nil}},
		"auth-tls-match-cn":      {{map[string]string{"auth-tls-secret": "shop/clients", "auth-tls-match-cn": "CN=ann"}, nil, []string{"auth-tls-verify-client"}}},
		"allowlist-source-range": {{map[string]string{"allowlist-source-range": "10.0.0.0/8"}, list, nil}},
		"whitelist-source-range": {{map[string]string{"whitelist-source-range": "10.0.0.0/8,2001:db8::/32"}, list, []string{"allowlist"}}},
		"denylist-source-range":  {{map[string]string{"denylist-source-range": "192.0.2.0/24"}, list, nil}},
		"enable-modsecurity":     {{map[string]string{"enable-modsecurity": "true", "modsecurity-snippet": "SecRuleEngine On"}, nil, firewall}},
		"enable-owasp-core-rules": {
			{map[string]string{"enable-modsecurity": "true", "enable-owasp-core-rules": "true", "modsecurity-snippet": "SecRuleEngine On"}, nil, firewall},
		},
		"modsecurity-snippet": {{map[string]string{"enable-modsecurity": "true", "modsecurity-snippet": "SecRuleEngine On\nSecRule ARGS x deny"}, nil, firewall}},
		// A list in front of a snippet's decides first, and one of the location hides the server's; satisfy makes either an alternative.
		"configuration-snippet": {{map[string]string{"configuration-snippet": "deny all;"}, nil, []string{"allowlist", "whitelist", "satisfy", "server-snippet"}}, {map[string]string{"configuration-snippet": "access_by_lua_block { x() }"}, nil, nil}},
		"server-snippet":        {{map[string]string{"server-snippet": "deny all;"}, nil, []string{"allowlist", "whitelist", "denylist", "satisfy", "configuration-snippet"}}, {map[string]string{"server-snippet": "auth_basic closed;"}, nil, nil}},
	}
}

func TestEveryProtectionIsTested(t *testing.T) {
	have := protectionsByKey()
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			if k.Protect && len(have[k.Name]) == 0 {
				t.Errorf("no test protects an Ingress by %s", k.Name)
			}
		}
	}
}

// TestProtectionsFailClosed protects an Ingress in one way, adds any other annotations and neighbours, and wants no request
// to reach a backend without that protection.
func TestProtectionsFailClosed(t *testing.T) {
	p := newPool(t)
	all := protectionsByKey()
	rapid.Check(t, func(t *rapid.T) {
		ways := all[rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(t, "key")]
		way := rapid.SampledFrom(ways).Draw(t, "way")
		f := p.protected(t, way)
		_, r := f.run(0)
		router := newRouter(r.Objects)
		for _, q := range attempts() {
			answer := router.ask(q)
			if strings.HasPrefix(answer, "shop/") && !way.holds(answer) {
				t.Fatalf("%s %s %v => %s", q.method, q.url, q.headers, answer)
			}
		}
		everyObjectIsValid(t, nil, r)
	})
}

// holds tells whether an answer names the protection.
func (p *protection) holds(answer string) bool {
	_, behind, _ := strings.Cut(answer, " behind ")
	if len(p.filters) == 0 {
		return strings.HasSuffix(answer, " with a client certificate")
	}
	return slices.ContainsFunc(p.filters, func(f string) bool {
		return slices.Contains(strings.FieldsFunc(behind, func(c rune) bool { return c == ',' || c == ' ' }), f)
	})
}

// protected is a fleet with one protected Ingress, whose host may have further Ingresses elsewhere.
func (p *pool) protected(t *rapid.T, way protection) *sample {
	f := &sample{options: optionsGen.Draw(t, "options")}
	f.options.Waived = nil
	f.options.Source.ControllerConfig = snapshot.Key{Namespace: "edge", Name: "controller"}
	notes := p.annotations(t)
	for k := range notes {
		short := strings.TrimPrefix(k, nginx.DefaultPrefix)
		if slices.ContainsFunc(way.without, func(prefix string) bool { return strings.HasPrefix(short, prefix) }) {
			delete(notes, k)
		}
	}
	for k, v := range way.annotations {
		notes[nginx.DefaultPrefix+k] = v
	}
	rules := []object{{"host": "protected.example.com", "http": object{"paths": []object{{"path": "/in", "pathType": "Prefix", "backend": backendOf(t)}}}}}
	spec := object{"ingressClassName": "nginx", "rules": rules}
	if rapid.Bool().Draw(t, "tls") {
		spec["tls"] = []object{{"hosts": []string{"protected.example.com"}, "secretName": "tls"}}
	}
	f.add(object{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": spec, "metadata": object{
		"name": "protected", "namespace": "shop", "annotations": notes, "creationTimestamp": "2024-01-01T00:00:00Z",
	}})
	if rapid.Bool().Draw(t, "neighbour") {
		other := []object{{"host": "protected.example.com", "http": object{"paths": []object{{"path": "/out", "pathType": "Prefix", "backend": backendOf(t)}}}}}
		f.add(object{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": object{"ingressClassName": "nginx", "rules": other}, "metadata": object{
			"name": "neighbour", "namespace": rapid.SampledFrom([]string{"shop", "other"}).Draw(t, "neighbour's namespace"), "creationTimestamp": "2024-01-02T00:00:00Z",
		}})
	}
	f.add(object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "controller", "namespace": "edge"}, "data": object{"allow-snippet-annotations": "true", "annotations-risk-level": "Critical"}})
	f.add(object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "users", "namespace": "shop"}, "stringData": object{"auth": "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"}})
	if f.options.Target.Ownership == emit.Team {
		f.options.Target.TLS = emit.TLSCopy
	}
	return f
}

// attempts are requests of many kinds for the protected path.
func attempts() []*request {
	var out []*request
	for _, scheme := range []string{"http", "https"} {
		for _, path := range []string{"/in", "/in/", "/in/x"} {
			for _, method := range []string{"GET", "POST", "OPTIONS", "HEAD"} {
				for _, headers := range []map[string]string{
					{}, {"connection": "upgrade", "upgrade": "websocket"}, {"origin": "https://x.example.com", "access-control-request-method": "POST"}, {"cookie": "a=always", "authorization": "x"},
				} {
					out = append(out, &request{method: method, url: &url.URL{Scheme: scheme, Host: "protected.example.com", Path: path}, headers: headers})
				}
			}
		}
	}
	return out
}
