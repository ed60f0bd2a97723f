package nginx

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The values and outcomes below follow the controller's own validators, release 1.15.
var checkCases = map[string]struct {
	check     checker
	good, bad []string
}{
	"booleans are Go's":                    {boolean, []string{"", "true", "T", "1", "FALSE", "f", "0"}, []string{"yes", "on", "tRue", "true ", "2"}},
	"integers have no unit":                {integer, []string{"", "0", "5", "-3", "+7"}, []string{"5s", "1.5", " 5", "0x10", "99999999999999999999", "1_000"}},
	"numbers may be fractions":             {number, []string{"", "0.3", "1e3", "5"}, []string{"a", "0,3"}},
	"durations are Go's":                   {duration, []string{"", "5s", "1m30s", "0"}, []string{"5", "1d", "s"}},
	"ranges have two ends":                 {between(1, 9), []string{"", "1", "9"}, []string{"0", "10", "x"}},
	"words keep their case":                {oneOf("on", "off"), []string{"", "on", "off", " on "}, []string{"On", "true", "o n"}},
	"words in any case":                    {oneOfAnyCase("HTTP", "GRPC"), []string{"", "http", "Grpc", " HTTP "}, []string{"https", "h ttp"}},
	"on and off with spaces between":       {onOffSpaced, []string{"", "on", "of f"}, []string{"ON", "true"}},
	"a word anywhere in the text":          {contains("basic", "digest"), []string{"", "basic", "xdigestx", "bas ic"}, []string{"Basic", "none", "basic\nx"}},
	"names and paths":                      {basicChars, []string{"", "ns/name", "a.b-c_d~e:80", "a b"}, []string{"a,b", "a$b", "a?b", "ä", "a\tb"}},
	"texts with spaces":                    {chars(spaceSet), []string{"", "Authentication Required - ok"}, []string{"it's", "a,b", `"x"`, "a\nb"}},
	"URLs":                                 {chars(urlSet), []string{"", "https://a.test/x?y=z&w=1,2", "/path"}, []string{"https://a/$request_uri", "https://a/%20", "a b", "https://a/#x"}},
	"URLs with spaces between":             {urlChars, []string{"/a /b", "off"}, []string{"~^/(.*)$ /$1"}},
	"URLs with variables":                  {urlVars, []string{"", "http://$host/oauth2/auth?a=$arg_x", "https://a.test/x y"}, []string{"http://a/;", "http://a/{x}", "http://a/\n"}},
	"texts with variables":                 {variables, []string{"", "$request_uri", "${host}-x", "a b"}, []string{"$a/$b", "a.b", "$a;"}},
	"paths with captures":                  {chars(targetSet), []string{"", "/$1/x", "/a-b_c.d~e:f", "x"}, []string{"/a b", "/a?b", "/(.*)", "/a#b"}},
	"server names":                         {serverName, []string{"", "a.test", "*.a.test", `~^www\d+\.a\.test$`, " a.test "}, []string{"a,b", "a;b", "a b", "a#b", `a"b`}},
	"lists of server names":                {serverNames, []string{"", "a.test, *.b.test", ","}, []string{"a.test;b.test", "a.test, b test"}},
	"lists of header names":                {headerNames, []string{"", "X-User, X_Groups", "X-A,,X-B"}, []string{"X User", "X-User;", "X:Y", "*"}},
	"headers for preflights":               {chars(headersSet), []string{"", "DNT, X-A,X_B", "a b"}, []string{"*", "X-A\nX-B", "x;y"}},
	"names of Services":                    {serviceName, []string{"", "web", "w-1"}, []string{"1web", "Web", "ns/web", "web-", "a.b", strings.Repeat("a", 64)}},
	"common names":                         {commonName, []string{"", "CN=alice", "CN=(a|b)", "CN="}, []string{"alice", "CN=(", "cn=a", `CN=(?=a)`}},
	"seconds of cookies":                   {cookieSeconds, []string{"", "0", "3600", "-1", "0abc", "x10", "010"}, []string{"abc", "1h", "3600s", "-0", "x0", "0\n"}},
	"networks and addresses":               {cidrs, []string{"", "10.0.0.0/8", "10.0.0.1, ::1,2001:db8::/32", "10.1.2.3/8"}, []string{"10.0.0.0/33", "10.0.0", "10.0.0.0/8,", "a.test", "fe80::1%eth0", ","}},
	"networks, at least one":               {someCIDRs, []string{"10.0.0.0/8"}, []string{"", "x", " "}},
	"pages for failed certificates":        {redirectPage, []string{"", "https://a.test:8443/x/y/", "/error", "@page", "a.test/x"}, []string{"ftp://a.test", "/a?b", "https://a/$x", "//x"}},
	"root paths":                           {rootPath, []string{"", "/start", "/a/b$c"}, []string{"start", "https://a.test/x", "/a b", "/a?b", "//%zz"}},
	"URLs with scheme and host":            {absoluteURL, []string{"http://a.test/x", "https://$host/x"}, []string{"", "a.test/x", "/x", "http://", "http://a..b/", "http://a b/", "%"}},
	"settings may lack a URL":              {globalURL, []string{"", "http://a.test"}, []string{"a.test"}},
	"URLs that temporal-redirect follows":  {httpURL, []string{"http://a.test", "https://a.test/x"}, []string{"", "ftp://a.test", "/x", "a.test", "http://a b"}},
	"lists of origins":                     {corsOrigins, []string{"", "*", "null", "https://a.test, http://*.b.test:8080", "a.test", "app://x"}, []string{"https://a.test/", "*,https://a.test/x", "https://a_b.test", "https://a.test:x", "HTTPS://a.test"}},
	"one origin":                           {corsOrigin, []string{"https://a.test", "http://*.b.test:8080", "*", "null"}, []string{"a.test", "https://a.test/", "https://*", "https://a*b"}},
	"lists of methods":                     {corsMethods, []string{"", "GET, POST", "GET", "get,X"}, []string{"GET;POST", "GET,  POST", "GET-X", ","}},
	"lists of exposed headers":             {corsExposed, []string{"", "*", "X-A, X_B", "X-A *"}, []string{"X-A;", "X-A,,X-B", "X.A"}},
	"sizes":                                {size, []string{"", "0", "8m", "8M", "1024k", "1g", "10b", "8 m"}, []string{"8mb", "m", "-1", "1.5m", "8m;"}},
	"lists of statuses":                    {statusList, []string{"", "404", "404, 503", "404,503,", ",99"}, []string{"200", "404;503", "4040", "5xx", "600"}},
	"conditions of retries":                {tries, []string{"", "error timeout", "off", "http_503", "error timeout http_429 non_idempotent"}, []string{"http_500,http_502", "5xx", "error  timeout", "http_501", "Error"}},
	"TLS versions":                         {tlsVersions, []string{"", "TLSv1.2", "TLSv1.3 TLSv1.2"}, []string{"TLSv1.1", "TLSv1", "tlsv1.2", "TLSv1.2,TLSv1.3"}},
	"cipher strings of hosts":              {serverCiphers, []string{"", "ALL:!aNULL:!EXPORT56:RC4+RSA:+HIGH:@STRENGTH", "DEFAULT@SECLEVEL=1", "@STRENGTH"}, []string{"HIGH;x", "DEFAULT@SECLEVEL=9", "A@B", "A,B"}},
	"cipher strings of backends":           {unspaced(chars(cipherSet)), []string{"", "DEFAULT", "HIGH:!aNULL"}, []string{"DEFAULT@SECLEVEL=1", "A,B"}},
	"cookie domains":                       {cookieDomains, []string{"", "off", "a.test b.test"}, []string{"a.test", "a b c", "~\\.?a b", "Off"}},
	"methods of authentication requests":   {method, []string{"", "GET", "TRACE", "PO ST"}, []string{"get", "GETX", "PROPFIND"}},
	"times of the authentication cache":    {cacheDurations, []string{"", "5m", "200 202 30m, 401 1h 30m", "abc 5m", "5m x"}, []string{"200", "30m 200", "5", "200 202 30m, 401"}},
	"file names":                           {unspaced(chars(fileSet)), []string{"", "index.php", "a-b_c.d"}, []string{"a/b", "$x", "a;b"}},
	"regular expressions":                  {compiles, []string{"", "a.*b"}, []string{"(", `\1`, "(?!x)"}},
	"one line":                             {oneLine, []string{"", "a b"}, []string{"a\nb", "a\r"}},
	"what matches is matched as a whole":   {matching("a|bc", "a or bc"), []string{"", "a", "bc"}, []string{"abc", "bcx", "a\n", "xa"}},
	"two checks, both of which must agree": {both(integer, oneOf("1", "2")), []string{"", "1"}, []string{"3", "x"}},
}

