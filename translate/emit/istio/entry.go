package istio

import (
	"maps"
	"slices"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// entry is one http entry of a VirtualService in the making. Features take the entries of a rule and change or split them:
// an entry that is split into one with a further condition, followed by itself, matches what it matched before.
type entry struct {
	rule *model.Rule // nil for entries of the platform
	uris []*networking.StringMatch
	cond condition
	http *networking.HTTPRoute // all but name and match
	// answer is set for redirects, preflights and fixed answers: no backend is reached, so nothing that protects one is
	// attached.
	answer bool
	// afterAccess is set for a fixed answer that stands in place of a backend: what protects the rule comes before it.
	afterAccess bool
	// standIn answers for a canary that has no endpoints, in an entry that goes to the canary alone; fallback for the others.
	standIn, fallback *networking.Destination
	// pinned is set for entries that a cookie of the client chose: the client's side is known.
	pinned bool
	// name is set for entries with a fixed name; the others are named after their patch.
	name      string
	certified bool // concerns only names that the certificate of the host is for

	patch patch
}

// condition is what must hold besides the path.
type condition struct {
	port          uint32
	method        *networking.StringMatch
	authority     *networking.StringMatch
	headers       map[string]*networking.StringMatch
	withoutHeader map[string]*networking.StringMatch
}

// clone copies an entry so that both can be changed. The destinations are shared until replaced.
func (x *entry) clone() *entry {
	c := *x
	c.http = copyHTTP(x.http)
	c.cond.headers = maps.Clone(x.cond.headers)
	c.cond.withoutHeader = maps.Clone(x.cond.withoutHeader)
	c.standIn, c.fallback = copyDestination(x.standIn), copyDestination(x.fallback)
	c.patch = x.patch.clone()
	return &c
}

// forwards tells whether any of the entries reaches a backend.
func forwards(xs []*entry) bool {
	return slices.ContainsFunc(xs, func(x *entry) bool { return !x.answer })
}

// destinations are all that the entry may reach, stand-ins included: settings of the route hold for each.
func (x *entry) destinations() []*networking.Destination {
	var out []*networking.Destination
	for _, d := range x.http.Route {
		out = append(out, d.Destination)
	}
	for _, d := range []*networking.Destination{x.standIn, x.fallback} {
		if d != nil {
			out = append(out, d)
		}
	}
	return out
}

func (c *condition) header(name string, m *networking.StringMatch) {
	if c.headers == nil {
		c.headers = map[string]*networking.StringMatch{}
	}
	c.headers[name] = m
}

func (c *condition) without(name string, m *networking.StringMatch) {
	if c.withoutHeader == nil {
		c.withoutHeader = map[string]*networking.StringMatch{}
	}
	c.withoutHeader[name] = m
}

func exact(s string) *networking.StringMatch {
	return &networking.StringMatch{MatchType: &networking.StringMatch_Exact{Exact: s}}
}

func regex(s string) *networking.StringMatch {
	return &networking.StringMatch{MatchType: &networking.StringMatch_Regex{Regex: s}}
}

func prefix(s string) *networking.StringMatch {
	return &networking.StringMatch{MatchType: &networking.StringMatch_Prefix{Prefix: s}}
}

// present matches a header with any value.
func present() *networking.StringMatch { return &networking.StringMatch{} }

// Names of matches: the proxy's route is then called NAME.b or NAME.ws, and NAME alone does not exist.
const (
	matchPlain   = "b"
	matchUpgrade = "ws"
)

// Texts of the upgrade's match, which stand in every route.
var (
	isWebSocket = regex("(?i)websocket")
	isUpgrade   = regex("(?i).*upgrade.*")
	isGet       = exact("GET")
)

// matches are the entry's match list: every path alternative with every condition. Where WebSocket upgrades need settings
// of their own they get a match of their own, in front.
func (x *entry) matches(catchAllAsRegex bool) []*networking.HTTPMatchRequest {
	uris := x.uris
	if len(uris) == 0 {
		uris = []*networking.StringMatch{nil}
		if catchAllAsRegex {
			uris[0] = regex("/.*")
		}
	}
	named := x.patch.splitsUpgrades()
	var out []*networking.HTTPMatchRequest
	if named && x.cond.method == nil {
		upgrade := x.cond
		upgrade.method = isGet
		// Both headers: Upgrade alone must not switch the limit off.
		upgrade.headers = map[string]*networking.StringMatch{"upgrade": isWebSocket, "connection": isUpgrade}
		maps.Copy(upgrade.headers, x.cond.headers)
		for _, u := range uris {
			m := upgrade.match(u)
			m.Name = matchUpgrade
			out = append(out, m)
		}
	}
	for _, u := range uris {
		m := x.cond.match(u)
		if named {
			m.Name = matchPlain
		}
		out = append(out, m)
	}
	if len(out) == 1 && isEmptyMatch(out[0]) {
		return nil
	}
	return out
}

func isEmptyMatch(m *networking.HTTPMatchRequest) bool {
	return m.Name == "" && m.Uri == nil && m.Port == 0 && m.Method == nil && m.Authority == nil && len(m.Headers) == 0 && len(m.WithoutHeaders) == 0
}

// match is the condition on one path. Several share its maps.
func (c *condition) match(uri *networking.StringMatch) *networking.HTTPMatchRequest {
	return &networking.HTTPMatchRequest{
		Uri: uri, Port: c.port, Method: c.method, Authority: c.authority, Headers: c.headers, WithoutHeaders: c.withoutHeader,
	}
}
