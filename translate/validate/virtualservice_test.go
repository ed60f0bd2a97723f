package validate

import (
	"fmt"
	"strings"
	"testing"
)

func TestVirtualServices(t *testing.T) {
	const route = `http: [{route: [{destination: {host: app.shop.svc.cluster.local}}]}]`
	run(t, "VirtualService shop/web", map[string]specCase{
		"hosts of all forms are accepted": {spec: `
hosts: [a.test, "*.b.test", "10.0.0.1"]
gateways: [istio-system/i2g-http, i2g-cert]
exportTo: [istio-system]
` + route},
		"a delegate is accepted": {spec: "exportTo: [istio-system]\n" + route},
		"a root is accepted": {spec: `
hosts: [a.test]
gateways: [g]
exportTo: ["."]
http: [{name: shop/web/a.test/1, match: [{uri: {regex: "(?i)/x/[0-9]+.*"}}], delegate: {namespace: shop, name: a-test-1}}]`},
		"SNI routes are accepted": {spec: `
hosts: ["*.a.test"]
gateways: [g]
tls: [{match: [{port: 443, sniHosts: [x.a.test]}], route: [{destination: {host: app.shop.svc.cluster.local, port: {number: 443}}}]}]`},
		"TCP routes are accepted": {spec: `
hosts: ["*"]
gateways: [g]
tcp: [{match: [{port: 9000}], route: [{destination: {host: app.shop.svc.cluster.local, port: {number: 9000}}}]}]`},
		"no routes": {spec: "hosts: [a.test]\ngateways: [g]", want: []string{"spec.http: http, tls or tcp is required"}},
		"a delegate with gateways and TCP routes": {spec: `
gateways: [g]
tcp: [{route: [{destination: {host: app.shop.svc.cluster.local}}]}]`, want: []string{
			"spec.gateways: a delegate (no hosts) has no gateways", "spec: a delegate (no hosts) has only http routes",
		}},
		"hosts that overlap": {spec: "hosts: [a.test, \"*.test\", a.test]\ngateways: [g]\n" + route, want: []string{
			`spec.hosts[1]: "a.test" and "*.test" overlap`, `spec.hosts[2]: "a.test" and "a.test" overlap`, `spec.hosts[2]: "*.test" and "a.test" overlap`,
		}},
		"a host that is none": {spec: "hosts: [\"a_b.test\"]\ngateways: [g]\n" + route, want: []string{
			`spec.hosts[0]: "a_b.test": label "a_b" is not a DNS label`,
		}},
		"every host of the mesh": {spec: "hosts: [\"*\"]\n" + route, want: []string{"spec.hosts[0]: * is not allowed for the mesh"}},
		"gateways that are none": {spec: "hosts: [a.test]\ngateways: [\"a/b/c\", \"/b\", \"x.y\"]\n" + route, want: []string{
			`spec.gateways[0]: "a/b/c" is not namespace/name of a Gateway`, `spec.gateways[1]: "/b" is not namespace/name of a Gateway`,
			`spec.gateways[2]: "x.y" is not namespace/name of a Gateway`,
		}},
		"exportTo everybody and somebody": {spec: "hosts: [a.test]\ngateways: [g]\nexportTo: [\"*\", shop, \".\", \"~\", A_b]\n" + route, want: []string{
			`spec.exportTo[0]: "*" stands alone or not at all`, `spec.exportTo[2]: "." is given twice`,
			"spec.exportTo[3]: ~ is only for ServiceEntry", `spec.exportTo[3]: "~" stands alone or not at all`,
			`spec.exportTo[4]: "A_b" is not a namespace`,
		}},
		"SNI hosts of somebody else": {spec: `
hosts: [a.test]
gateways: [g]
tls: [{match: [{sniHosts: [b.test]}, {}], route: [{destination: {host: app.shop.svc.cluster.local}}]}, {}]`, want: []string{
			`spec.tls[0].match[0].sniHosts: "b.test" is not among the hosts`, "spec.tls[0].match[1].sniHosts: is required",
			"spec.tls[1].match: a TLS route needs a match", "spec.tls[1].route: is required",
		}},
		"TCP matches that are none": {spec: `
hosts: ["*"]
gateways: [g]
tcp: [{match: [{port: 70000, destinationSubnets: [10.0.0.0/33], sourceLabels: {"a b": "c d"}, gateways: ["a/b/c"]}], route: [{weight: 0}, {destination: {host: app.shop.svc.cluster.local}, weight: -1}]}]`,
			want: []string{
				"spec.tcp[0].match[0].port: 70000 is not a port (1 to 65535)",
				`spec.tcp[0].match[0].destinationSubnets: "10.0.0.0/33" is not an address or CIDR`,
				`spec.tcp[0].match[0].sourceLabels: "a b" is not the key of a label`,
				`spec.tcp[0].match[0].sourceLabels[a b]: "c d" is not the value of a label`,
				`spec.tcp[0].match[0].gateways[0]: "a/b/c" is not namespace/name of a Gateway`,
				"spec.tcp[0].route[0].destination: is required", "spec.tcp[0].route[1].weight: -1 is negative",
			}},
	}, leaf(t, "shop/a-test-1"))
}

