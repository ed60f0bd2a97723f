package validate

import (
	"strings"
	"testing"
)

// entry is a VirtualService with one http entry.
func entry(text string) string { return "hosts: [a.test]\ngateways: [g]\nhttp: [" + text + "]" }

// runEntries checks http entries; what is wanted is relative to the entry.
func runEntries(t *testing.T, cases map[string]specCase) {
	t.Helper()
	for name, c := range cases {
		c.spec = entry(c.spec)
		for i := range c.want {
			if strings.HasPrefix(c.want[i], ":") {
				c.want[i] = "spec.http[0]" + c.want[i]
			} else {
				c.want[i] = "spec.http[0]." + c.want[i]
			}
		}
		cases[name] = c
	}
	run(t, "VirtualService shop/web", cases, leaf(t, "shop/d"))
}

const backend = `route: [{destination: {host: app.shop.svc.cluster.local, port: {number: 80}}}]`

func TestActions(t *testing.T) {
	runEntries(t, map[string]specCase{
		"a redirect":               {spec: `{redirect: {uri: /x, authority: "b.test:80", scheme: https, redirectCode: 308, derivePort: FROM_REQUEST_PORT}}`},
		"a redirect of prefixes":   {spec: `{match: [{uri: {prefix: /a}}], redirect: {prefixRewrite: /b}}`},
		"a response":               {spec: `{directResponse: {status: 503, body: {string: closed}}, headers: {response: {set: {a: b}}}}`},
		"a delegate with settings": {spec: `{match: [{uri: {prefix: /a}}], delegate: {name: d, namespace: shop}, rewrite: {uri: /}, timeout: 5s}`},
		"nothing":                  {spec: `{}`, want: []string{": needs exactly one of route, redirect, directResponse and delegate, has 0"}},
		"two things": {spec: `{redirect: {uri: /x}, ` + backend + `}`,
			want: []string{": needs exactly one of route, redirect, directResponse and delegate, has 2"}},
		"a redirect that rewrites": {spec: `{redirect: {uri: /x}, rewrite: {uri: /y}, fault: {abort: {httpStatus: 503}}}`,
			want: []string{"rewrite: is not allowed beside redirect", "fault: is not allowed beside redirect"}},
		"a response that rewrites": {spec: `{directResponse: {status: 200}, rewrite: {uri: /y}}`, want: []string{"rewrite: is not allowed beside directResponse"}},
		"a root with a route":      {spec: `{delegate: {name: d}, ` + backend + `}`, want: []string{"delegate: excludes route, redirect and directResponse"}},
		"a root of nobody": {spec: `{delegate: {name: "D d", namespace: "N n"}}`,
			want: []string{`delegate.name: "D d" is not the name of a VirtualService`, `delegate.namespace: "N n" is not a namespace`, "delegate: no VirtualService N n/D d: the entry vanishes"}},
		"codes that Istio does not carry out": {spec: `{redirect: {uri: /x, redirectCode: 304}}`, want: []string{"redirect.redirectCode: 304 is none of 301, 302, 303, 307, 308"}},
		"a redirect to the same place":        {spec: `{redirect: {redirectCode: 301}}`, want: []string{"redirect: changes nothing"}},
		"a redirect to two places": {spec: `{match: [{uri: {exact: /a}}], redirect: {uri: /x, prefixRewrite: /y, scheme: ftp}}`, want: []string{
			"redirect: uri and prefixRewrite exclude each other", "redirect.prefixRewrite: match[0].uri is not a prefix",
			`redirect.scheme: "ftp" is neither http nor https`,
		}},
		"a redirect to no port":         {spec: `{redirect: {uri: /x, port: 0}}`, want: []string{"redirect.port: 0 is not a port (1 to 65535)"}},
		"a redirect with a line break":  {spec: `{redirect: {uri: "/x\r\nSet-Cookie: a=b"}}`, want: []string{`redirect.uri: "/x\r\nSet-Cookie: a=b" holds a line break`}},
		"a response of no status":       {spec: `{directResponse: {status: 99}}`, want: []string{"directResponse.status: 99 is not a status (200 to 599)"}},
		"a response above the limit":    {spec: `{directResponse: {status: 200, body: {string: "` + strings.Repeat("x", 1<<20-10) + `"}}}`, want: nil},
		"a name that cannot be patched": {spec: `{name: "a b", ` + backend + `}`, want: []string{`name: "a b" holds white space: no patch could name it`}},
	})
}

