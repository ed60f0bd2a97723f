package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatches(t *testing.T) {
	match := func(m string) string { return `{match: [` + m + `], ` + backend + `}` }
	runEntries(t, map[string]specCase{
		"everything at once": {spec: match(`{name: b, uri: {exact: /a}, scheme: {exact: https}, method: {regex: "GET|PUT"}, authority: {prefix: a}, port: 443, ` +
			`headers: {x-a: {exact: ""}, ":path": {regex: "[^?]*/"}, cookie: {}, "@request.auth.claims.sub": {exact: x}}, withoutHeaders: {x-b: {regex: "*"}}, queryParams: {q: {prefix: x}}, ` +
			`sourceLabels: {a/b: c}, sourceNamespace: shop, gateways: [g]}`)},
		"paths that are none": {spec: match(`{uri: {exact: a}}, {uri: {prefix: ""}}, {uri: {}}, {uri: {regex: ""}}`), want: []string{
			`match[0].uri.exact: "a" does not begin with /`, `match[1].uri.prefix: "" does not begin with /`, "match[2].uri: matches nothing",
			`match[3].uri.regex: "": is empty`,
		}},
		"an empty prefix elsewhere": {spec: match(`{headers: {x: {prefix: ""}}}`), want: []string{"match[0].headers[x].prefix: is empty"}},
		"headers that are none": {spec: match(`{headers: {"a b": {exact: x}, "": {exact: x}, ":x": {exact: x}}}`), want: []string{
			"match[0].headers[]: not the name of a header", "match[0].headers[:x]: not the name of a header", "match[0].headers[a b]: not the name of a header",
		}},
		"a port that is none":    {spec: match(`{port: 65536}`), want: []string{"match[0].port: 65536 is not a port (1 to 65535)"}},
		"a name with a space":    {spec: match(`{name: "a b"}`), want: []string{`match[0].name: "a b" holds white space: no patch could name it`}},
		"a broken expression":    {spec: match(`{uri: {regex: "/(a"}}`), want: []string{"match[0].uri.regex: \"/(a\": missing closing ): `/(a`"}},
		"look-ahead":             {spec: match(`{uri: {regex: "/(?=a)"}}`), want: []string{"match[0].uri.regex: \"/(?=a)\": invalid or unsupported Perl syntax: `(?=`"}},
		"a namespace, not one":   {spec: match(`{sourceNamespace: "a b"}`), want: []string{`match[0].sourceNamespace: "a b" is not a namespace`}},
		"a parameter of no name": {spec: match(`{queryParams: {"": {exact: a}}}`), want: []string{"match[0].queryParams[]: empty name"}},
	})
}

func TestRegularExpressions(t *testing.T) {
	c := newCheck()
	for name, tt := range map[string]struct{ pattern, want string }{
		"plain":               {"(?i)/a/[0-9]+.*", ""},
		"a thousand a":        {"a{1000}", ""},
		"back references":     {`(a)\1`, "invalid escape sequence: `\\1`"},
		"repeated repetition": {"(?:[a-z]{1000}){2}", "invalid repeat count: `{2}`"},
		"a class, repeated":   {`\pL{200}`, ""},
		"large repetitions":   {strings.Repeat("[acegikmoqsuwy]{1000}", 4), "compiles to about 56002 instructions, at most 32768"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, c.regexProblem(tt.pattern)); diff != "" {
				t.Errorf("reason (-want +got):\n%s", diff)
			}
		})
	}
	long := "/" + strings.Repeat("a", 1024)
	runEntries(t, map[string]specCase{"a long one": {
		spec: `{match: [{uri: {regex: "` + long + `"}}], ` + backend + `}`,
		want: []string{"match[0].uri.regex: " + quote(long) + ": 1025 bytes, at most 1024"},
	}})
}
