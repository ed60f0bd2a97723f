package envoy

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at walks into JSON by keys and indices.
func at(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("no field %q in %v", p, v)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				t.Fatalf("no item %d in %v", p, v)
			}
			v = l[p]
		}
	}
	return v
}

func TestBootstrap(t *testing.T) {
	plain := Options{AdminPort: 15000, Discovery: Discovery{Port: 15010}, ProxyConfig: []byte(`{"concurrency": 2}`)}
	secure := plain
	secure.ResolverPort = 53
	secure.Discovery = Discovery{Port: 15012, TLS: &Credentials{Certificate: "/c", Key: "/k", Authority: "/a", ServerName: "istiod.test"}}
	discovery := []any{"static_resources", "clusters", 0}
	address := append(discovery[:3:3], "load_assignment", "endpoints", 0, "lb_endpoints", 0, "endpoint", "address", "socket_address")
	tls := append(discovery[:3:3], "transport_socket", "typed_config")
	tests := map[string]struct {
		options Options
		path    []any
		want    any
	}{
		"the identity that istiod looks for":     {plain, []any{"node", "id"}, "router~10.0.0.1~gateway-0.istio-system~istio-system.svc.cluster.local"},
		"Istio's proxy configuration goes along": {plain, []any{"node", "metadata", "PROXY_CONFIG"}, map[string]any{"concurrency": 2.0}},
		"administration on loopback":             {plain, []any{"admin", "address", "socket_address"}, map[string]any{"address": "127.0.0.1", "port_value": 15000.0}},
		"the control plane's port":               {plain, address, map[string]any{"address": "127.0.0.1", "port_value": 15010.0}},
		"plain text by default":                  {plain, append(discovery[:3:3], "transport_socket"), nil},
		"the machine's resolver by default":      {plain, []any{"typed_dns_resolver_config"}, nil},
		"the name of the control plane":          {secure, append(tls[:len(tls):len(tls)], "sni"), "istiod.test"},
		"the certificate is checked for it": {
			secure, append(tls[:len(tls):len(tls)], "common_tls_context", "validation_context"),
			map[string]any{"trusted_ca": map[string]any{"filename": "/a"}, "match_typed_subject_alt_names": []any{map[string]any{"san_type": "DNS", "matcher": map[string]any{"exact": "istiod.test"}}}},
		},
		"the proxy shows its own": {
			secure, append(tls[:len(tls):len(tls)], "common_tls_context", "tls_certificates", 0),
			map[string]any{"certificate_chain": map[string]any{"filename": "/c"}, "private_key": map[string]any{"filename": "/k"}},
		},
		"a resolver of our own": {
			secure, []any{"typed_dns_resolver_config", "typed_config", "resolvers", 0, "socket_address", "port_value"}, 53.0,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text, err := bootstrap(tt.options)
			if err != nil {
				t.Fatal(err)
			}
			var doc any
			if err := json.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, at(t, doc, tt.path...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBootstrapTellsOfABrokenProxyConfiguration(t *testing.T) {
	if _, err := bootstrap(Options{ProxyConfig: []byte("{")}); err == nil {
		t.Error("no error")
	}
}
