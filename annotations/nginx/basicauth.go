package nginx

import (
	"crypto/sha1" //nolint:gosec // the only hash that the proxy checks
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// BasicAuth asks for a user name and password. auth-type switches it on: without it ingress-nginx leaves the location open,
// whatever auth-secret says. With it, a Secret that is missing, foreign or without users closes the Ingress with 503.
var BasicAuth = annotations.Feature{
	Name: "basic-auth",
	Keys: []annotations.Key{
		{
			Name: "auth-type", Syntax: "basic | digest", Scope: "location", Risk: "Low", Protect: true,
			Check: contains("basic", "digest"), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Switches password authentication on.",
			Note: "password check on the route; Envoy checks {SHA} and {PLAIN}; users with other hashes are refused, unless a service of the platform checks them (--basic-auth authorizer)",
		},
		{
			Name: "auth-secret", Syntax: "name or namespace/name", Scope: "location", Risk: "Medium", Protect: true,
			Check: basicChars, Invalid: annotations.CloseIngress, Class: finding.Approximate,
			Doc:  "Secret with the users and their password hashes. Another namespace needs allow-cross-namespace-resources.",
			Note: "its users become part of the platform's configuration, readable by whoever may read EnvoyFilters there; hashes other than {SHA} and {PLAIN} need a service of the platform (--basic-auth authorizer), else their users are refused",
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
	Route: basicAuth,
}

// basicAuth fills Rule.BasicAuth.
func basicAuth(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	if !r.Has("auth-type") {
		if r.Has("auth-secret") {
			r.Say(finding.KeyWithoutGroup, "auth-secret", r.Edge.Prefix+"auth-secret", r.Edge.Prefix+"auth-type: the path asks for no password, as with the controller")
		}
		return
	}
	secret, ok := passwordSecret(r)
	if !ok {
		r.Overruled("auth-type", "the path is closed because of auth-secret")
		return
	}
	if authExempt(r) {
		return
	}
	if r.Text("auth-type") != "basic" {
		r.Manual("auth-secret", "it belongs to digest authentication, which Envoy does not have")
		r.Manual("auth-realm", "it belongs to digest authentication, which Envoy does not have")
		r.FailClosed("auth-type", "Envoy has no digest authentication; move the users to an external authorizer")
		return
	}
	realm := r.Text("auth-realm")
	if realm == "off" {
		r.FailClosedDead("auth-realm", "nginx takes the realm off for no authentication at all")
		for _, key := range []string{"auth-type", "auth-secret", "auth-secret-type"} {
			r.Overruled(key, "auth-realm switches it off")
		}
		return
	}
	users := parseUsers(secret.lines)
	b := &model.BasicAuth{Realm: realm, Users: users.open, Locked: users.locked, Secret: secret.ref, Map: r.Text("auth-secret-type") == "auth-map", Origin: r.Origin("auth-secret")}
	r.Model.BasicAuth = b
	r.Exact("auth-type", "a password check on the route, after redirects, preflights and address lists as before")
	if r.Edge.Options.Authorizer && users.forService > 0 {
		b.Service, b.Users, b.Locked = true, nil, users.locked-users.forService
	}
	switch {
	case b.Locked > 0:
		who := "Envoy"
		if b.Service {
			who = "the authorizer"
		}
		r.Say(finding.UsersLocked, "auth-secret", strconv.Itoa(b.Locked), strconv.Itoa(users.locked+len(users.open)), secret.ref, who)
	case b.Service:
		r.Exact("auth-secret", "a service of the platform checks its users, with the Secret's own content")
	default:
		r.Exact("auth-secret", "its users become part of the platform's configuration")
	}
}

// authExempt tells whether the location skips passwords and external authentication.
func authExempt(r *annotations.Route) bool {
	for _, p := range annotations.SplitList(r.Edge.SettingText("no-auth-locations")) {
		if strings.HasPrefix(r.Path, p) {
			return true
		}
	}
	return false
}

// passwords are the lines of a password file.
type passwords struct {
	ref   string
	lines []string
}

// passwordSecret finds the users. If it fails, the location is closed.
func passwordSecret(r *annotations.Route) (passwords, bool) {
	var none passwords
	written, ok := r.Written("auth-secret")
	if err := r.Broken("auth-secret"); err != nil {
		r.Answers503("auth-secret", err.Error())
		return none, false
	}
	if !ok || written == "" {
		r.Answers503("auth-type", "auth-secret is missing")
		return none, false
	}
	ns, name, ok := strings.Cut(r.Text("auth-secret"), "/")
	if !ok {
		ns, name = r.Namespace, ns
	}
	if ns == "" {
		ns = r.Namespace
	}
	ref := ns + "/" + name
	switch {
	case name == "" || strings.Contains(name, "/"):
		r.Answers503("auth-secret", annotations.Quote(r.Text("auth-secret"))+" is no reference to a Secret")
		return none, false
	case ns != r.Namespace && !r.Edge.SettingBool("allow-cross-namespace-resources"):
		r.Answers503("auth-secret", "Secret "+ref+" belongs to another namespace, which allow-cross-namespace-resources does not allow")
		return none, false
	}
	data, found := r.Edge.Lookup.Secret(ns, name)
	switch {
	case found && data == nil:
		r.FailClosed("auth-secret", "the content of Secret "+ref+" is not known")
		return none, false
	case !found && !r.Edge.Lookup.HasSecrets():
		r.Say(finding.ProtectionClosed, "auth-secret", r.Edge.Prefix+"auth-secret", "Secret "+ref+" is not in the input, so its users are not known")
		r.Model.Deny(503, r.Origin("auth-secret"))
		return none, false
	case !found:
		r.Answers503("auth-secret", "Secret "+ref+" does not exist")
		return none, false
	}
	return passwordLines(r, ref, data)
}

// passwordLines reads the Secret in the form that auth-secret-type says.
func passwordLines(r *annotations.Route, ref string, data map[string][]byte) (passwords, bool) {
	p := passwords{ref: ref}
	switch r.Text("auth-secret-type") {
	case "auth-file":
		file, ok := data["auth"]
		if !ok {
			r.Answers503("auth-secret", "Secret "+ref+" has no key auth")
			return p, false
		}
		p.lines = strings.Split(string(file), "\n")
	case "auth-map":
		for _, user := range slices.Sorted(maps.Keys(data)) {
			p.lines = append(p.lines, strings.Split(user+":"+string(data[user]), "\n")...)
		}
	default:
		r.Answers503("auth-secret-type", "neither auth-file nor auth-map")
		return p, false
	}
	return p, true
}

// userList is what lines of a password file hold.
type userList struct {
	open       []model.User // whom the proxy can check
	locked     int          // users whom it cannot
	forService int          // those of them whom the platform's service can check
}

// parseUsers reads lines of a password file as nginx does: the first line of a user counts, # begins a comment line, a second
// colon ends the hash. Only SHA-1 hashes can be checked by the proxy, and plain passwords can be turned into them; users with
// other hashes are counted.
func parseUsers(lines []string) userList {
	var out userList
	seen := map[string]bool{}
	for _, l := range lines {
		l = strings.TrimSuffix(l, "\r")
		name, hash, ok := strings.Cut(l, ":")
		if !ok || name == "" || l[0] == '#' || seen[name] {
			continue
		}
		seen[name] = true
		hash, _, _ = strings.Cut(hash, ":")
		sum, ok := sha1Hash(hash)
		switch {
		case ok && printableName(name):
			out.open = append(out.open, model.User{Name: name, SHA1: sum})
		case ok || slices.ContainsFunc(serviceForms[:], func(f string) bool { return strings.HasPrefix(hash, f) }):
			out.locked++
			out.forService++
		default:
			out.locked++
		}
	}
	return out
}

// serviceForms begin the hashes that the platform's service understands and the proxy does not: bcrypt, MD5 and SHA-2 of
// crypt(3), salted SHA-1.
var serviceForms = [...]string{"$2a$", "$2b$", "$2y$", "$apr1$", "$1$", "$5$", "$6$", "{SSHA}"}

// sha1Hash gives the SHA-1 of a password in base64, if the entry holds it or the password itself.
func sha1Hash(entry string) (string, bool) {
	if sum, ok := strings.CutPrefix(entry, "{SHA}"); ok {
		b, err := base64.StdEncoding.Strict().DecodeString(sum)
		return sum, err == nil && len(b) == sha1.Size && len(sum) == base64.StdEncoding.EncodedLen(sha1.Size)
	}
	if plain, ok := strings.CutPrefix(entry, "{PLAIN}"); ok {
		b := sha1.Sum([]byte(plain)) //nolint:gosec // see above
		return base64.StdEncoding.EncodeToString(b[:]), true
	}
	return "", false
}

// printableName tells whether a user name can stand in the proxy's configuration.
func printableName(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
