package nginx

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Affinity keeps a client on one endpoint by a cookie. In ingress-nginx it belongs to the Service and port, not to the path:
// type and mode come from the oldest Ingress that uses them, the cookie's attributes from the youngest, and the cookie is
// issued only where it is asked for.
var Affinity = annotations.Feature{
	Name: "affinity",
	Keys: []annotations.Key{
		{
			Name: "affinity", Syntax: "cookie", Scope: "upstream", Risk: "Low", Check: oneOf("cookie"), Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "Keeps a client on one endpoint by a cookie, which is always HttpOnly, and Secure over TLS.",
			Note: "a cookie of the same name and attributes for this route",
		},
		{
			Name: "affinity-mode", Syntax: "balanced | persistent", Default: "balanced", Scope: "upstream", Risk: "Medium", Needs: "affinity",
			Check: oneOf("balanced", "persistent"), Class: finding.Approximate,
			Doc:  "balanced moves some sessions when the Service scales; persistent keeps a session on its endpoint until that disappears.",
			Note: "balanced becomes a consistent hash of the cookie, persistent a cookie that names the endpoint. A persistent session leaves a failing endpoint even without session-cookie-change-on-failure",
		},
		{
			Name: "affinity-canary-behavior", Syntax: "sticky | legacy", Default: "sticky", Scope: "upstream", Risk: "Low", Needs: "canary",
			Check: oneOf("sticky", "legacy"), Class: finding.Approximate,
			Doc:  "On a canary: sticky keeps sessions on the side they were first given, legacy only those of the main side.",
			Note: "as before; one more cookie records the side",
		},
		{
			Name: "session-cookie-name", Syntax: "name", Default: "INGRESSCOOKIE", Scope: "upstream", Risk: "Medium", Needs: "affinity",
			Check: basicChars, Class: finding.Exact,
			Doc: "Name of the session cookie.", Note: "the cookie keeps its name",
		},
		{
			Name: "session-cookie-path", Syntax: "path", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: urlChars, Class: finding.Exact,
			Doc:  "Path of the session cookie; without it the path of the Ingress, which in regex mode is the pattern's text.",
			Note: "Path attribute of the session cookie",
		},
		{
			Name: "session-cookie-domain", Syntax: "domain", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: basicChars, Class: finding.Exact,
			Doc: "Domain of the session cookie.", Note: "Domain attribute of the session cookie",
		},
		{
			Name: "session-cookie-samesite", Syntax: "None | Lax | Strict", Scope: "upstream", Risk: "Low", Needs: "affinity",
			Check: oneOfAnyCase("None", "Lax", "Strict"), Class: finding.Exact,
			Doc: "SameSite attribute of the session cookie. In another spelling the value is accepted, but no attribute is sent.", Note: "SameSite attribute of the session cookie",
		},
		{
			Name: "session-cookie-secure", Syntax: "true | false", Scope: "upstream", Risk: "Low", Needs: "affinity", Check: boolean, Class: finding.Exact,
			Doc:  "true makes the cookie Secure on plain HTTP too; otherwise it is Secure over TLS only.",
			Note: "Secure attribute of the session cookie, over TLS or always",
		},
		{
			Name: "session-cookie-max-age", Syntax: "seconds", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: cookieSeconds, Class: finding.Exact,
			Doc: "Max-Age of the session cookie; without it the cookie lives as long as the browser.", Note: "Max-Age of the session cookie",
		},
		{
			Name: "session-cookie-expires", Syntax: "seconds", Scope: "upstream", Risk: "Medium", Needs: "affinity", Check: cookieSeconds, Class: finding.Approximate,
			Doc:  "Expires attribute, that many seconds from now.",
			Note: "Max-Age of the same length instead of Expires, unless session-cookie-max-age is set",
		},
		{
			Name: "session-cookie-change-on-failure", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low", Needs: "affinity",
			Check: boolean, Class: finding.Exact,
			Doc:  "true gives a session another endpoint and a new cookie when its endpoint fails; false keeps trying the same one.",
			Note: "a cookie that names the endpoint and changes with a retry",
		},
		{
			Name: "session-cookie-conditional-samesite-none", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low", Needs: "affinity",
			Check: boolean, Class: finding.Exact,
			Doc:  "Leaves SameSite=None out for browsers of 2018 to 2019 that mishandle it.",
			Note: "routes for these browsers, by their User-Agent, whose cookie has no SameSite",
		},
	},
	Edge: affinities,
}

