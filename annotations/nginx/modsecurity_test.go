package nginx

import "testing"

func TestRulesThatRefuse(t *testing.T) {
	for rules, want := range map[string]struct {
		engine engine
		hidden bool
	}{
		"":                                    {engineUnsaid, false},
		"SecRuleEngine On":                    {engineBlocks, false},
		"secruleengine \"on\"":                {engineBlocks, false},
		"SecRuleEngine DetectionOnly":         {engineDetects, false},
		"SecRuleEngine On\nSecRuleEngine Off": {engineDetects, false},
		"# SecRuleEngine On":                  {engineUnsaid, false},
		"SecAuditEngine On":                   {engineUnsaid, false},
		"SecRule ARGS x \"id:1,ctl:ruleEngine=On\"":                       {engineBlocks, false},
		"Include /etc/nginx/owasp-modsecurity-crs/nginx-modsecurity.conf": {engineUnsaid, false},
		"Include /etc/nginx/modsecurity/modsecurity.conf":                 {engineDetects, false},
		"Include /etc/nginx/mine.conf":                                    {engineUnsaid, true},
		"SecRemoteRules key https://rules.test":                           {engineUnsaid, true},
	} {
		if got := engineOf(rules); got != want.engine {
			t.Errorf("%q: engine %v, want %v", rules, got, want.engine)
		}
		if got := hidesRules(rules); got != want.hidden {
			t.Errorf("%q: hides rules: %v", rules, got)
		}
	}
}