func TestOverlapsAreFoundInLongListsToo(t *testing.T) {
	var hosts []string
	for i := range 100 {
		hosts = append(hosts, fmt.Sprintf("h%d.test", i))
	}
	spec := func(more string) string {
		return `hosts: [` + strings.Join(hosts, ", ") + more + `]
gateways: [g]
http: [{route: [{destination: {host: app.shop.svc.cluster.local}}]}]`
	}
	run(t, "VirtualService shop/web", map[string]specCase{
		"none":             {spec: spec(`, "*.other"`)},
		"a host twice":     {spec: spec(`, h7.test`), want: []string{`spec.hosts[100]: "h7.test" is given twice`}},
		"a wider wildcard": {spec: spec(`, "*.x.test", y.x.test`), want: []string{`spec.hosts[101]: "y.x.test" and "*.x.test" overlap`}},
	})
}

func TestEntriesBehindACatchAllAreShadowed(t *testing.T) {
	const to = `route: [{destination: {host: app.shop.svc.cluster.local}}]`
	spec := func(entries ...string) string {
		text := "hosts: [a.test]\ngateways: [g]\nhttp:\n"
		for _, e := range entries {
			text += "- {" + e + "}\n"
		}
		return text
	}
	run(t, "VirtualService shop/web", map[string]specCase{
		"a catch-all at the end": {spec: spec(`match: [{uri: {exact: /x}}], `+to, `match: [{uri: {prefix: /}}], `+to)},
		"one that looks at a header, the host or the method": {spec: spec(
			`match: [{uri: {prefix: /}, headers: {x: {exact: "1"}}}], `+to, `match: [{uri: {prefix: /}, authority: {exact: a.test}}], `+to,
			`match: [{method: {exact: PUT}}], `+to, to)},
		"a regex that Istio does not take for one": {spec: spec(`match: [{uri: {regex: "/.*"}}], `+to, `match: [{uri: {exact: /x}}], `+to)},
		"a guard behind a delegate":                {spec: spec(`match: [{uri: {prefix: /}}], delegate: {name: d}`, `match: [{uri: {prefix: /}}], directResponse: {status: 503}`)},
		"one for another port":                     {spec: spec(`match: [{port: 80}], redirect: {scheme: https}`, `match: [{port: 443, uri: {exact: /x}}], `+to)},
		"a prefix": {spec: spec(`match: [{uri: {prefix: /}}], `+to, `match: [{uri: {exact: /x}}], `+to),
			want: []string{"spec.http[1].match[0]: is never reached: http[0] catches everything"}},
		"a regex": {spec: spec(`match: [{uri: {regex: ".*"}}], `+to, to),
			want: []string{"spec.http[1]: is never reached: http[0] catches everything"}},
		"no match at all": {spec: spec(to, `match: [{uri: {exact: /x}}], `+to),
			want: []string{"spec.http[1].match[0]: is never reached: http[0] catches everything"}},
		"one of the same port": {spec: spec(`match: [{port: 80}], redirect: {scheme: https}`, `match: [{port: 80, uri: {exact: /x}}, {port: 443}], `+to),
			want: []string{"spec.http[1].match[0]: is never reached: http[0] catches everything"}},
		"later matches of the same entry": {spec: spec(`match: [{uri: {prefix: /}}, {uri: {exact: /x}}], ` + to),
			want: []string{"spec.http[0].match[1]: is never reached: http[0] catches everything"}},
	}, leaf(t, "shop/d"))
}
