// Package envoy runs a stock Envoy as the gateway of a control plane and tells when it is ready.
package envoy

import (
	"encoding/json"
	"fmt"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// m shortens literals of JSON.
type m = map[string]any

// bootstrap is Envoy's start configuration: who it is, where the control plane is, and the runtime settings in which
// Istio's proxy differs from Envoy's defaults.
func bootstrap(o Options) ([]byte, error) {
	var proxyConfig any
	if err := json.Unmarshal(o.ProxyConfig, &proxyConfig); err != nil {
		return nil, fmt.Errorf("proxy configuration: %w", err)
	}
	w := cluster.Gateway()
	if o.Workload != nil {
		w = *o.Workload
	}
	ads := m{"ads": m{}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}
	b := m{
		"node": m{
			"id":      fmt.Sprintf("router~%s~%s.%[3]s~%[3]s.svc.cluster.local", w.Address, w.Pod, w.Namespace),
			"cluster": w.Service + "." + w.Namespace,
			"metadata": m{
				"ISTIO_VERSION": "1.31.0", "NAMESPACE": w.Namespace, "CLUSTER_ID": "Kubernetes", "MESH_ID": "cluster.local",
				"SERVICE_ACCOUNT": w.ServiceAccount, "INSTANCE_IPS": w.Address,
				"LABELS": w.Labels, "PROXY_CONFIG": proxyConfig,
			},
		},
		"admin": m{"address": socket(o.AdminPort)},
		"layered_runtime": m{"layers": []any{m{"name": "static", "static_layer": m{
			"re2.max_program_size.error_level":                         32768,
			"envoy.reloadable_features.http_reject_path_with_fragment": false,
		}}}},
		"dynamic_resources": m{
			"ads_config": m{
				"api_type": "DELTA_GRPC", "transport_api_version": "V3", "set_node_on_first_message_only": true,
				"grpc_services": []any{m{"envoy_grpc": m{"cluster_name": "xds-grpc"}}},
			},
			"lds_config": ads, "cds_config": ads,
		},
		"static_resources": m{"clusters": []any{discoveryCluster(o.Discovery)}},
	}
	if o.ResolverPort != 0 {
		b["typed_dns_resolver_config"] = resolverConfig(o.ResolverPort)
	}
	return json.MarshalIndent(b, "", " ")
}

func socket(port int) m {
	return m{"socket_address": m{"address": "127.0.0.1", "port_value": port}}
}

func discoveryCluster(d Discovery) m {
	const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
	c := m{
		"name": "xds-grpc", "type": "STATIC", "connect_timeout": "1s",
		"typed_extension_protocol_options": m{options: m{
			"@type":                "type.googleapis.com/" + options,
			"explicit_http_config": m{"http2_protocol_options": m{}},
		}},
		"load_assignment": m{"cluster_name": "xds-grpc", "endpoints": []any{m{"lb_endpoints": []any{m{"endpoint": m{"address": socket(d.Port)}}}}}},
	}
	if d.TLS != nil {
		c["transport_socket"] = transportSocket(d.TLS)
	}
	return c
}

// transportSocket is mutual TLS: a real control plane hands Secrets to identities only.
func transportSocket(c *Credentials) m {
	file := func(name string) m { return m{"filename": name} }
	return m{
		"name": "envoy.transport_sockets.tls",
		"typed_config": m{
			"@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
			"sni":   c.ServerName,
			"common_tls_context": m{
				"alpn_protocols":   []any{"h2"},
				"tls_certificates": []any{m{"certificate_chain": file(c.Certificate), "private_key": file(c.Key)}},
				"validation_context": m{
					"trusted_ca":                    file(c.Authority),
					"match_typed_subject_alt_names": []any{m{"san_type": "DNS", "matcher": m{"exact": c.ServerName}}},
				},
			},
		},
	}
}

// resolverConfig is for the clusters that name no resolver of their own; istiod's name the system's.
func resolverConfig(port int) m {
	return m{
		"name": "envoy.network.dns_resolver.cares",
		"typed_config": m{
			"@type":                "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
			"resolvers":            []any{socket(port)},
			"dns_resolver_options": m{"no_default_search_domain": true},
		},
	}
}
