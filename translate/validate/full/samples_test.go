package full

import (
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// sample is an object that both checkers accept, and that sets as many fields as it can.
type sample struct{ apiVersion, kind, spec string }

var samples = []sample{
	{"networking.istio.io/v1", "Gateway", `
selector: {istio: ingressgateway}
servers:
- {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop/a.test, "*.b.test"], bind: 10.0.0.1, tls: {httpsRedirect: true}, name: plain}
- port: {number: 443, name: https, protocol: HTTPS}
  hosts: [shop/c.test]
  tls: {mode: OPTIONAL_MUTUAL, credentialName: shop.cert, caCertCredentialName: ca, minProtocolVersion: TLSV1_2, maxProtocolVersion: TLSV1_3, cipherSuites: [AES128-SHA]}
- port: {number: 8443, name: https-2, protocol: HTTPS}
  hosts: [shop/d.test]
  tls: {mode: SIMPLE, credentialNames: [rsa, ecdsa]}
- port: {number: 9443, name: https-3, protocol: HTTPS}
  hosts: [shop/e.test]
  tls: {mode: SIMPLE, tlsCertificates: [{serverCertificate: /c, privateKey: /k}]}`},
	{"networking.istio.io/v1", "VirtualService", `
hosts: [a.test, "*.b.test"]
gateways: [istio-system/g, h]
exportTo: [istio-system, "."]
http:
- name: shop/web/a.test/1
  match:
  - {name: b, uri: {exact: /a}, scheme: {exact: https}, method: {regex: "GET|PUT"}, authority: {prefix: a}, port: 443, headers: {x-a: {exact: "1"}}, withoutHeaders: {x-b: {regex: "*"}}, queryParams: {q: {prefix: x}}, sourceLabels: {a: b}, gateways: [h], ignoreUriCase: true}
  - {uri: {regex: "/(b|c)"}}
  route:
  - {destination: {host: app.shop.svc.cluster.local, port: {number: 80}}, weight: 90, headers: {request: {set: {x-c: "%REQ(X-D)%"}, add: {x-e: f}, remove: [x-g]}, response: {set: {x-h: i}}}}
  - {destination: {host: new.shop.svc.cluster.local, port: {number: 80}}, weight: 10}
  timeout: 60s
  retries: {attempts: 2, perTryTimeout: 5s, retryOn: "5xx,503", backoff: 0.025s, retryRemoteLocalities: true, retryIgnorePreviousHosts: false}
  fault: {delay: {fixedDelay: 5s, percentage: {value: 0.1}}, abort: {httpStatus: 503, percentage: {value: 100}}}
  mirrors: [{destination: {host: mirror.shop.svc.cluster.local, port: {number: 80}}, percentage: {value: 50}}]
  corsPolicy: {allowOrigins: [{exact: "*"}, {prefix: "https://"}], allowMethods: [GET], allowHeaders: [x-a], exposeHeaders: ["*"], maxAge: 86400s, allowCredentials: true, unmatchedPreflights: IGNORE}
  rewrite: {uriRegexRewrite: {match: "^/a(.*)", rewrite: "/\\1"}, authority: b.test}`},
	{"networking.istio.io/v1", "VirtualService", `
hosts: [a.test]
gateways: [istio-system/g]
http:
- {match: [{uri: {prefix: /b}}], rewrite: {uri: /}, route: [{destination: {host: app.shop.svc.cluster.local}}], mirror: {host: m.shop.svc.cluster.local}, mirrorPercentage: {value: 1}}
- {match: [{uri: {prefix: /c}}], redirect: {uri: /x, authority: c.test, port: 8443, scheme: https, redirectCode: 308}}
- {match: [{uri: {prefix: /d}}], redirect: {prefixRewrite: /x, derivePort: FROM_REQUEST_PORT}}
- {match: [{uri: {prefix: /e}}], directResponse: {status: 503, body: {string: closed}}}
- {match: [{uri: {prefix: /f}}], delegate: {name: d, namespace: shop}}`},
	{"networking.istio.io/v1", "VirtualService", `
hosts: ["*.b.test"]
gateways: [istio-system/g]
tls: [{match: [{sniHosts: [x.b.test], port: 443, destinationSubnets: [10.0.0.0/8]}], route: [{destination: {host: t.shop.svc.cluster.local, port: {number: 443}}, weight: 1}]}]
tcp: [{match: [{port: 9000}], route: [{destination: {host: t.shop.svc.cluster.local, port: {number: 9000}}}]}]`},
	{"networking.istio.io/v1", "DestinationRule", `
host: app.shop.svc.cluster.local
exportTo: ["."]
workloadSelector: {matchLabels: {a: b}}
trafficPolicy:
  connectionPool:
    tcp: {maxConnections: 10, connectTimeout: 5s, maxConnectionDuration: 60s, idleTimeout: 0s, tcpKeepalive: {time: 5s, interval: 5s, probes: 3}}
    http: {http1MaxPendingRequests: 1, http2MaxRequests: 2, maxRequestsPerConnection: 3, maxRetries: 4, idleTimeout: 60s, h2UpgradePolicy: UPGRADE, maxConcurrentStreams: 5, http2KeepAlive: {interval: 5s, timeout: 5s}}
  loadBalancer: {consistentHash: {httpCookie: {name: route, ttl: 0s, path: /, attributes: [{name: SameSite, value: Lax}]}, ringHash: {minimumRingSize: 1024}}, warmup: {duration: 5s, minimumPercent: 10, aggression: 1}}
  outlierDetection: {consecutive5xxErrors: 5, consecutiveGatewayErrors: 5, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 5, interval: 5s, baseEjectionTime: 5s, maxEjectionPercent: 50, minHealthPercent: 10}
  tls: {mode: SIMPLE, credentialName: shop.ca, sni: a.test, subjectAltNames: [a.test]}
  portLevelSettings: [{port: {number: 80}, loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 65537}}}, tls: {mode: MUTUAL, clientCertificate: /c, privateKey: /k, insecureSkipVerify: true}}]
  retryBudget: {percent: 20, minRetryConcurrency: 3}
  proxyProtocol: {version: V2}
subsets: [{name: i2g-x, labels: {a: b}, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN, zoneAwareLbSetting: {minClusterSize: 6}}}}]`},
	{"networking.istio.io/v1", "ServiceEntry", `
hosts: [m.i2g.internal]
addresses: [10.0.0.1, 10.1.0.0/16]
exportTo: ["."]
location: MESH_EXTERNAL
resolution: STATIC
ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}, {number: 443, name: https, protocol: HTTPS}]
endpoints: [{address: 127.0.0.1, ports: {http: 80}, labels: {a: b}, network: net, locality: a/b, weight: 1, serviceAccount: s}]
subjectAltNames: [a.test]`},
	{"networking.istio.io/v1", "ServiceEntry", `{hosts: [m.i2g.internal], resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: "unix:///run/x.sock"}]}`},
	{"networking.istio.io/v1alpha3", "EnvoyFilter", `
priority: 20
workloadSelector: {labels: {istio: ingressgateway}}
configPatches:
- applyTo: HTTP_FILTER
  match: {context: GATEWAY, proxy: {proxyVersion: "1[.]31.*", metadata: {a: b}}, listener: {portNumber: 8080, portName: http, filterChain: {sni: a.test, filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}
  patch: {operation: INSERT_BEFORE, filterClass: AUTHZ, value: {name: i2g.length, disabled: true, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abort: {http_status: 413, percentage: {numerator: 100}}}}}
- applyTo: ROUTE_CONFIGURATION
  match: {context: GATEWAY, routeConfiguration: {portNumber: 80, vhost: {name: "a.test:80", route: {action: ROUTE}}}}
  patch: {operation: MERGE, value: {request_headers_to_remove: [x-i2g-chain]}}
- applyTo: CLUSTER
  match: {context: GATEWAY, cluster: {service: app.shop.svc.cluster.local, subset: x, portNumber: 80}}
  patch: {operation: MERGE, value: {per_connection_buffer_limit_bytes: 1024}}`},
	{"security.istio.io/v1", "AuthorizationPolicy", `
targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: g}]
action: DENY
rules:
- from: [{source: {notRemoteIpBlocks: [10.0.0.0/8], ipBlocks: [10.0.0.1], serviceAccounts: [a, b/c], trustDomains: [d]}}]
  to: [{operation: {hosts: [a.test, "a.test:*"], paths: [/p, /p/*], methods: [GET], notPorts: ["9000"]}}]
  when: [{key: "request.headers[x-a]", values: ["1"], notValues: ["2"]}]
- from: [{source: {principals: [a], requestPrincipals: [b], namespaces: [c]}}]`},
	{"security.istio.io/v1", "AuthorizationPolicy", `
selector: {matchLabels: {istio: ingressgateway}}
action: CUSTOM
provider: {name: ext}
rules: [{to: [{operation: {paths: ["/a/{*}/b/{**}"]}}]}]`},
	{"telemetry.istio.io/v1", "Telemetry", `
selector: {matchLabels: {istio: ingressgateway}}
accessLogging: [{providers: [{name: envoy}], disabled: false, match: {mode: SERVER}}]
metrics: [{providers: [{name: p}], reportingInterval: 5s, overrides: [{match: {metric: REQUEST_COUNT, mode: CLIENT}, disabled: true, tagOverrides: {a: {operation: UPSERT, value: b}, c: {operation: REMOVE}}}]}]
tracing: [{providers: [{name: t}], randomSamplingPercentage: 10, customTags: {a: {literal: {value: b}}, c: {header: {name: d, defaultValue: e}}}, enableIstioTags: true}]`},
	{"networking.istio.io/v1beta1", "ProxyConfig", `{selector: {matchLabels: {a: b}}, concurrency: 2, environmentVariables: {A: b}, image: {imageType: distroless}}`},
	{"gateway.networking.k8s.io/v1beta1", "ReferenceGrant", `{from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: istio-system}], to: [{group: "", kind: Secret, name: cert}]}`},
}

// object makes a sample an object, its specification a tree.
func (s sample) object(t require.TestingT) *manifest.Object {
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(s.spec), &v))
	plain, err := manifest.Plain(v)
	require.NoError(t, err)
	return &manifest.Object{APIVersion: s.apiVersion, Kind: s.kind, Namespace: "shop", Name: "sample", Spec: plain}
}

// fast is what the quick checker says of an object, beside what the sample delegates to.
func fast(t require.TestingT, o *manifest.Object) []validate.Problem {
	d := sample{"networking.istio.io/v1", "VirtualService", `{http: [{route: [{destination: {host: app.shop.svc.cluster.local}}]}]}`}.object(t)
	d.Name = "d"
	return validate.Fast([]*manifest.Object{o, d})
}

func TestSamplesAreAccepted(t *testing.T) {
	for _, s := range samples {
		problems, err := Full([]*manifest.Object{s.object(t)})
		require.NoError(t, err)
		require.Empty(t, problems, s.kind)
		require.Empty(t, fast(t, s.object(t)), s.kind)
	}
}
