package validate

import (
	"fmt"
	"strings"
	"testing"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

const (
	inRouter = `{context: GATEWAY, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}`
	inChain  = `{context: GATEWAY, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}`
	tf       = "type.googleapis.com/envoy.extensions.filters.http."
)

// httpFilter is a patch that inserts a filter.
func httpFilter(value string) string {
	return "configPatches: [{applyTo: HTTP_FILTER, match: " + inRouter + ", patch: {operation: INSERT_BEFORE, value: " + value + "}}]"
}

// mergedRoute is a patch of every route of VirtualService NAME; fault is there without being inserted.
func mergedRoute(value string) string {
	return "configPatches: [{applyTo: HTTP_ROUTE, match: {context: GATEWAY}, patch: {operation: MERGE, value: " + value + "}}]"
}

// runFilters checks EnvoyFilters twice, as messages and as trees: the answers are the same. What is wanted is relative to
// the first patch.
func runFilters(t *testing.T, cases map[string]specCase) {
	t.Helper()
	for name, tt := range cases {
		for i := range tt.want {
			tt.want[i] = "spec.configPatches[0]." + tt.want[i]
		}
		t.Run(name, func(t *testing.T) {
			typed := object(t, "EnvoyFilter i2g-test", tt.spec)
			asTree := *typed
			asTree.Spec = tree(t, tt.spec)
			for form, o := range map[string]*manifest.Object{"message": typed, "tree": &asTree} {
				if diff := cmp.Diff(tt.want, reasons(Fast([]*manifest.Object{o}))); diff != "" {
					t.Errorf("problems of the %s (-want +got):\n%s", form, diff)
				}
			}
		})
	}
}

func TestPatches(t *testing.T) {
	const fault = `{name: i2g.length, disabled: true, typed_config: {"@type": "` + tf + `fault.v3.HTTPFault"}}`
	patch := func(applyTo, match, op string) string {
		return fmt.Sprintf("configPatches: [{applyTo: %s, match: %s, patch: {operation: %s, value: %s}}]", applyTo, match, op, fault)
	}
	runFilters(t, map[string]specCase{
		"a filter before the router": {spec: httpFilter(fault)},
		"a filter in front":          {spec: patch("HTTP_FILTER", inChain, "INSERT_FIRST")},
		"a filter behind the router": {spec: patch("HTTP_FILTER", inRouter, "INSERT_AFTER"),
			want: []string{"match: INSERT_AFTER puts a filter behind the router: Envoy refuses the listener"}},
		"a filter at an uncertain place": {spec: patch("HTTP_FILTER", strings.Replace(inRouter, "envoy.filters.http.router", "envoy.filters.http.cors", 1), "INSERT_BEFORE"),
			want: []string{"match.listener.filterChain.filter.subFilter.name: only envoy.filters.http.router is certain to be there"}},
		"an unknown type of object": {spec: patch("BOOTSTRAP", "{}", "MERGE"), want: []string{"patch.value: patches of BOOTSTRAP are not emitted by this program"}},
		"the wrong match":           {spec: patch("HTTP_FILTER", "{cluster: {name: x}}", "INSERT_FIRST"), want: []string{"match: HTTP_FILTER is found by a listener match"}},
		"a context without its match": {spec: patch("HTTP_FILTER", "{context: WAYPOINT}", "INSERT_FIRST"),
			want: []string{"match.context: WAYPOINT and the waypoint match go together"}},
		"a version that is none": {spec: patch("HTTP_FILTER", `{proxy: {proxyVersion: "("}}`, "INSERT_FIRST"),
			want: []string{`match.proxy.proxyVersion: "(" is not a regular expression`}},
		"an anchor of no name": {spec: patch("HTTP_FILTER", "{listener: {filterChain: {filter: {subFilter: {}}}}}", "INSERT_FIRST"),
			want: []string{"match.listener.filterChain.filter.name: is required"}},
		"no value":          {spec: "configPatches: [{applyTo: CLUSTER, patch: {operation: ADD}}]", want: []string{"patch.value: is required for ADD"}},
		"no operation":      {spec: "configPatches: [{applyTo: CLUSTER, patch: {}}]", want: []string{"patch.operation: is required"}},
		"nothing to patch":  {spec: "configPatches: [{patch: {operation: REMOVE}}]", want: []string{"applyTo: is required"}},
		"something removed": {spec: "configPatches: [{applyTo: CLUSTER, match: {cluster: {name: x}}, patch: {operation: REMOVE}}]"},
		"every route, by an empty match": {spec: "configPatches: [{applyTo: HTTP_ROUTE, match: {routeConfiguration: {vhost: {route: {}}}}, patch: {operation: MERGE, value: {}}}]",
			want: []string{"match.routeConfiguration.vhost.route: matches every route"}},
	})
}

func TestValuesAreDecodedStrictly(t *testing.T) {
	runFilters(t, map[string]specCase{
		"a misspelt field": {spec: httpFilter(`{name: i2g.x, typed_config: {"@type": "` + tf + `fault.v3.HTTPFault", abort: {http_statos: 503}}}`),
			want: []string{`patch.value: Envoy cannot read this: unknown field "http_statos"`}},
		"a misspelt field of the filter": {spec: httpFilter(`{name: i2g.x, typedConfig: {"@type": "` + tf + `fault.v3.HTTPFault"}, disable: true}`),
			want: []string{`patch.value: Envoy cannot read this: unknown field "disable"`}},
		"a type that Istio's proxy lacks": {spec: httpFilter(`{name: i2g.x, typed_config: {"@type": "` + tf + `custom_response.v3.CustomResponse"}}`),
			want: []string{`patch.value: Envoy cannot read this: unable to resolve "` + tf + `custom_response.v3.CustomResponse": "not found"`}},
		"no type":          {spec: httpFilter(`{name: i2g.x, typed_config: {}}`), want: []string{"patch.value.typed_config: has no @type: Istio drops the whole object"}},
		"no configuration": {spec: httpFilter(`{name: i2g.x}`), want: []string{"patch.value.typed_config: is required"}},
		"a value out of range, deep inside": {spec: httpFilter(`{name: i2g.x, typed_config: {"@type": "` + tf + `fault.v3.HTTPFault", abort: {http_status: 99, percentage: {numerator: 100}}}}`),
			want: []string{"patch.value.typed_config.abort.http_status: value must be inside range [200, 600)"}},
		"a required value left out": {spec: httpFilter(`{name: "", typed_config: {"@type": "` + tf + `buffer.v3.Buffer"}}`),
			want: []string{"patch.value.name: value length must be at least 1 runes", "patch.value.typed_config.max_request_bytes: value is required and must not be nil."}},
		"the same left out of what is merged": {spec: `configPatches: [{applyTo: NETWORK_FILTER, match: ` + inChain + `, patch: {operation: MERGE, value: {typed_config: {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", common_http_protocol_options: {headers_with_underscores_action: DROP_HEADER}}}}}]`},
		"a wrong value in what is merged": {spec: `configPatches: [{applyTo: NETWORK_FILTER, match: ` + inChain + `, patch: {operation: MERGE, value: {typed_config: {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", max_request_headers_kb: 0, local_reply_config: {mappers: [{status_code: 500}]}}}}}]`,
			want: []string{
				"patch.value.typed_config.max_request_headers_kb: value must be inside range (0, 8192]",
				"patch.value.typed_config.local_reply_config.mappers[0].filter: value is required",
			}},
		"settings of a route": {spec: mergedRoute(`{route: {cluster: x}, typed_per_filter_config: {envoy.filters.http.fault: {"@type": "` + tf + `fault.v3.HTTPFault", abort: {http_status: 503}}}}`)},
		"a wrong setting of a route": {spec: mergedRoute(`{typed_per_filter_config: {envoy.filters.http.fault: {"@type": "` + tf + `fault.v3.HTTPFault", abort: {http_status: 1}}}}`),
			want: []string{"patch.value.typed_per_filter_config[envoy.filters.http.fault].abort.http_status: value must be inside range [200, 600)"}},
	})
}

func TestWhatEnvoyRefusesWithoutSayingSoInItsTypes(t *testing.T) {
	const hm = `"@type": "` + tf + `header_mutation.v3.HeaderMutation"`
	mutation := func(header string) string {
		return httpFilter(`{name: i2g.x, typed_config: {` + hm + `, mutations: {request_mutations: [{append: {header: ` + header + `}}]}}}`)
	}
	const at = "patch.value.typed_config.mutations.request_mutations[0].append.header."
	rbac := func(principal string) string {
		return httpFilter(`{name: i2g.ip, typed_config: {"@type": "` + tf + `rbac.v3.RBAC", rules: {policies: {p: {permissions: [{any: true}], principals: [` + principal + `]}}}}}`)
	}
	users := func(list string) string {
		return httpFilter(`{name: i2g.basic, typed_config: {"@type": "` + tf + `basic_auth.v3.BasicAuth", users: {inline_string: "` + list + `"}}}`)
	}
	const sha = "{SHA}AAAAAAAAAAAAAAAAAAAAAAAAAAA="
	runFilters(t, map[string]specCase{
		"a header":           {spec: mutation(`{key: x, value: "%REQ(:PATH)%"}`)},
		"the Host header":    {spec: mutation(`{key: Host, value: x}`), want: []string{at + `key: "Host" may not be set`}},
		"a pseudo header":    {spec: mutation(`{key: ":method", value: x}`), want: []string{at + `key: ":method" may not be set`}},
		"an unknown command": {spec: mutation(`{key: x, value: "100%"}`), want: []string{at + `value: "100%": a % is neither doubled nor the beginning of a command`}},
		"headers taken away": {spec: mergedRoute(`{request_headers_to_remove: [x, Host, ":path"]}`), want: []string{
			`patch.value.request_headers_to_remove: "Host" may not be removed`, `patch.value.request_headers_to_remove: ":path" may not be removed`,
		}},
		"an address that is none": {spec: rbac(`{remote_ip: {address_prefix: 10.0.0.300, prefix_len: 8}}`),
			want: []string{`patch.value.typed_config.rules.policies[p].principals[0].remote_ip.address_prefix: "10.0.0.300" is not an address`}},
		"a prefix that is none": {spec: rbac(`{remote_ip: {address_prefix: 10.0.0.0, prefix_len: 33}}`),
			want: []string{"patch.value.typed_config.rules.policies[p].principals[0].remote_ip.prefix_len: 33 is above 32"}},
		"a broken expression": {spec: rbac(`{header: {name: x, string_match: {safe_regex: {regex: "("}}}}`),
			want: []string{"patch.value.typed_config.rules.policies[p].principals[0].header.string_match.safe_regex.regex: \"(\": missing closing ): `(`"}},
		"a group that is none": {spec: mergedRoute(`{redirect: {regex_rewrite: {pattern: {regex: "a"}, substitution: "\\1"}}}`),
			want: []string{`patch.value.redirect.regex_rewrite.substitution: "\\1": \1: the pattern has 0 groups`}},
		"users":    {spec: users("a:" + sha + `\n# c\n\nb:` + sha)},
		"no users": {spec: users(""), want: []string{"patch.value.typed_config.users.inline_string: is empty"}},
		"users that are none": {spec: users("a:" + sha + `\na:` + sha + `\nb:$2y$x\nc\n:` + sha), want: []string{
			`patch.value.typed_config.users.inline_string: user "a" is given twice`,
			`patch.value.typed_config.users.inline_string: user "b": only NAME:{SHA}HASH is readable`,
			`patch.value.typed_config.users.inline_string: user "c": only NAME:{SHA}HASH is readable`,
			`patch.value.typed_config.users.inline_string: user "": only NAME:{SHA}HASH is readable`,
		}},
		"a bucket filled too often": {spec: httpFilter(`{name: i2g.ratelimit, typed_config: {"@type": "` + tf + `local_ratelimit.v3.LocalRateLimit", stat_prefix: i2g, token_bucket: {max_tokens: 1, fill_interval: 0.04s}}}`),
			want: []string{"patch.value.typed_config.token_bucket.fill_interval: 40ms is less than 50ms"}},
		"a guard that is open": {spec: mergedRoute(`{typed_per_filter_config: {envoy.filters.http.fault: {"@type": "` + tf + `fault.v3.HTTPFault", headers: [{name: x, string_match: {exact: a}, invert_match: true}]}}}`),
			want: []string{`patch.value.typed_per_filter_config[envoy.filters.http.fault].headers: inverted match on "x" without treat_missing_header_as_empty`}},
		"a cut expression": {spec: `configPatches: [{applyTo: NETWORK_FILTER, match: ` + inChain + `, patch: {operation: MERGE, value: {typed_config: {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", local_reply_config: {mappers: [{status_code: 500, filter: {extension_filter: {name: x, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter, expression: "xds.route_name in ['a"}}}}]}}}}}]`,
			want: []string{`patch.value.typed_config.local_reply_config.mappers[0].filter.extension_filter.typed_config.expression: expression "xds.route_name in ['a": open quote`}},
		"a text of a local reply": {spec: `configPatches: [{applyTo: NETWORK_FILTER, match: ` + inChain + `, patch: {operation: MERGE, value: {typed_config: {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", local_reply_config: {body_format: {text_format_source: {inline_string: "%X%"}}}}}}}]`,
			want: []string{`patch.value.typed_config.local_reply_config.body_format.text_format_source: "%X%": unknown command "X"`}},
	})
}

func TestEnvoyMessagesInATreeAreCheckedAsTheyWillBePrinted(t *testing.T) {
	fault, err := anypb.New(&faultv3.HTTPFault{MaxActiveFaults: nil, Headers: []*routev3.HeaderMatcher{{Name: ""}}})
	require.NoError(t, err)
	route := &routev3.Route{TypedPerFilterConfig: map[string]*anypb.Any{"envoy.filters.http.fault": fault}}
	o := &manifest.Object{APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter", Namespace: "istio-system", Name: "i2g-x", Spec: manifest.Map{
		{Key: "configPatches", Value: []any{manifest.Map{
			{Key: "applyTo", Value: "HTTP_ROUTE"}, {Key: "patch", Value: manifest.Map{{Key: "operation", Value: "MERGE"}, {Key: "value", Value: route}}},
		}}},
	}}
	want := []string{"spec.configPatches[0].patch.value.typed_per_filter_config[envoy.filters.http.fault].headers[0].name: value length must be at least 1 runes"}
	if diff := cmp.Diff(want, reasons(Fast([]*manifest.Object{o}))); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