var cookieKeys = []string{
	"session-cookie-name", "session-cookie-path", "session-cookie-domain", "session-cookie-samesite", "session-cookie-secure",
	"session-cookie-max-age", "session-cookie-expires", "session-cookie-change-on-failure", "session-cookie-conditional-samesite-none",
}

// affinities fills Rule.Affinity of every route whose Service has sessions.
func affinities(e *annotations.Edge) {
	for _, u := range e.Upstreams() {
		a := affinityOf(u)
		if a == nil {
			if alt := u.Alternative; alt != nil {
				alt.Decider.Overruled("affinity-canary-behavior", "the main Ingress has no session cookie")
			}
			continue
		}
		issued := issuingPaths(u)
		for _, r := range u.Routes {
			if _, ok := r.Model.Action.(model.Forward); !ok {
				continue
			}
			mine := *a
			path := ingressPath(r)
			if mine.Path == "" {
				mine.Path = cookiePath(youngest(u), path)
			}
			mine.NoIssue = !issued[r.Host.Name+path]
			if mine.NoIssue && (mine.Persistent || mine.ChangeOnFailure) {
				youngest(u).Corner("affinity", "routes of Service "+u.Ref()+" that do not ask for sessions themselves no longer honour the cookie")
				continue
			}
			r.Model.Affinity = &mine
			if r.Model.Fallback != nil {
				r.Manual("default-backend", "it does not work together with sessions; requests for a Service without endpoints answer 503")
				r.Model.Fallback = nil
			}
		}
		sidesOf(u)
	}
}

// sidesOf says how sessions and a canary of one Service go together.
func sidesOf(u *annotations.Upstream) {
	in := youngest(u)
	in.Corner("affinity", "the cookie's value has another format, so running sessions are pinned anew once")
	if u.Alternative == nil || !u.Alternative.Decider.Canary {
		return
	}
	canary := u.Alternative.Decider
	in.Corner("affinity", "one more cookie, which ends in -side, records whether a session belongs to the canary")
	if canary.Text("affinity-canary-behavior") == "legacy" {
		canary.Exact("affinity-canary-behavior", "sessions of the main side stay there")
	}
	canary.Approximate("canary", "routes and weights beside those of the main Ingress, on every route of the same Service; with sessions a canary without endpoints answers 503 instead of going to the main")
}

// sameSite is the attribute that is sent. The controller accepts any mixture of cases, and then sends none but these three.
func sameSite(in *annotations.Ingress) string {
	const key = "session-cookie-samesite"
	switch v := in.Text(key); v {
	case "", "None", "Lax", "Strict":
		return v
	}
	in.Overruled(key, "the controller sends the attribute only if it is spelled None, Lax or Strict")
	return ""
}

// affinityOf reads the sessions of a Service: the type of the oldest Ingress that has one, the mode of the oldest that has
// one, the cookie of the youngest. nil if there are none.
func affinityOf(u *annotations.Upstream) *model.Affinity {
	in := youngest(u)
	if in == nil {
		return nil
	}
	a := &model.Affinity{
		Cookie: "INGRESSCOOKIE", Path: in.Text("session-cookie-path"), Domain: in.Text("session-cookie-domain"), SameSite: sameSite(in),
		Secure: in.Bool("session-cookie-secure"), ChangeOnFailure: in.Bool("session-cookie-change-on-failure"),
	}
	switch name := in.Text("session-cookie-name"); {
	case name == "":
	case cookieName(name):
		a.Cookie = name
	default:
		in.Manual("session-cookie-name", "no cookie can be called so; it is called "+a.Cookie)
	}
	modeSeen := false
	for _, other := range u.Ingresses {
		if other.Canary {
			continue
		}
		if m := other.Text("affinity-mode"); other.Has("affinity-mode") && !modeSeen {
			a.Persistent, modeSeen = m == "persistent", true
			if m == "balanced" {
				other.Exact("affinity-mode", "a consistent hash of the cookie, as before")
			}
		} else if other.Has("affinity-mode") {
			other.Overruled("affinity-mode", "an older Ingress that uses Service "+u.Ref()+" decides")
		}
		if other != in && other.Has("affinity") {
			for _, key := range cookieKeys {
				other.Overruled(key, in.Object.Ref()+" decides, the youngest that uses Service "+u.Ref())
			}
		}
	}
	if a.Persistent && a.ChangeOnFailure {
		in.Exact("affinity-mode", "a cookie that names the endpoint, as before")
	}
	cookieLife(in, a)
	if !a.ChangeOnFailure {
		in.Exact("session-cookie-change-on-failure", "the session keeps its endpoint, as before")
	}
	a.SpareBrowsers = in.Bool("session-cookie-conditional-samesite-none") && a.SameSite == "None"
	if a.SpareBrowsers {
		in.Corner("session-cookie-conditional-samesite-none", "a request without a User-Agent is answered, with SameSite=None, where the controller fails")
	} else {
		in.Overruled("session-cookie-conditional-samesite-none", "it matters only if it is true and session-cookie-samesite is None")
	}
	a.Origins = []model.Origin{in.Origin("affinity")}
	return a
}

