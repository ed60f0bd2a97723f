package nginx

import (
	"testing"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

var snippetsOn = map[string]string{"allow-snippet-annotations": "true", "annotations-risk-level": "Critical"}

// refuses tells whether nothing of a rule reaches a backend.
func refuses(r *model.Rule) bool {
	_, forwards := r.Action.(model.Forward)
	return r.Closed != nil || !forwards
}

// A directive that may protect a location must never just disappear.
func TestProtectiveDirectivesNeverOpen(t *testing.T) {
	for _, snippet := range []string{
		"deny all;", "deny 10.0.0.1", "auth_basic x; auth_basic_user_file /x;", "auth_request /x;", "satisfy any; gzip on;",
		"access_by_lua_block { ngx.exit(403) }", "access_by_lua_file x.lua;", "if ($blocked) { return 403; }", "set $a 1; if ($a) { return 403; }",
		"limit_except GET { deny all; }", "valid_referers none; if ($invalid_referer) { return 403; }", "internal;", "include /etc/x;",
		"root /x;", "return 403 $remote_addr;", "if ($arg_x = 1) { return 403; }", "deny unix:;", "limit_req zone=x;", "rewrite_by_lua_block { ngx.exit(403) }",
		"}", "location /x { deny all; }", "rewrite ^/a /b last;", "proxy_pass http://x;", "error_page 403 /x;",
	} {
		for _, key := range []string{"configuration-snippet", "server-snippet"} {
			if key == "server-snippet" && (snippet == "location /x { deny all; }" || snippet == "deny all;") {
				continue // understood there
			}
			rules, _ := rulesOf(t, snippetsOn, map[string]string{key: snippet})
			for _, r := range rules {
				if _, slash := r.Action.(model.Redirect); !refuses(r) && !slash {
					t.Errorf("%s: %q leaves %v open", key, snippet, r.Match.Path)
				}
			}
		}
	}
}

func TestSnippetsOfThePlatformNeverOpen(t *testing.T) {
	for setting, snippet := range map[string]string{
		"location-snippet": "auth_request /x;", "server-snippet": "access_by_lua_block { x() }", "http-snippet": "deny 10.0.0.1;",
	} {
		rules, codes := rulesOf(t, map[string]string{setting: snippet}, nil)
		if !codes[finding.ProtectionClosed] {
			t.Errorf("%s: nothing is said", setting)
		}
		for _, r := range rules {
			if !refuses(r) {
				t.Errorf("%s leaves %v open", setting, r.Match.Path)
			}
		}
	}
}

func TestSnippetsThatTheControllerIgnoresAreIgnored(t *testing.T) {
	rules, codes := rulesOf(t, map[string]string{"annotations-risk-level": "Critical"}, map[string]string{"configuration-snippet": "return 410;", "server-snippet": "return 410;"})
	if !codes[finding.KeyOverruled] || codes[finding.KeyRefused] {
		t.Errorf("codes %v", codes)
	}
	for _, r := range rules {
		if _, answered := r.Action.(model.Respond); answered && r.Match.Path == model.ExactPath("/app") {
			t.Error("the snippet answered")
		}
	}
}

func TestRulesOfSnippetsKeepWhatProtectsTheLocation(t *testing.T) {
	rules, _ := rulesOf(t, snippetsOn, map[string]string{
		"configuration-snippet": "rewrite ^/app/(.*)$ /$1 break; allow 10.0.0.0/8; deny all;", "denylist-source-range": "10.1.0.0/16",
	})
	n := 0
	for _, r := range rules {
		if _, forwards := r.Action.(model.Forward); !forwards {
			continue
		}
		n++
		if r.Access == nil || len(r.Access.Allow) == 0 {
			t.Errorf("%v: %+v", r.Match, r.Access)
		}
	}
	if n < 2 {
		t.Errorf("%d rules forward, want the location and its rewritten part", n)
	}
}
