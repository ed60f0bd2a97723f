package nginx

import (
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
}
