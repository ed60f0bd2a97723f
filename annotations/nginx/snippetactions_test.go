package nginx

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func diffStatements(want, got []statement) string {
	return cmp.Diff(want, got, cmp.AllowUnexported(returnStatement{}, rewriteStatement{}, responseStatement{}, requestStatement{},
		hideStatement{}, accessStatement{}, ifStatement{}, locationStatement{}, bodyStatement{}, timeoutStatement{}, contentTypeStatement{}))
}

func setOp(name, value string) model.HeaderOp {
	return model.HeaderOp{Name: name, Value: model.Text(value)}
}

func TestUnderstoodSnippets(t *testing.T) {
	for name, c := range map[string]struct {
		snippet string
		server  bool
		want    []statement
	}{
		"an answer":                 {"return 410;", false, []statement{returnStatement{code: 410}}},
		"an answer with text":       {`return 200 "ok $host";`, false, []statement{returnStatement{code: 200, body: model.Value{{Text: "ok "}, {Var: model.VarHost}}}}},
		"a redirect to a URL":       {"return 308 https://a.test$request_uri;", false, []statement{returnStatement{code: 308, location: model.Value{{Text: "https://a.test"}, {Var: model.VarRequestURI}}}}},
		"a redirect to a path":      {"return 302 /login;", false, []statement{returnStatement{code: 302, location: model.Text("/login"), relative: true}}},
		"a URL alone is a redirect": {"return http://a.test/;", false, []statement{returnStatement{code: 302, location: model.Text("http://a.test/")}}},
		"headers of the response": {
			`more_set_headers "A: b" 'C: d: e'; more_clear_headers X-Powered-By; more_set_headers "E:"; add_header F g always; add_header H $scheme;`, false,
			[]statement{
				responseStatement{op: setOp("A", "b"), always: true}, responseStatement{op: setOp("C", "d: e"), always: true},
				responseStatement{op: model.HeaderOp{Name: "X-Powered-By", Remove: true}, always: true},
				responseStatement{op: model.HeaderOp{Name: "E", Remove: true}, always: true},
				responseStatement{op: model.HeaderOp{Name: "F", Value: model.Text("g"), Add: true}, always: true},
				responseStatement{op: model.HeaderOp{Name: "H", Value: model.Value{{Var: model.VarScheme}}, Add: true}},
			},
		},
		"headers of the request": {
			`proxy_set_header X-To-App "$host"; proxy_set_header Origin ""; proxy_set_header X-T $http_x_t; more_set_input_headers "A: b"; more_clear_input_headers C;`, false,
			[]statement{
				requestStatement{op: model.HeaderOp{Name: "X-To-App", Value: model.Value{{Var: model.VarHost}}}},
				requestStatement{op: model.HeaderOp{Name: "Origin", Remove: true}},
				requestStatement{op: model.HeaderOp{Name: "X-T", Value: model.Value{{Var: model.VarHeader, Text: "x-t"}}, Empty: true}},
				requestStatement{op: setOp("A", "b")}, requestStatement{op: model.HeaderOp{Name: "C", Remove: true}},
			},
		},
		"headers of backends": {"proxy_hide_header l5d-server-id;", false, []statement{hideStatement{name: "l5d-server-id"}}},
		"what switches WebSockets on is there already": {
			"proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";", false, nil,
		},
		"hosts": {
			`if ($host = "old.test") { return 410; } if ($http_host != a.test) { return 403; }`, false,
			[]statement{
				ifStatement{match: model.Match{Headers: []model.HeaderMatch{{Name: ":authority", Regex: `(?i)old\.test(?::[0-9]*)?`}}}, then: returnStatement{code: 410}},
				ifStatement{match: model.Match{Headers: []model.HeaderMatch{{Name: ":authority", Exact: "a.test", Not: true}}}, then: returnStatement{code: 403}},
			},
		},
		"lists of addresses": {
			"allow 10.1.2.3/8; allow ::1; deny all;", false,
			[]statement{accessStatement{cidr: "10.0.0.0/8"}, accessStatement{cidr: "::1/128"}, accessStatement{deny: true}},
		},
		"limits": {
			"client_max_body_size 8m; proxy_read_timeout 1h; proxy_connect_timeout 500ms; proxy_send_timeout 5;", false,
			[]statement{
				bodyStatement{most: 8 << 20}, timeoutStatement{of: "read", time: time.Hour}, timeoutStatement{of: "connect", time: 500 * time.Millisecond},
				timeoutStatement{of: "send", time: 5 * time.Second},
			},
		},
		"limits of a host are overridden by every location": {"client_max_body_size 8m; proxy_set_header A b;", true, nil},
		"an internal rewrite": {
			"rewrite ^/int/(.*)$ /internal/$1 break;", false,
			[]statement{rewriteStatement{
				pattern: Pattern{Match: "^/int/(.*)$", Rewrite: "^/int/(.*)$", Groups: 1, Names: map[string]int{}}, target: Target{Substitution: `/internal/\1`},
			}},
		},
		"a redirecting rewrite": {
			"rewrite ^/old /new? permanent;", true,
			[]statement{rewriteStatement{
				pattern: Pattern{Match: "^/old.*", Rewrite: "^/old.*$", Names: map[string]int{}}, target: Target{Literal: "/new", DropQuery: true}, code: 301,
			}},
		},
		"a rewrite to a URL redirects": {
			"rewrite ^/old https://b.test/new;", true,
			[]statement{rewriteStatement{
				pattern: Pattern{Match: "^/old.*", Rewrite: "^/old.*$", Names: map[string]int{}},
				target:  Target{Absolute: true, URLScheme: "https", Authority: "b.test", Literal: "/new"}, code: 302,
			}},
		},
		"a rewrite of everything to a URL is a redirect": {
			"rewrite ^(.*)$ https://b.test$request_uri? permanent;", false,
			[]statement{returnStatement{code: 301, location: model.Value{{Text: "https://b.test"}, {Var: model.VarRequestURI}}}},
		},
		"a condition on a header": {
			`if ($http_user_agent ~* "evilbot") { return 403; }`, true,
			[]statement{ifStatement{
				match: model.Match{Headers: []model.HeaderMatch{{Name: "user-agent", Regex: "(?i).*(?:evilbot).*"}}}, then: returnStatement{code: 403},
			}},
		},
		"a condition with a redirect": {
			`if ( $scheme = http ) { rewrite ^ https://$http_host$request_uri? redirect; }`, false,
			[]statement{ifStatement{
				match: model.Match{Scheme: "http"},
				then:  returnStatement{code: 302, location: model.Value{{Text: "https://"}, {Var: model.VarAuthority}, {Var: model.VarRequestURI}}},
			}},
		},
		"locations": {
			`location = /robots.txt { access_log off; default_type text/plain; return 200 "User-agent: *"; } location ^~ /x/ { deny all; } location /pre { return 404; } location ~ \.php$ { return 403; }`, true,
			[]statement{
				locationStatement{path: model.ExactPath("/robots.txt"), length: 11, kind: "=", then: []statement{contentTypeStatement{value: "text/plain"}, returnStatement{code: 200, body: model.Text("User-agent: *")}}},
				locationStatement{path: model.BelowPrefix("/x/"), length: 3, kind: "^~", then: []statement{accessStatement{deny: true}}},
				locationStatement{path: model.RegexPath("/pre.*"), length: 4, then: []statement{returnStatement{code: 404}}},
				locationStatement{path: model.RegexPath(`.*\.php$`), kind: "~", then: []statement{returnStatement{code: 403}}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := understand(c.snippet, c.server, nil)
			if diff := diffStatements(c.want, got.sts); diff != "" {
				t.Error(diff)
			}
			if len(got.unknown) > 0 || got.protective {
				t.Errorf("not understood: %v", got.unknown)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	header := func(h model.HeaderMatch) model.Match { return model.Match{Headers: []model.HeaderMatch{h}} }
	for condition, want := range map[string]model.Match{
		`($http_x = "a b")`:                       header(model.HeaderMatch{Name: "x", Exact: "a b"}),
		`($http_x != y)`:                          header(model.HeaderMatch{Name: "x", Exact: "y", Not: true}),
		`($http_x = "")`:                          header(model.HeaderMatch{Name: "x", Regex: ".+", Not: true}),
		`($http_x != "")`:                         header(model.HeaderMatch{Name: "x", Regex: ".+"}),
		`($http_x)`:                               header(model.HeaderMatch{Name: "x", Regex: ".{2,}|[^0]"}),
		`( $http_x_y ~ ^a$ )`:                     header(model.HeaderMatch{Name: "x-y", Regex: ".*(?:^a$).*"}),
		`($http_referer !~* spam)`:                header(model.HeaderMatch{Name: "referer", Regex: "(?i).*(?:spam).*", Not: true}),
		`($request_method = POST)`:                {Methods: []string{"POST"}},
		`($request_method ~ ^(PUT|DELETE)$)`:      {Methods: []string{"PUT", "DELETE"}},
		`($request_method !~ ^(GET|HEAD)$)`:       header(model.HeaderMatch{Name: ":method", Regex: ".*(?:^(GET|HEAD)$).*", Not: true}),
		`($request_method != GET)`:                header(model.HeaderMatch{Name: ":method", Exact: "GET", Not: true}),
		`($scheme != https)`:                      {Scheme: "http"},
		`($request_uri ~ "^/a\?b")`:               header(model.HeaderMatch{Name: ":path", Regex: `.*(?:^/a\?b).*`}),
		`($http_x_forwarded_proto = 'http')`:      header(model.HeaderMatch{Name: "x-forwarded-proto", Exact: "http"}),
		`(${http_user_agent} ~ (curl|wget))`:      header(model.HeaderMatch{Name: "user-agent", Regex: ".*(?:(curl|wget)).*"}),
		`($http_user_agent ~* (a|b) )`:            header(model.HeaderMatch{Name: "user-agent", Regex: "(?i).*(?:(a|b)).*"}),
		"($http_user_agent ~* \"x y|\\\"z\\\"\")": header(model.HeaderMatch{Name: "user-agent", Regex: `(?i).*(?:x y|"z").*`}),
	} {
		got := understand("if "+condition+" { return 403; }", true, nil)
		if len(got.unknown) > 0 {
			t.Errorf("%s is not understood", condition)
			continue
		}
		if diff := diffStatements([]statement{ifStatement{match: want, then: returnStatement{code: 403}}}, got.sts); diff != "" {
			t.Errorf("%s: %s", condition, diff)
		}
	}
}

func TestSnippetsThatAreNotUnderstood(t *testing.T) {
	for snippet, protective := range map[string]bool{
		"gzip on;": false, "expires 1d;": false, "sub_filter a b;": false, "more_set_headers -s 404 'A: b';": false, "more_clear_headers 'X-*';": false,
		"add_header A $cookie_x;": false, "more_set_headers \"A: $upstream_addr\";": false, "proxy_redirect off;": false,
		"auth_basic x;": true, "auth_request /x;": true, "limit_req zone=a;": true, "limit_except GET { deny all; }": true, "satisfy any;": true,
		"internal;": true, "set $a b;": true, "proxy_pass http://x;": true, "access_by_lua_block { return ngx.exit(403) }": true, "deny unix:;": true,
		"deny 300.1.1.1;": true, "return;": true, "return 99;": true, "return 301;": true, "return 200 $cookie_x;": true, "rewrite ^/a /b;": true,
		"rewrite ^/a /b last;": true, "rewrite ^/a(?!b) /c break;": true, "rewrite ^/a /b? break;": true, "proxy_set_header A $upstream_addr;": true,
		"if ($remote_addr = 1.2.3.4) { return 403; }": true, "if ($http_x ~ \"^$\") { return 403; }": true, "if ($host ~ x) { return 403; }": true, "if ($host = A.test) { return 403; }": true, "if ($host = a:80) { return 403; }": true, "if ($http_x = $host) { return 403; }": true,
		"if ($http_x_forwarded_for ~ 1.2) { return 403; }": true, "if (-f x) { return 403; }": true, "if ($http_x) { set $a b; }": true,
		"if ($http_x) { return 403; return 404; }": true, "if ($http_x) { rewrite ^/a /b break; }": true, "if () { return 403; }": true, "if { return 403; }": true,
		"if ($scheme = ftp) { return 403; }": true, "location /x { return 403; }": true, "return 403": true, "client_max_body_size 8x;": true, "whatever;": true,
		"error_page 404 /x;": true, "proxy_hide_header 'a b';": false, "proxy_read_timeout never;": false, "return 403 { }": true,
	} {
		got := understand(snippet, false, nil)
		if len(got.unknown) == 0 {
			t.Errorf("%s is understood", snippet)
		}
		if diff := cmp.Diff(protective, got.protective); diff != "" {
			t.Errorf("%s: %s", snippet, diff)
		}
	}
	for _, snippet := range []string{
		"location = /x { proxy_pass http://y; }", "location = x { return 403; }", "location ~ (?=a) { return 403; }", "location @x { return 403; }",
		"location = /x { }", "location = /x { allow 10.0.0.0/8; deny all; }", "location ~ \\ba { return 403; }", "rewrite ^/a /b break;", "location { return 403; }",
		"location = /a /b { return 403; }", "location == /a { return 403; }",
	} {
		if got := understand(snippet, true, nil); len(got.unknown) != 1 || !got.protective || got.sts != nil {
			t.Errorf("%s: %v, not understood %v", snippet, got.sts, got.unknown)
		}
	}
}

func TestUnknownDirectivesAreQuoted(t *testing.T) {
	got := understand("return 403;\nauth_basic\n  \"closed area\";\nset $a b;\ngzip on;", false, nil)
	if diff := diffStatements([]statement{returnStatement{code: 403}}, got.sts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`"auth_basic "closed area";"`, `"set $a b;"`, `"gzip on;"`}, got.unknown); diff != "" || !got.protective {
		t.Error(diff)
	}
}

func TestConstantsOfTheLocationAreKnownToSnippets(t *testing.T) {
	consts := fixed(map[string]string{"service_name": "app", "namespace": "ns", "service_port": "80"})
	got := understand("proxy_set_header l5d-dst-override $service_name.$namespace.svc.cluster.local:$service_port;", false, consts)
	want := []statement{requestStatement{op: setOp("l5d-dst-override", "app.ns.svc.cluster.local:80")}}
	if diff := diffStatements(want, got.sts); diff != "" {
		t.Error(diff)
	}
}
