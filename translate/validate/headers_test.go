package validate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeaderOperations(t *testing.T) {
	runEntries(t, map[string]specCase{
		"all of them": {spec: `{headers: {request: {set: {X-A: "%REQ(X-B)%", Host: b.test}, add: {x-c: ""}, remove: [X-D]}, response: {set: {X-E: "100%%"}, remove: [server]}}, ` + backend + `}`},
		"those of a destination": {spec: `{route: [{destination: {host: a.b}, headers: {request: {set: {":path": /x}}}}]}`,
			want: []string{"route[0].headers.request.set[:path]: not the name of a header"}},
		"what may not be changed": {spec: `{headers: {request: {remove: [Host, ":authority", "a b"]}, response: {set: {Host: x}, add: {":status": "200", "": x}}}, ` + backend + `}`, want: []string{
			`headers.request.remove: "Host" cannot be removed`, `headers.request.remove: ":authority" cannot be removed`,
			`headers.request.remove: "a b" cannot be removed`, "headers.response.set[Host]: cannot be changed",
			"headers.response.add[]: not the name of a header", "headers.response.add[:status]: not the name of a header",
		}},
		"values that are none": {spec: `{headers: {request: {set: {a: "100%", b: "x\ny", c: "%COOKIE(x)%", d: '%CEL(request.headers["x"])%'}}}, ` + backend + `}`, want: []string{
			`headers.request.set[a]: "100%": not readable for Istio: a % is neither doubled nor part of a command`,
			`headers.request.set[b]: "x\ny": holds a control character`,
			`headers.request.set[c]: "%COOKIE(x)%": unknown command "COOKIE"`,
			`headers.request.set[d]: "%CEL(request.headers[\"x\"])%": not readable for Istio: a % is neither doubled nor part of a command`,
		}},
	})
}

// The answers were compared with those of Envoy 1.40 in its mode "validate".
func TestFormatStringsAreReadAsEnvoyReadsThem(t *testing.T) {
	for value, want := range map[string]string{
		"":                   "",
		"plain":              "",
		"100%%":              "",
		"%PROTOCOL%":         "",
		"a %REQ(A?:PATH)% b": "",
		"%REQ(X):20%":        "",
		"%PATH(NQ:PATH)%":    "",
		"%PATH%":             "",
		"%START_TIME(%Y%m)%": "",
		"%QUERY_PARAM(a b)%": "",
		"%GRPC_STATUS%":      "",
		"%CEL(request.scheme == 'https' ? '443' : '80')%":               "",
		`%CEL(re.extract(request.host, '^([^:]+)(:[0-9]+)?$', '\\1'))%`: "",
		`%CEL(request.headers["x"])%`:                                   "",
		"%CEL(request.query == '' ? '' : '?')%%CEL(request.query)%":     "",
		"%DYNAMIC_METADATA(i2g:rd)%":                                    "",
		"%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%":                      "",
		"100%":                   "a % is neither doubled nor the beginning of a command",
		"a%b":                    "a % is neither doubled nor the beginning of a command",
		"%foo%":                  "a % is neither doubled nor the beginning of a command",
		"%%REQ(a)%":              "a % is neither doubled nor the beginning of a command",
		"%REQ(a)%x%":             "a % is neither doubled nor the beginning of a command",
		"%REQ(a)":                "command REQ is not closed",
		"%COOKIE(a)%":            `unknown command "COOKIE"`,
		"%REQ_WITHOUT_QUERY(a)%": `unknown command "REQ_WITHOUT_QUERY"`,
		"%REQ%":                  "command REQ needs an argument",
		"%REQ()%":                "command REQ needs an argument",
		"%REQ(a?b?c)%":           `command REQ: "a?b?c" is not the name of a header`,
		"%REQ(a:b)%":             `command REQ: "a:b" is not the name of a header`,
		"%REQ(a b)%":             `command REQ: "a b" is not the name of a header`,
		"%PROTOCOL(a)%":          "command PROTOCOL takes no argument",
		"%PROTOCOL:5%":           "command PROTOCOL takes no length",
		"%PATH(x)%":              "command PATH takes only WQ, NQ, WQ:PATH, NQ:PATH, WQ:ORIG, NQ:ORIG, WQ:ORIG_OR_PATH, NQ:ORIG_OR_PATH",
		"%CEL(f('a)%":            `expression "f('a": open quote`,
		"%CEL(f[a)%":             `expression "f[a": open bracket`,
		"%CEL(f(a])%":            `expression "f(a]": brackets do not match`,
	} {
		t.Run(value, func(t *testing.T) {
			if diff := cmp.Diff(want, formatProblem(value)); diff != "" {
				t.Errorf("reason (-want +got):\n%s", diff)
			}
		})
	}
}

// The answers are those of the parser in Istio's webhook.
func TestHeaderValuesAreReadAsIstioReadsThem(t *testing.T) {
	for value, ok := range map[string]bool{
		"%VAR%": true, "a%%b": true, "%VAR(a)%": true, `%VAR(["a", "b"])%`: true, "%VAR(a) %": true, "%VAR( a)%": true, `%VAR(a\)b)%`: true,
		"%": false, "a%b": false, "%VAR(a": false, `%VAR(a"b)%`: false, "%VAR(a)b%": false, `%VAR(["a" "b"])%`: false, `%VAR([a])%`: false,
		`%VAR(a\`: false, "%VAR(f(a))%": false, "%VAR(": false,
	} {
		t.Run(value, func(t *testing.T) {
			if got := istioFormatProblem(value) == ""; got != ok {
				t.Errorf("accepted: %v, want %v", got, ok)
			}
		})
	}
}
