package validate

import "testing"

func TestDestinationRules(t *testing.T) {
	const host = "host: app.shop.svc.cluster.local\n"
	const policy = "spec.trafficPolicy"
	run(t, "DestinationRule shop/app-80", map[string]specCase{
		"all that is emitted": {spec: host + `
exportTo: [istio-system]
trafficPolicy:
  connectionPool: {tcp: {connectTimeout: 5s, idleTimeout: 0s}, http: {maxRequestsPerConnection: 1, idleTimeout: 60s, http2KeepAlive: {interval: 5s, timeout: 5s}}}
  loadBalancer: {consistentHash: {httpCookie: {name: route, ttl: 0s, path: /, attributes: [{name: SameSite, value: Lax}, {name: Secure}]}}}
  tls: {mode: SIMPLE, insecureSkipVerify: true, sni: a.test}
  portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: ROUND_ROBIN}}]
subsets: [{name: i2g-auth, labels: {}}, {name: i2g-sticky, trafficPolicy: {tls: {mode: MUTUAL, credentialName: shop.client}}}]`},
		"hashes by other things": {spec: host + `trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: ":path", maglev: {tableSize: 65537}}}}`},
		"hosts that are none":    {spec: `host: "a b"`, want: []string{`spec.host: "a b": label "a b" is not a DNS label`}},
		"no host":                {spec: `{}`, want: []string{`spec.host: "": empty name`}},
		"policies of nothing":    {spec: host + `trafficPolicy: {}`, want: []string{policy + ": is empty"}},
		"subsets twice, or none": {spec: host + `subsets: [{name: a}, {name: a}, {name: "A b", labels: {"x y": z}}, {name: ""}]`, want: []string{
			`spec.subsets[1].name: "a" is given twice`, `spec.subsets[2].name: "A b" is not a DNS label`,
			`spec.subsets[2].labels: "x y" is not the key of a label`, `spec.subsets[3].name: "" is not a DNS label`,
		}},
		"timeouts below 1ms": {spec: host + `trafficPolicy: {connectionPool: {tcp: {connectTimeout: 0s, idleTimeout: 0.0001s}, http: {idleTimeout: 0s}}}`, want: []string{
			policy + ".connectionPool.http.idleTimeout: 0s is less than 1ms", policy + ".connectionPool.tcp.connectTimeout: 0s is less than 1ms",
			policy + ".connectionPool.tcp.idleTimeout: 100µs is less than 1ms",
		}},
		"pools that are none": {spec: host + `trafficPolicy: {connectionPool: {http: {maxRetries: -1, http1MaxPendingRequests: -2, useClientProtocol: true, h2UpgradePolicy: UPGRADE, http2KeepAlive: {}}, tcp: {maxConnections: -1}}}`, want: []string{
			policy + ".connectionPool.http.http1MaxPendingRequests: -2 is negative", policy + ".connectionPool.http.maxRetries: -1 is negative",
			policy + ".connectionPool.http.useClientProtocol: excludes h2UpgradePolicy UPGRADE",
			policy + ".connectionPool.http.http2KeepAlive: needs interval and timeout", policy + ".connectionPool.tcp.maxConnections: -1 is negative",
		}},
		"a pool of nothing": {spec: host + `trafficPolicy: {connectionPool: {}}`, want: []string{policy + ".connectionPool: is empty"}},
		"hashes by nothing": {spec: host + `trafficPolicy: {loadBalancer: {consistentHash: {}}}`, want: []string{policy + ".loadBalancer.consistentHash: hashes nothing"}},
		"hashes that are none": {spec: host + `trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: "a b", maglev: {tableSize: 9}}}}`, want: []string{
			policy + `.loadBalancer.consistentHash.httpHeaderName: "a b" is not a header`, policy + ".loadBalancer.consistentHash.maglev.tableSize: 9 is not a prime number",
		}},
		"a table above the limit": {spec: host + `trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 1, maglev: {tableSize: 5000011}}}}`, want: []string{
			policy + ".loadBalancer.consistentHash.minimumRingSize: excludes ringHash and maglev",
			policy + ".loadBalancer.consistentHash.maglev.tableSize: 5000011 is not from 1 to 5000010",
		}},
		"cookies that are none": {spec: host + `trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: "a b", path: "/;x", attributes: [{}, {name: A}, {name: A, value: "b; c"}]}}}}`, want: []string{
			policy + `.loadBalancer.consistentHash.httpCookie.name: "a b" is not the name of a cookie`,
			policy + `.loadBalancer.consistentHash.httpCookie.path: "/;x" ends the attribute`,
			policy + `.loadBalancer.consistentHash.httpCookie.attributes[0].name: "" is not the name of an attribute`,
			policy + `.loadBalancer.consistentHash.httpCookie.attributes[2].name: A is given twice`,
			policy + `.loadBalancer.consistentHash.httpCookie.attributes[2].value: "b; c" ends the attribute`,
		}},
		"client certificates that are none": {spec: host + `trafficPolicy: {tls: {mode: MUTUAL}}`, want: []string{policy + ".tls.mode: MUTUAL needs a client certificate and its key"}},
		"certificates twice": {spec: host + `trafficPolicy: {tls: {mode: SIMPLE, credentialName: a, caCertificates: /ca}}`, want: []string{
			policy + ".tls.credentialName: excludes certificates in files",
		}},
		"verification, switched off and on": {spec: host + `trafficPolicy: {tls: {mode: SIMPLE, credentialName: a, insecureSkipVerify: true}}`, want: []string{
			policy + ".tls.insecureSkipVerify: excludes CA certificates and subjectAltNames",
		}},
		"another namespace's ConfigMap": {spec: host + `trafficPolicy: {tls: {mode: SIMPLE, credentialName: "configmap://other/ca"}}`, want: []string{
			policy + ".tls.credentialName: a ConfigMap must be in the namespace of the rule",
		}},
		"ports of nothing": {spec: host + `trafficPolicy: {portLevelSettings: [{}, {port: {number: 0}, tls: {}}]}`, want: []string{
			policy + ".portLevelSettings[0].port: is required", policy + ".portLevelSettings[0]: is empty",
			policy + ".portLevelSettings[1].port.number: 0 is not a port (1 to 65535)",
		}},
		"outliers that are none": {spec: host + `trafficPolicy: {outlierDetection: {maxEjectionPercent: 101, minHealthPercent: -1, consecutiveLocalOriginFailures: 1}}`, want: []string{
			policy + ".outlierDetection.consecutiveLocalOriginFailures: needs splitExternalLocalOriginErrors",
			policy + ".outlierDetection.maxEjectionPercent: 101 is not from 0 to 100", policy + ".outlierDetection.minHealthPercent: -1 is not from 0 to 100",
		}},
		"settings that exclude each other": {spec: host + `trafficPolicy: {tunnel: {protocol: GET, targetHost: "a b", targetPort: 0}, proxyProtocol: {version: V2}, retryBudget: {percent: 101}}`, want: []string{
			policy + ": tunnel and proxyProtocol exclude each other", policy + `.tunnel.protocol: "GET" is neither CONNECT nor POST`,
			policy + `.tunnel.targetHost: "a b": label "a b" is not a DNS label`, policy + ".tunnel.targetPort: 0 is not a port (1 to 65535)",
			policy + ".retryBudget.percent: 101 is not from 0 to 100",
		}},
		"locality and warm-up": {spec: host + `trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 50}}], failover: [{from: a, to: a}]}, zoneAwareLbSetting: {minClusterSize: 0}, warmup: {minimumPercent: 101, aggression: 0}}}`, want: []string{
			policy + ".loadBalancer: localityLbSetting and zoneAwareLbSetting exclude each other",
			policy + ".loadBalancer.localityLbSetting: distribute and failover are not emitted by this program",
			policy + ".loadBalancer.zoneAwareLbSetting.minClusterSize: is less than 1", policy + ".loadBalancer.warmup.duration: is required",
			policy + ".loadBalancer.warmup.minimumPercent: 101 is not from 0 to 100", policy + ".loadBalancer.warmup.aggression: is not above 0",
		}},
		"a rule for workloads, for others": {spec: host + "exportTo: [other]\nworkloadSelector: {matchLabels: {\"\": \"*\"}}", want: []string{
			`spec.workloadSelector.matchLabels: ""="*" selects nothing`, "spec.exportTo: a rule with workloadSelector is for its own namespace",
		}},
	})
}