// youngest is the youngest Ingress that asks for sessions with a Service.
func youngest(u *annotations.Upstream) *annotations.Ingress {
	for _, in := range slices.Backward(u.Ingresses) {
		if !in.Canary && in.Text("affinity") == "cookie" && byPath(in, u) {
			return in
		}
	}
	return nil
}

// byPath tells whether an Ingress references a Service in a path, not only as its default backend.
func byPath(in *annotations.Ingress, u *annotations.Upstream) bool {
	for range pathsTo(in, u) {
		return true
	}
	return false
}

// pathsTo gives hosts and paths, as written, of the paths of an Ingress that lead to a Service.
func pathsTo(in *annotations.Ingress, u *annotations.Upstream) iter.Seq2[string, string] {
	return func(yield func(host, path string) bool) {
		for i := range in.Source.Spec.Rules {
			rule := &in.Source.Spec.Rules[i]
			if rule.HTTP == nil {
				continue
			}
			host := cmp.Or(strings.ToLower(rule.Host), catchAll)
			for j := range rule.HTTP.Paths {
				p := &rule.HTTP.Paths[j]
				if s := p.Backend.Service; s != nil && in.Edge.Upstream(in.Namespace, s) == u && !yield(host, p.Path) {
					return
				}
			}
		}
	}
}

// issuingPaths are the hosts and paths whose answers carry a new cookie.
func issuingPaths(u *annotations.Upstream) map[string]bool {
	out := map[string]bool{}
	for _, in := range u.Ingresses {
		if in.Canary || in.Text("affinity") != "cookie" {
			continue
		}
		for host, path := range pathsTo(in, u) {
			out[host+path] = true
		}
	}
	return out
}

// ingressPath is the path of a route's Ingress, before the controller splits it into locations.
func ingressPath(r *annotations.Route) string {
	n := r.Model.Index
	for _, rule := range r.Source.Spec.Rules {
		if rule.HTTP == nil {
			continue
		}
		if n > 0 && n <= len(rule.HTTP.Paths) {
			if p := rule.HTTP.Paths[n-1].Path; p != "" {
				return p
			}
			return "/"
		}
		n -= len(rule.HTTP.Paths)
	}
	return "/"
}

// cookieLife reads how long the cookie lives. What cannot be said makes it a cookie of the browser's session.
func cookieLife(in *annotations.Ingress, a *model.Affinity) {
	for _, key := range []string{"session-cookie-max-age", "session-cookie-expires"} {
		text := in.Text(key)
		if text == "" {
			continue
		}
		if a.MaxAge > 0 {
			in.Approximate(key, "Max-Age is sent, and no Expires beside it")
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 || n > 1<<31-1 {
			in.Approximate(key, "the cookie lives as long as the browser, because "+annotations.Quote(text)+" seconds cannot be said")
			continue
		}
		a.MaxAge = n
	}
}

// cookiePath is the Path of a cookie whose Ingress states none: the path of the Ingress, even if that is a pattern.
func cookiePath(in *annotations.Ingress, path string) string {
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == ';' {
			in.Approximate("session-cookie-path", "the path of the Ingress cannot stand in a cookie; its Path is /")
			return "/"
		}
	}
	return path
}