func TestALargeResponseIsRefused(t *testing.T) {
	runEntries(t, map[string]specCase{"one byte too many": {
		spec: `{directResponse: {status: 200, body: {string: "` + strings.Repeat("x", 1<<20+1) + `"}}}`,
		want: []string{"directResponse.body: 1048577 bytes, at most 1048576"},
	}})
}

func TestRewrites(t *testing.T) {
	runEntries(t, map[string]specCase{
		"a path":       {spec: `{rewrite: {uri: /}, ` + backend + `}`},
		"a host":       {spec: `{rewrite: {authority: "b.test:8080"}, ` + backend + `}`},
		"groups":       {spec: `{rewrite: {uriRegexRewrite: {match: "^/a/(b)(.*)", rewrite: "/\\1\\2\\0\\\\"}}, ` + backend + `}`},
		"nothing":      {spec: `{rewrite: {}, ` + backend + `}`, want: []string{"rewrite: changes nothing"}},
		"two ways":     {spec: `{rewrite: {uri: /, uriRegexRewrite: {match: a, rewrite: b}}, ` + backend + `}`, want: []string{"rewrite: uri and uriRegexRewrite exclude each other"}},
		"half a regex": {spec: `{rewrite: {uriRegexRewrite: {match: a}}, ` + backend + `}`, want: []string{"rewrite.uriRegexRewrite: match and rewrite are required"}},
		"a missing group": {spec: `{rewrite: {uriRegexRewrite: {match: "^/a(.*)", rewrite: "/\\2"}}, ` + backend + `}`,
			want: []string{`rewrite.uriRegexRewrite.rewrite: "/\\2": \2: the pattern has 1 groups`}},
		"an escape that is none": {spec: `{rewrite: {uriRegexRewrite: {match: "^/a", rewrite: "/\\x"}}, ` + backend + `}`,
			want: []string{`rewrite.uriRegexRewrite.rewrite: "/\\x": \x means nothing; \ is written \\`}},
		"an escape at the end": {spec: `{rewrite: {uriRegexRewrite: {match: "^/a", rewrite: "/\\"}}, ` + backend + `}`,
			want: []string{`rewrite.uriRegexRewrite.rewrite: "/\\": ends in a single \`}},
		"the host in two places": {spec: `{rewrite: {authority: b.test}, headers: {request: {set: {Host: c.test}}}, ` + backend + `}`,
			want: []string{": the Host header is written in 2 places"}},
	})
}

func TestRoutesToBackends(t *testing.T) {
	runEntries(t, map[string]specCase{
		"weights that do not add up to 100": {spec: `{route: [{destination: {host: a.shop.svc.cluster.local}, weight: 1}, {destination: {host: b.shop.svc.cluster.local}, weight: 2}]}`},
		"all weights 0": {spec: `{route: [{destination: {host: a.shop.svc.cluster.local}}, {destination: {host: b.shop.svc.cluster.local}}]}`,
			want: []string{"route: the weights add up to 0"}},
		"weights that hide a negative one": {spec: `{route: [{destination: {host: a.shop.svc.cluster.local}, weight: -1}, {destination: {host: b.shop.svc.cluster.local}, weight: 101}]}`,
			want: []string{"route[0].weight: -1 is negative"}},
		"no destination":      {spec: `{route: [{}]}`, want: []string{"route[0].destination: is required"}},
		"a short name":        {spec: `{route: [{destination: {host: app}}]}`, want: []string{`route[0].destination.host: "app" is a short name`}},
		"a wildcard":          {spec: `{route: [{destination: {host: "*.shop.svc"}}]}`, want: []string{`route[0].destination.host: "*.shop.svc": label "*" is not a DNS label`}},
		"no name":             {spec: `{route: [{destination: {port: {number: 80}}}]}`, want: []string{`route[0].destination.host: "": empty name`}},
		"a number":            {spec: `{route: [{destination: {host: 10.0.0.1}}]}`, want: []string{`route[0].destination.host: "10.0.0.1": the last label is a number`}},
		"no port":             {spec: `{route: [{destination: {host: a.b, port: {}}}]}`, want: []string{"route[0].destination.port.number: 0 is not a port (1 to 65535)"}},
		"a subset":            {spec: `{route: [{destination: {host: a.b, subset: "x y"}}]}`, want: []string{`route[0].destination.subset: "x y" is not a DNS label`, `route[0].destination.subset: no DestinationRule for a.b defines "x y"`}},
		"mirrors":             {spec: `{mirrors: [{destination: {host: m.shop.svc.cluster.local}, percentage: {value: 50}}], ` + backend + `}`},
		"mirrors twice":       {spec: `{mirror: {host: a.b}, mirrors: [{destination: {host: a.b}}], ` + backend + `}`, want: []string{"mirrors: mirror and mirrors exclude each other"}},
		"mirrors of none":     {spec: `{mirrors: [{percentage: {value: 101}}], ` + backend + `}`, want: []string{"mirrors[0].percentage: 101 is not from 0 to 100", "mirrors[0].destination: is required"}},
		"a share of a mirror": {spec: `{mirror: {host: a.b}, mirrorPercentage: {value: -1}, ` + backend + `}`, want: []string{"mirrorPercentage: -1 is not from 0 to 100"}},
	})
}

func TestRetriesTimeoutsAndFaults(t *testing.T) {
	runEntries(t, map[string]specCase{
		"no retries":            {spec: `{retries: {attempts: 0}, ` + backend + `}`},
		"retries":               {spec: `{retries: {attempts: 2, perTryTimeout: 60s, retryOn: "connect-failure,503,retriable-status-codes", backoff: 0.001s}, ` + backend + `}`},
		"a timeout":             {spec: `{timeout: 0.001s, ` + backend + `}`},
		"switched off, but how": {spec: `{retries: {attempts: 0, retryOn: 5xx}, ` + backend + `}`, want: []string{"retries.attempts: 0 switches retries off and excludes perTryTimeout, retryOn and retryRemoteLocalities"}},
		"negative":              {spec: `{retries: {attempts: -1}, ` + backend + `}`, want: []string{"retries.attempts: -1 is negative"}},
		"conditions that are none": {spec: `{retries: {attempts: 1, retryOn: "error,999, 5xx"}, ` + backend + `}`, want: []string{
			`retries.retryOn: "error" is not a condition`, `retries.retryOn: "999" is not a condition`, `retries.retryOn: " 5xx" is not a condition`,
		}},
		"a timeout of 0":      {spec: `{timeout: 0s, ` + backend + `}`, want: []string{"timeout: 0s is less than 1ms"}},
		"a timeout below 1ms": {spec: `{timeout: 0.0001s, ` + backend + `}`, want: []string{"timeout: 100µs is less than 1ms"}},
		"a timeout of 1.5ms":  {spec: `{timeout: 0.0015s, ` + backend + `}`, want: []string{"timeout: 1.5ms is not a whole number of milliseconds"}},
		"a fault":             {spec: `{fault: {abort: {httpStatus: 503, percentage: {value: 100}}, delay: {fixedDelay: 1s}}, ` + backend + `}`},
		"a fault of nothing":  {spec: `{fault: {}, ` + backend + `}`, want: []string{"fault: needs abort or delay"}},
		"faults that are none": {spec: `{fault: {abort: {grpcStatus: BAD, percentage: {value: 101}}, delay: {percentage: {value: 0.00001}}}, ` + backend + `}`, want: []string{
			"fault.abort.percentage: 101 is neither 0 nor from 0.0001 to 100", `fault.abort.grpcStatus: "BAD" is not a gRPC status`,
			"fault.delay.percentage: 1e-05 is neither 0 nor from 0.0001 to 100", "fault.delay: needs fixedDelay",
		}},
		"an abort without a status": {spec: `{fault: {abort: {}}, ` + backend + `}`, want: []string{"fault.abort: needs httpStatus or grpcStatus"}},
	})
}

func TestCORS(t *testing.T) {
	runEntries(t, map[string]specCase{
		"a policy": {spec: `{corsPolicy: {allowOrigins: [{exact: "*"}, {regex: "https://.*[.]a[.]test"}], allowMethods: [GET, "*"], allowHeaders: [X-A, "*"], exposeHeaders: ["*"], maxAge: 1728000s}, ` + backend + `}`},
		"what is none": {spec: `{corsPolicy: {allowOrigins: [{}, {regex: "["}], allowMethods: [get], allowHeaders: ["a b"], exposeHeaders: [""], maxAge: 1.5s}, ` + backend + `}`, want: []string{
			"corsPolicy.allowOrigins[0]: matches nothing", "corsPolicy.allowOrigins[1].regex: \"[\": missing closing ]: `[`",
			`corsPolicy.allowMethods: "get" is not a method`, `corsPolicy.allowHeaders: "a b" is not a header`,
			`corsPolicy.exposeHeaders: "" is not a header`, "corsPolicy.maxAge: 1.5s is not a whole number of seconds",
		}},
	})
}
