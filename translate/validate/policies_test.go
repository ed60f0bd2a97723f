package validate

import "testing"

func TestAuthorizationPolicies(t *testing.T) {
	run(t, "AuthorizationPolicy deny", map[string]specCase{
		"a block list": {spec: `
selector: {matchLabels: {istio: ingressgateway}}
action: DENY
rules: [{from: [{source: {notRemoteIpBlocks: [10.0.0.0/8, "2001:db8::/32", 10.1.2.3]}}], to: [{operation: {hosts: [a.test, "a.test:*"], paths: [/p, /p/*, "/a*b"], notPorts: ["9000"]}}]}]`},
		"conditions":         {spec: `rules: [{when: [{key: "request.headers[x-a]", values: ["1"]}, {key: source.ip, notValues: [10.0.0.0/8]}, {key: destination.port, values: ["80"]}]}]`},
		"everybody":          {spec: `{action: DENY, rules: [{}]}`},
		"path templates":     {spec: `rules: [{to: [{operation: {paths: ["/a/{*}/b/{**}"]}}]}]`},
		"a provider":         {spec: `{action: CUSTOM, provider: {name: ext}, rules: [{to: [{operation: {paths: [/a]}}]}]}`},
		"denied to nobody":   {spec: `action: DENY`, want: []string{"spec.rules: action DENY without rules never acts"}},
		"nobody's provider":  {spec: `{action: CUSTOM, rules: [{}]}`, want: []string{"spec.provider: action CUSTOM needs the name of a provider"}},
		"a provider of none": {spec: `{provider: {name: ext}, rules: [{}]}`, want: []string{"spec.provider: is only for action CUSTOM"}},
		"addresses that are none": {spec: `rules: [{from: [{source: {ipBlocks: [10.0.0.0/33, 10.0.0, ""]}}]}]`, want: []string{
			`spec.rules[0].from[0].source.ipBlocks: "10.0.0.0/33" is not an address or CIDR`,
			`spec.rules[0].from[0].source.ipBlocks: "10.0.0" is not an address or CIDR`, "spec.rules[0].from[0].source.ipBlocks: holds an empty value",
		}},
		"empty parts": {spec: `rules: [{from: [{}], to: [{operation: {}}], when: [{key: source.ip}]}]`, want: []string{
			"spec.rules[0].from[0].source: is empty: it would stand for every source",
			"spec.rules[0].to[0].operation: is empty: it would stand for every request", "spec.rules[0].when[0].values: values or notValues are required",
		}},
		"operations that are none": {spec: `rules: [{to: [{operation: {ports: ["http", "70000"], paths: ["/{a}", "/{**}/{*}", "/{*}/a b"], hosts: ["a*b"], methods: [""]}}]}]`, want: []string{
			`spec.rules[0].to[0].operation.hosts: "a*b": a * stands at the beginning or at the end`,
			`spec.rules[0].to[0].operation.ports: "http": is not a port`, `spec.rules[0].to[0].operation.ports: "70000": is not a port`,
			`spec.rules[0].to[0].operation.methods: "": empty value`,
			`spec.rules[0].to[0].operation.paths: "/{a}": braces that are neither {*} nor {**}`,
			`spec.rules[0].to[0].operation.paths: "/{**}/{*}": {**} is the last part or not there`,
			`spec.rules[0].to[0].operation.paths: "/{*}/a b": "a b" cannot stand beside {*}`,
		}},
		"conditions that are none": {spec: `rules: [{when: [{key: request.host, values: [a]}, {key: "request.headers[", values: [a]}, {key: remote.ip, values: [x]}, {key: destination.port, values: [""]}]}]`, want: []string{
			`spec.rules[0].when[0].key: "request.host" is not a known attribute`, `spec.rules[0].when[1].key: "request.headers[" is not a known attribute`,
			`spec.rules[0].when[2].values: "x": is not an address or CIDR`, `spec.rules[0].when[3].values: "": empty value`,
		}},
		"what CUSTOM does not support": {spec: `{action: CUSTOM, provider: {name: e}, rules: [{from: [{source: {principals: [a]}}], when: [{key: request.auth.principal, values: [a]}]}]}`, want: []string{
			"spec.rules[0].from[0].source.principals: is not supported with action CUSTOM",
			`spec.rules[0].when[0].key: "request.auth.principal" is not supported with action CUSTOM`,
		}},
		"service accounts that are none": {spec: `rules: [{from: [{source: {serviceAccounts: [a/b/c, "a*", /x], namespaces: [ns], trustDomains: [a/b, "a*b"]}}]}]`, want: []string{
			`spec.rules[0].from[0].source.serviceAccounts: "a/b/c" is not NAME or NAMESPACE/NAME`,
			`spec.rules[0].from[0].source.serviceAccounts: "a*" is not NAME or NAMESPACE/NAME`,
			`spec.rules[0].from[0].source.serviceAccounts: "/x" is not NAME or NAMESPACE/NAME`,
			`spec.rules[0].from[0].source.trustDomains: "a/b" is not a trust domain`, `spec.rules[0].from[0].source.trustDomains: "a*b" is not a trust domain`,
			"spec.rules[0].from[0].source.serviceAccounts: excludes namespaces and principals",
		}},
		"two ways to select": {spec: `{selector: {matchLabels: {a: "*"}}, targetRefs: [{kind: Pod, name: "", namespace: x}], rules: [{}]}`, want: []string{
			`spec.selector.matchLabels: "a"="*" selects nothing`, `spec.targetRefs[0].kind: "Pod" of group "" cannot be a target`,
			`spec.targetRefs[0].name: "" is not a name`, "spec.targetRefs[0].namespace: targets of other namespaces are not supported",
			"spec: only one of selector, targetRef and targetRefs",
		}},
		"one target": {spec: `{targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: g}, rules: [{}]}`},
	})
}

