package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// ModSecurity is the web application firewall inside nginx. Envoy has none; what it refused passes after a translation.
var ModSecurity = annotations.Feature{
	Name: "modsecurity",
	Keys: []annotations.Key{
		{
			Name: "enable-modsecurity", Syntax: "true | false", Setting: "enable-modsecurity", Scope: "location", Risk: "Low", Protect: true, Check: boolean, Class: finding.Manual,
			Doc:  "Switches ModSecurity on or off for the location. Its recommended configuration only detects.",
			Note: "put a firewall in front of the gateway, or load Coraza as a WasmPlugin, and test your rules there",
		},
		{
			Name: "enable-owasp-core-rules", Syntax: "true | false", Default: "false", Setting: "enable-owasp-modsecurity-crs", Scope: "location", Risk: "Low", Protect: true, Check: boolean, Class: finding.Manual,
			Doc:  "Loads the OWASP Core Rule Set; it needs ModSecurity to be on.",
			Note: "Coraza brings the Core Rule Set along; load it as a WasmPlugin, or use a firewall in front of the gateway",
		},
		{
			Name: "modsecurity-transaction-id", Syntax: "text with variables", Scope: "location", Risk: "High", Check: variables, Invalid: annotations.Ignore, Class: finding.Manual,
			Doc: "Transaction id in the audit log.", Note: "correlate by X-Request-ID in the firewall that you choose",
		},
		{
			Name: "modsecurity-snippet", Syntax: "SecRule lines", Scope: "location", Risk: "Critical", Protect: true, Class: finding.Refused,
			Doc:  "Rules of the location. The risk level of the controller must admit them, which it does not by default.",
			Note: "the rules are lost; port them to Coraza or to a firewall in front of the gateway",
		},
	},
	Settings: []annotations.Setting{
		{Name: "modsecurity-snippet", Syntax: "SecRule lines", Class: finding.Refused,
			Doc: "Rules for every location where ModSecurity is on.", Note: "the rules are lost; port them to Coraza or to a firewall in front of the gateway"},
	},
	Route: modSecurity,
}

// engine is what the rules of a firewall say about refusing requests.
type engine int

const (
	engineUnsaid  engine = iota // nothing, or what cannot be seen from here
	engineDetects               // SecRuleEngine DetectionOnly or Off
	engineBlocks                // SecRuleEngine On
)

// modSecurity closes locations whose rules refuse requests. The recommended configuration only detects, so that nothing opens
// when it goes.
func modSecurity(r *annotations.Route) {
	global := switchedOn(r.Edge, "enable-modsecurity")
	own := r.Has("enable-modsecurity")
	if !own && !global {
		firewallOff(r, "ModSecurity is off here")
		return
	}
	if own && !r.Bool("enable-modsecurity") {
		r.Exact("enable-modsecurity", "the gateway has no such firewall")
		firewallOff(r, "enable-modsecurity is false")
		return
	}
	if r.SlashRedirect {
		return
	}
	rules := ""
	if r.Has("modsecurity-snippet") && snippetsAllowed(r.Ingress, "modsecurity-snippet") {
		rules = r.Text("modsecurity-snippet")
	}
	shared := ""
	if global {
		shared, _ = r.Edge.Settings.Get("modsecurity-snippet")
	}
	const why = "the firewall's rules refuse requests, and the gateway has no such firewall; put one in front of the gateway, or load Coraza as a WasmPlugin, with the same rules"
	switch e := engineOf(rules); {
	case e == engineBlocks, e == engineUnsaid && hidesRules(rules):
		r.FailClosed("modsecurity-snippet", why)
	case e == engineUnsaid && (engineOf(shared) == engineBlocks || hidesRules(shared)):
		closeBySetting(r, finding.ProtectionClosed, "modsecurity-snippet", why)
	default:
		detectionLost(r)
	}
}

// detectionLost says that what is only detected is lost, which no request notices.
func detectionLost(r *annotations.Route) {
	for _, key := range [...]string{"enable-modsecurity", "enable-owasp-core-rules"} {
		r.Noop(key, "the firewall only detects and refuses nothing")
	}
	name := "controller setting enable-modsecurity"
	if r.Has("enable-modsecurity") {
		name = "annotation " + r.Edge.Prefix + "enable-modsecurity"
	}
	r.Edge.Findings.Report(finding.DetectionLost, r.Origin("enable-modsecurity"), name)
}

// firewallOff says that the companions of enable-modsecurity have no effect.
func firewallOff(r *annotations.Route, why string) {
	for _, key := range [...]string{"enable-owasp-core-rules", "modsecurity-transaction-id", "modsecurity-snippet"} {
		r.Overruled(key, why)
	}
}

// engineOf reads rules: the last line that says something counts.
func engineOf(rules string) engine {
	out := engineUnsaid
	for line := range strings.Lines(rules) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if strings.Contains(strings.ToLower(line), "ctl:ruleengine=on") {
			return engineBlocks
		}
		if len(words) > 1 && strings.EqualFold(words[0], "Include") && words[1] == "/etc/nginx/modsecurity/modsecurity.conf" {
			out = engineDetects // the recommended configuration
		}
		if len(words) < 2 || !strings.EqualFold(words[0], "SecRuleEngine") {
			continue
		}
		switch mode := strings.Trim(words[1], `"';`); {
		case strings.EqualFold(mode, "On"):
			out = engineBlocks
		case strings.EqualFold(mode, "DetectionOnly"), strings.EqualFold(mode, "Off"):
			out = engineDetects
		}
	}
	return out
}

// hidesRules tells whether rules include others that cannot be seen from here. Those of the controller's own image do not
// switch the engine on.
func hidesRules(rules string) bool {
	for line := range strings.Lines(rules) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		include, remote := strings.EqualFold(words[0], "Include"), strings.EqualFold(words[0], "SecRemoteRules")
		if remote || include && !strings.HasPrefix(words[1], "/etc/nginx/owasp-modsecurity-crs/") && words[1] != "/etc/nginx/modsecurity/modsecurity.conf" {
			return true
		}
	}
	return false
}
