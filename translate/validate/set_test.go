package validate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// all are problems with their objects, without the kind.
func all(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

func tlsGateway(t *testing.T, id, hosts string) *manifest.Object {
	return object(t, "Gateway "+id, `{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: `+hosts+`, tls: {mode: SIMPLE, credentialName: c}}]}`)
}

func TestNoTwoTLSServersNameOneHost(t *testing.T) {
	existing := func(selector, protocol string, ours bool) []*snapshot.Gateway {
		return []*snapshot.Gateway{{
			Key: snapshot.Key{Namespace: "other", Name: "old"}, Selector: map[string]string{"istio": selector}, Ours: ours,
			Servers: []snapshot.Server{{Port: 443, Protocol: protocol, Hosts: []string{"A.test"}}},
		}}
	}
	for name, tt := range map[string]struct {
		objs     []*manifest.Object
		existing []*snapshot.Gateway
		want     []string
	}{
		"different hosts":                   {objs: []*manifest.Object{tlsGateway(t, "a", `[shop/a.test]`), tlsGateway(t, "b", `[shop/b.test, "*.a.test"]`)}},
		"one host of two namespaces in one": {objs: []*manifest.Object{tlsGateway(t, "a", `[shop/a.test, istio-system/a.test]`)}},
		"one host of two namespaces in two": {
			objs: []*manifest.Object{tlsGateway(t, "a", `[shop/a.test]`), tlsGateway(t, "b", `[team/A.test, b.test]`)},
			want: []string{`Gateway istio-system/b: spec.servers[0]: TLS host "a.test" is served by server 0 of Gateway istio-system/a on port 443 too`},
		},
		"everything twice": {
			objs: []*manifest.Object{tlsGateway(t, "a", `["shop/*"]`), tlsGateway(t, "b", `["team/*"]`)},
			want: []string{`Gateway istio-system/b: spec.servers[0]: TLS host "*" is served by server 0 of Gateway istio-system/a on port 443 too`},
		},
		"a server that takes what no other one names": {
			objs: []*manifest.Object{tlsGateway(t, "a", `[istio-system/a.test]`), tlsGateway(t, "b", `["istio-system/*", shop/a.test]`)},
		},
		"the same text beside a server that takes everything": {
			objs: []*manifest.Object{tlsGateway(t, "a", `["istio-system/*", ./a.test]`), tlsGateway(t, "b", `[istio-system/a.test, b.test]`)},
			want: []string{`Gateway istio-system/b: spec.servers[0]: host "istio-system/a.test" is served by server 0 of Gateway istio-system/a on port 443 too`},
		},
		"an existing Gateway": {
			objs: []*manifest.Object{tlsGateway(t, "a", `[shop/a.test]`)}, existing: existing("ingressgateway", "HTTPS", false),
			want: []string{`Gateway istio-system/a: spec.servers[0]: TLS host "a.test" is served by server 0 of Gateway other/old on port 443 too`},
		},
		"an existing Gateway of another workload": {objs: []*manifest.Object{tlsGateway(t, "a", `[shop/a.test]`)}, existing: existing("other", "HTTPS", false)},
		"an existing Gateway of ours":             {objs: []*manifest.Object{tlsGateway(t, "a", `[shop/a.test]`)}, existing: existing("ingressgateway", "HTTPS", true)},
		"an existing Gateway that speaks plain HTTP on the port": {
			objs: []*manifest.Object{tlsGateway(t, "a", `[shop/b.test]`)}, existing: existing("ingressgateway", "HTTP", false),
			want: []string{"Gateway istio-system/a: spec.servers[0]: the protocol is not that of server 0 of Gateway other/old on port 443 too"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, all(FastWith(tt.objs, tt.existing))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlainHTTPHostsMayBeNamedTwice(t *testing.T) {
	const spec = `servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop/a.test]}]`
	if diff := cmp.Diff([]string(nil), all(Fast([]*manifest.Object{object(t, "Gateway a", spec), object(t, "Gateway b", spec)}))); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestReferencesFindTheirObjects(t *testing.T) {
	const plain = `{hosts: [a.test], gateways: [istio-system/i2g-cert], exportTo: [istio-system], http: [{route: [{destination: {host: app.shop.svc.cluster.local, subset: i2g-x}}]}]}`
	rule := object(t, "DestinationRule shop/app", `{host: app, subsets: [{name: i2g-x}]}`)
	for name, tt := range map[string]struct {
		objs     []*manifest.Object
		existing []*snapshot.Gateway
		want     []string
	}{
		"all is there": {objs: []*manifest.Object{tlsGateway(t, "i2g-cert", `[shop/a.test]`), object(t, "VirtualService shop/web", plain), rule}},
		"routes only":  {objs: []*manifest.Object{object(t, "VirtualService shop/web", plain), rule}},
		"the Gateway exists already": {
			objs:     []*manifest.Object{tlsGateway(t, "other", `[shop/a.test]`), object(t, "VirtualService shop/web", plain), rule},
			existing: []*snapshot.Gateway{{Key: snapshot.Key{Namespace: "istio-system", Name: "i2g-cert"}}},
		},
		"no such Gateway": {
			objs: []*manifest.Object{tlsGateway(t, "other", `[shop/a.test]`), object(t, "VirtualService shop/web", plain), rule},
			want: []string{"VirtualService shop/web: spec.gateways[0]: no Gateway istio-system/i2g-cert"},
		},
		"no such subset": {
			objs: []*manifest.Object{object(t, "VirtualService shop/web", plain), object(t, "DestinationRule team/app", `{host: app, subsets: [{name: i2g-x}]}`)},
			want: []string{`VirtualService shop/web: spec.http[0].route[0].destination.subset: no DestinationRule for app.shop.svc.cluster.local defines "i2g-x"`},
		},
		"what is broken is not looked for": {
			objs: []*manifest.Object{object(t, "VirtualService shop/web", plain), {APIVersion: "networking.istio.io/v1", Kind: "DestinationRule", Namespace: "shop", Name: "app", Spec: manifest.Map{{Key: "hosts", Value: "x"}}}},
			want: []string{"DestinationRule shop/app: spec.hosts: unknown field"},
		},
		"one identity twice": {
			objs: []*manifest.Object{rule, object(t, "DestinationRule shop/app", `{host: app}`)},
			want: []string{"DestinationRule shop/app: metadata.name: another object has the same identity"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, all(FastWith(tt.objs, tt.existing))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPatchesFindTheirRoutes(t *testing.T) {
	patch := func(route string) *manifest.Object {
		return object(t, "EnvoyFilter i2g-r", `configPatches: [{applyTo: HTTP_ROUTE, match: {context: GATEWAY, routeConfiguration: {vhost: {route: {name: "`+route+`"}}}}, patch: {operation: MERGE, value: {}}}]`)
	}
	const to = `route: [{destination: {host: app.shop.svc.cluster.local}}]`
	objs := []*manifest.Object{
		object(t, "VirtualService shop/web", `{hosts: [a.test], gateways: [g], http: [{name: plain, match: [{uri: {exact: /a}}], `+to+`}, {name: named, match: [{name: b, uri: {exact: /b}}, {name: ws, uri: {exact: /c}}], `+to+`}, {name: last, `+to+`}]}`),
		object(t, "VirtualService root", `{hosts: [b.test], gateways: [g], http: [{name: root, match: [{name: m, uri: {exact: /a}}, {uri: {exact: /b}}], delegate: {namespace: shop, name: leaf}}, {name: lost, match: [{uri: {exact: /c}}], delegate: {name: nobody}}]}`),
		object(t, "VirtualService shop/leaf", `{http: [{match: [{name: x, port: 80}], `+to+`}, {name: leaf, `+to+`}]}`),
	}
	const place = "EnvoyFilter istio-system/i2g-r: spec.configPatches[0].match: no VirtualService has a route "
	for route, found := range map[string]bool{
		"plain": true, "named.b": true, "named.ws": true, "last": true, "root.m-x": true, "root.x": true, "root-leaf": true, "root-leaf.m": true, "lost": true,
		"named": false, "plain.b": false, "root": false, "leaf": false, "other": false,
	} {
		t.Run(route, func(t *testing.T) {
			want := []string{"VirtualService istio-system/root: spec.http[1].delegate: no VirtualService istio-system/nobody: the entry vanishes"}
			if !found {
				want = append(want, place+`"`+route+`": the patch does nothing`)
			}
			if diff := cmp.Diff(want, all(Fast(append([]*manifest.Object{patch(route)}, objs...)))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if got := Fast([]*manifest.Object{patch(route)}); len(got) > 0 {
				t.Errorf("without VirtualServices nothing can be said, got %v", got)
			}
		})
	}
}

func TestSettingsOfRoutesFindTheirFilters(t *testing.T) {
	insert := func(name, filter string) *manifest.Object {
		return object(t, "EnvoyFilter "+name, httpFilter(`{name: i2g.buffer, disabled: true, typed_config: {"@type": "`+tf+filter+`", max_request_bytes: 1}}`))
	}
	configure := func(value string) *manifest.Object {
		return object(t, "EnvoyFilter route", mergedRoute(`{typed_per_filter_config: {i2g.buffer: `+value+`}}`))
	}
	const place = "EnvoyFilter istio-system/route: spec.configPatches[0].patch.value.typed_per_filter_config[i2g.buffer]: "
	perRoute := configure(`{"@type": "` + tf + `buffer.v3.BufferPerRoute", disabled: true}`)
	for name, tt := range map[string]struct {
		objs []*manifest.Object
		want []string
	}{
		"found":                  {objs: []*manifest.Object{insert("base", "buffer.v3.Buffer"), perRoute}},
		"found behind a wrapper": {objs: []*manifest.Object{insert("base", "buffer.v3.Buffer"), configure(`{"@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, config: {"@type": "` + tf + `buffer.v3.BufferPerRoute", disabled: true}}`)}},
		"not there":              {objs: []*manifest.Object{perRoute}, want: []string{place + "no filter of that name is inserted: Envoy ignores the setting"}},
		"of another type": {
			objs: []*manifest.Object{insert("base", "buffer.v3.Buffer"), configure(`{"@type": "` + tf + `buffer.v3.Buffer", max_request_bytes: 1}`)},
			want: []string{place + "is a envoy.extensions.filters.http.buffer.v3.Buffer; the filter wants envoy.extensions.filters.http.buffer.v3.BufferPerRoute"},
		},
		"inserted twice": {
			objs: []*manifest.Object{insert("base", "buffer.v3.Buffer"), insert("more", "buffer.v3.Buffer")},
			want: []string{`EnvoyFilter istio-system/more: spec.configPatches[0].patch.value.name: "i2g.buffer" is inserted by EnvoyFilter istio-system/base too`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, all(Fast(tt.objs))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRootsFindTheirDelegates(t *testing.T) {
	const to = `route: [{destination: {host: app.shop.svc.cluster.local}}]`
	root := func(match string) *manifest.Object {
		return object(t, "VirtualService root", `{hosts: [a.test], gateways: [g], http: [{match: [`+match+`], delegate: {namespace: shop, name: leaf}}]}`)
	}
	leaf := func(more, entries string) *manifest.Object {
		return object(t, "VirtualService shop/leaf", `{`+more+`http: [`+entries+`]}`)
	}
	const vanishes = "VirtualService istio-system/root: spec.http[0].delegate: "
	for name, tt := range map[string]struct {
		root, leaf *manifest.Object
		want       []string
	}{
		"a leaf without matches under a regex": {root: root(`{uri: {regex: "/x/[0-9]+"}}`), leaf: leaf(`exportTo: [istio-system], `, `{`+to+`}`)},
		"a leaf that narrows":                  {root: root(`{uri: {prefix: /x}, method: {exact: GET}}`), leaf: leaf("", `{match: [{uri: {prefix: /x/y}, method: {exact: GET}, headers: {a: {exact: b}}, port: 80}], `+to+`}, {match: [{uri: {exact: /x}}], `+to+`}`)},
		"no delegate":                          {root: root(`{uri: {prefix: /x}}`), leaf: object(t, "DestinationRule shop/leaf", `{host: a.b}`), want: []string{vanishes + "no VirtualService shop/leaf: the entry vanishes"}},
		"a delegate with hosts":                {root: root(`{uri: {prefix: /x}}`), leaf: leaf(`hosts: [b.test], gateways: [g], `, `{`+to+`}`), want: []string{vanishes + "shop/leaf has hosts of its own: the entry vanishes"}},
		"a delegate that is kept at home":      {root: root(`{uri: {prefix: /x}}`), leaf: leaf(`exportTo: ["."], `, `{`+to+`}`), want: []string{vanishes + "shop/leaf is not exported to istio-system: the entry vanishes"}},
		"a regex on both sides": {root: root(`{uri: {regex: "/x/[0-9]+"}}`), leaf: leaf("", `{match: [{uri: {regex: "/x/1"}}], `+to+`}`), want: []string{
			vanishes + "shop/leaf has no entry that fits the match: the entry vanishes", "VirtualService shop/leaf: spec.http[0].match: conflicts with every root that delegates here",
		}},
		"one entry of two that fits": {root: root(`{uri: {prefix: /x}, port: 80}`), leaf: leaf("", `{match: [{uri: {exact: /x/a}}], `+to+`}, {match: [{uri: {exact: /y}}, {uri: {exact: /x}}], `+to+`}, {match: [{port: 81}], `+to+`}`), want: []string{
			"VirtualService shop/leaf: spec.http[1].match: conflicts with every root that delegates here",
			"VirtualService shop/leaf: spec.http[2].match: conflicts with every root that delegates here",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, all(Fast([]*manifest.Object{tt.root, tt.leaf}))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
