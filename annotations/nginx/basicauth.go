package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// BasicAuth asks for a user name and password. auth-type switches it on: without it ingress-nginx leaves the location open,
// whatever auth-secret says. With it, a Secret that is missing, foreign or without users closes the Ingress with 503.
var BasicAuth = annotations.Feature{
	Name: "basic-auth",
	Keys: []annotations.Key{
		{
			Name: "auth-type", Syntax: "basic | digest", Scope: "location", Risk: "Low", Protect: true,
			Check: contains("basic", "digest"), Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Switches password authentication on.",
			Note: "password check on the route; users whose hashes are neither {SHA} nor {PLAIN} are refused, because Envoy cannot check them",
		},
		{
			Name: "auth-secret", Syntax: "name or namespace/name", Scope: "location", Risk: "Medium", Protect: true,
			Check: basicChars, Invalid: annotations.CloseIngress, Class: finding.Approximate,
			Doc:  "Secret with the users and their password hashes. Another namespace needs allow-cross-namespace-resources.",
			Note: "its users become part of the platform's configuration, readable by whoever may read EnvoyFilters there; hashes other than {SHA} and {PLAIN} cannot be checked",
		},
		{
			Name: "auth-secret-type", Syntax: "auth-file | auth-map", Default: "auth-file", Scope: "location", Risk: "Low", Needs: "auth-type",
			Check: contains("auth-file", "auth-map"), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Whether the Secret holds one htpasswd file under the key auth, or one key per user.",
			Note: "both forms are read when converting",
		},
		{
			Name: "auth-realm", Syntax: "text", Scope: "location", Risk: "Medium", Needs: "auth-type",
			Check: chars(spaceSet), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Text of the password challenge. nginx takes the word off for no authentication at all.",
			Note: "the challenge carries the same realm",
		},
	},
}