func TestTelemetry(t *testing.T) {
	run(t, "Telemetry logs", map[string]specCase{
		"logs": {spec: `accessLogging: [{providers: [{name: envoy}], disabled: false, match: {mode: SERVER}, filter: {expression: "response.code >= 400"}}]`},
		"all that is none": {spec: `{accessLogging: [{providers: [{}], filter: {expression: "f("}}, {filter: {}}], metrics: [{providers: [{}], overrides: [{match: {customMetric: ""}, tagOverrides: {"": {}, a: {operation: UPSERT}, b: {operation: REMOVE, value: x}}}]}], tracing: [{providers: [{}], randomSamplingPercentage: 101, customTags: {a: {literal: {}}, b: {header: {name: x}}}}]}`, want: []string{
			"spec.accessLogging[0].providers: a provider needs a name", `spec.accessLogging[0].filter.expression: expression "f(": open bracket`, "spec.accessLogging[1].filter.expression: is required", "spec.metrics[0].providers: a provider needs a name",
			"spec.metrics[0].overrides[0].match.customMetric: is empty", "spec.metrics[0].overrides[0].tagOverrides[]: empty name",
			"spec.metrics[0].overrides[0].tagOverrides[a].value: is required for UPSERT", "spec.metrics[0].overrides[0].tagOverrides[b].value: is only for UPSERT",
			"spec.tracing[0].providers: a provider needs a name", "spec.tracing[0].randomSamplingPercentage: 101 is not from 0 to 100",
			"spec.tracing[0].customTags[a]: needs a name and a value",
		}},
	})
}

func TestServiceEntries(t *testing.T) {
	run(t, "ServiceEntry shop/ext", map[string]specCase{
		"a loop": {spec: `{hosts: [m.i2g.internal], exportTo: ["."], location: MESH_EXTERNAL, resolution: STATIC, ports: [{number: 15099, name: http, protocol: HTTP}], endpoints: [{address: 127.0.0.1, ports: {http: 80}}]}`},
		"a name": {spec: `{hosts: [ext.test], exportTo: ["~"], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: https, protocol: HTTPS}], endpoints: [{address: other.test}]}`},
		"hosts that are none": {spec: `{hosts: ["*", "*a.test", "a_b"], resolution: DNS}`, want: []string{
			`spec.hosts[0]: "*": is every host`, `spec.hosts[1]: "*a.test": only a whole label may be a wildcard`, `spec.hosts[2]: "a_b": label "a_b" is not a DNS label`,
		}},
		"wildcards without endpoints": {spec: `{hosts: ["*.a.test"], resolution: DNS}`, want: []string{`spec.hosts[0]: "*.a.test": cannot be resolved without endpoints`}},
		"no hosts":                    {spec: `{}`, want: []string{"spec.hosts: 0 hosts, 1 to 256 are needed"}},
		"addresses that are none": {spec: `{hosts: [a.test], resolution: DNS, addresses: [10.0.0.0/8, x]}`, want: []string{
			"spec.addresses[0]: a CIDR is only for resolution NONE or STATIC", `spec.addresses[1]: "x" is not an address or CIDR`,
		}},
		"ports that are none": {spec: `{hosts: [a.test, b.test], resolution: STATIC, ports: [{number: 0, name: a, protocol: TCP}, {number: 80, name: "A b", protocol: X, targetPort: 70000}, {number: 80, name: c, protocol: HTTP}]}`, want: []string{
			"spec.ports[0].number: 0 is not a port (1 to 65535)", `spec.ports[0].protocol: several hosts cannot be told apart on a port of protocol "TCP"`,
			"spec.ports[1].targetPort: 70000 is not a port (1 to 65535)", `spec.ports[1].name: "A b" is not a DNS label`, `spec.ports[1].protocol: "X" is not a protocol`,
			`spec.ports[1].protocol: several hosts cannot be told apart on a port of protocol "X"`, "spec.ports[2]: name or number is used twice",
		}},
		"endpoints that are none": {spec: `{hosts: [a.test], resolution: STATIC, endpoints: [{}, {address: name.test}, {address: "unix://x"}, {address: 10.0.0.1, ports: {x: 80}}]}`, want: []string{
			"spec.endpoints[0].address: is required", `spec.endpoints[1].address: "name.test" is not an address`,
			`spec.endpoints[2].address: "unix://x" is not the path of a socket, or not for the one port of the entry`, "spec.endpoints[3].ports[x]: is not a port of the ServiceEntry",
		}},
		"resolutions that take none":    {spec: `{hosts: [a.test], endpoints: [{address: 10.0.0.1}]}`, want: []string{"spec.endpoints: resolution NONE takes none"}},
		"resolutions that take one":     {spec: `{hosts: [a.test], resolution: DNS_ROUND_ROBIN, endpoints: [{address: a.b}, {address: c.d}]}`, want: []string{"spec.endpoints: resolution DNS_ROUND_ROBIN takes one at most"}},
		"resolutions that take nothing": {spec: `{hosts: ["*.a.test"], resolution: DYNAMIC_DNS, ports: [{number: 80, name: http, protocol: TCP}], addresses: [10.0.0.1]}`, want: []string{"spec.ports[0].protocol: resolution DYNAMIC_DNS takes HTTP, TLS, GRPC and HTTP2", "spec.resolution: DYNAMIC_DNS takes neither endpoints nor addresses"}},
		"endpoints and workloads":       {spec: `{hosts: [a.test], resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: [{address: 10.0.0.1}]}`, want: []string{"spec.endpoints: excludes workloadSelector"}},
	})
}