func TestChecks(t *testing.T) {
	for name, c := range checkCases {
		t.Run(name, func(t *testing.T) {
			for _, v := range c.good {
				if err := c.check(v); err != nil {
					t.Errorf("%q is refused: %v", v, err)
				}
			}
			for _, v := range c.bad {
				err := c.check(v)
				if err == nil {
					t.Errorf("%q is accepted", v)
				} else if s := err.Error(); s == "" || len(s) > 200 || strings.ContainsAny(s, "\n\r\x00") || strings.HasSuffix(s, ".") {
					t.Errorf("%q: reason %q is no short phrase", v, s)
				}
			}
		})
	}
}

func TestBytesOf(t *testing.T) {
	type size struct {
		Bytes int64
		Known bool
	}
	for v, want := range map[string]size{
		"0": {0, true}, "1024": {1024, true}, "8k": {8 << 10, true}, "8M": {8 << 20, true}, " 2g ": {2 << 30, true},
		"10b": {}, "": {}, "m": {}, "8 m": {}, "-1": {}, "1.5m": {}, "9223372036854775807": {1<<63 - 1, true},
		"9223372036854775808": {}, "9223372036854775807k": {}, "99999999999g": {},
	} {
		n, ok := bytesOf(v)
		if diff := cmp.Diff(want, size{n, ok}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", v, diff)
		}
	}
}

// No check may panic, whatever it is given, and a reason must be fit to print.
func FuzzChecks(f *testing.F) {
	for _, c := range checkCases {
		for _, v := range append(c.good, c.bad...) {
			f.Add(v)
		}
	}
	f.Add("\x00\xff\xfe\u202e")
	features := Features()
	f.Fuzz(func(t *testing.T, v string) {
		for _, c := range checkCases {
			printable(t, c.check(v))
		}
		for _, feature := range features {
			for _, k := range feature.Keys {
				if k.Check != nil {
					printable(t, k.Check(v))
				}
			}
			for _, s := range feature.Settings {
				if s.Check != nil {
					printable(t, s.Check(v))
				}
			}
		}
		if n, ok := bytesOf(v); ok && (n < 0 || size(strings.TrimSpace(v)) != nil) {
			t.Errorf("%q: %d bytes", v, n)
		}
	})
}

func printable(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, r := range err.Error() {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200e && r <= 0x202e && r != '…' {
			t.Errorf("the reason holds %U", r)
		}
	}
}
