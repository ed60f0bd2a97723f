package istio

import (
	"regexp"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// canary splits a rule's entries between its main Service and the canary, in the order in which the source decides: a
// session's side, the header, the cookie, and a draw by weight. All entries keep the rule's other settings.
func canary(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	c := r.Canary
	if c == nil || !forwards(xs) {
		return xs
	}
	if c.Fallback {
		e.withoutEnvoyFilter(c.Origin, "requests for a canary without endpoints answer 503 instead of going to the main")
	}
	var out []*entry
	for _, x := range xs {
		if x.answer || len(x.http.Route) != 1 {
			out = append(out, x)
			continue
		}
		out = append(out, e.canaryEntries(r, x)...)
	}
	return out
}

func (e *emitter) canaryEntries(r *model.Rule, x *entry) []*entry {
	c := r.Canary
	s := canarySplit{main: x, canary: e.canaryDestination(r)}
	if a := r.Affinity; a != nil {
		if c.Sticky {
			s.add("cookie", cookieIs(regexp.QuoteMeta(sideCookie(a)), sideCanary), true, true)
		}
		s.add("cookie", cookieIs(regexp.QuoteMeta(sideCookie(a)), sideMain), false, true)
	}
	switch {
	case c.Header == "":
	case c.Stuck:
		s.add(c.Header, present(), false, false)
	case c.Value != "":
		s.add(c.Header, exact(c.Value), true, false)
	case c.Pattern != "":
		s.add(c.Header, regex(".*(?:"+c.Pattern+").*"), true, false)
	default:
		s.add(c.Header, exact("always"), true, false)
		s.add(c.Header, exact("never"), false, false)
	}
	if c.Cookie != "" {
		name := "(?i:" + regexp.QuoteMeta(c.Cookie) + ")"
		s.add("cookie", cookieIs(name, "always"), true, false)
		s.add("cookie", cookieIs(name, "never"), false, false)
	}
	return s.end(c)
}

// The values of the cookie that records the side of a session.
const (
	sideCanary = "c"
	sideMain   = "p"
)

// sideCookie is the name of that cookie.
func sideCookie(a *model.Affinity) string { return a.Cookie + "-side" }

// canaryDestination is the canary's Service, spoken to as the main one: protocol and TLS belong to the rule.
func (e *emitter) canaryDestination(r *model.Rule) *networking.Destination {
	b := r.Canary.Backend
	if f, ok := r.Action.(model.Forward); ok {
		b.Protocol, b.TLS = f.Backend.Protocol, f.Backend.TLS
	}
	return e.destination(b)
}

// isCanary tells whether a destination is the rule's canary.
func (e *emitter) isCanary(r *model.Rule, d *networking.Destination) bool {
	if r.Canary == nil {
		return false
	}
	c := e.destination(r.Canary.Backend)
	return d.Host == c.Host && d.Port.GetNumber() == c.Port.GetNumber()
}

// canarySplit collects the entries of one main entry.
type canarySplit struct {
	main   *entry
	canary *networking.Destination
	out    []*entry
}

// add appends an entry for requests with a header. Of two conditions on one header only those can hold together that one
// value satisfies.
func (s *canarySplit) add(header string, m *networking.StringMatch, toCanary, pinned bool) {
	y := s.main.clone()
	if old := y.cond.headers[header]; old != nil {
		var ok bool
		if m, ok = both(old, m); !ok {
			return
		}
	}
	y.cond.header(header, m)
	y.pinned = pinned
	if toCanary {
		y.standIn = y.http.Route[0].Destination
		y.http.Route = []*networking.HTTPRouteDestination{{Destination: s.canary.DeepCopy()}}
	}
	s.out = append(s.out, y)
}

// cookieIs matches a Cookie header in which a name, given as a pattern, has a value.
func cookieIs(name, value string) *networking.StringMatch {
	return regex("(?:.*[;,] *)?" + name + " *= *" + value + "(?:;.*)?")
}

// end appends the entry of the requests that no rule decided, and leaves out what it answers anyway.
func (s *canarySplit) end(c *model.Canary) []*entry {
	rest := s.rest(c)
	for n := len(s.out); n > 0; n-- {
		x := s.out[n-1]
		if x.pinned || len(rest.http.Route) != 1 || !proto.Equal(x.http.Route[0].Destination, rest.http.Route[0].Destination) {
			break
		}
		s.out = s.out[:n-1]
	}
	return append(s.out, rest)
}

// rest is the entry of the requests that no rule decided.
func (s *canarySplit) rest(c *model.Canary) *entry {
	x := s.main
	const most = 1 << 30 // of a sum of weights
	weight, total := c.Weight, c.Total
	if total > most {
		weight, total = int(float64(weight)/float64(total)*most), most
	}
	switch {
	case weight <= 0:
	case weight >= total:
		x.standIn = x.http.Route[0].Destination
		x.http.Route = []*networking.HTTPRouteDestination{{Destination: s.canary}}
	default:
		x.http.Route[0].Weight = int32(total - weight)
		x.http.Route = append(x.http.Route, &networking.HTTPRouteDestination{Destination: s.canary, Weight: int32(weight)})
	}
	return x
}

// both joins two conditions on one header; false if nothing satisfies both, or that cannot be told.
func both(a, b *networking.StringMatch) (*networking.StringMatch, bool) {
	if _, ok := a.MatchType.(*networking.StringMatch_Exact); !ok {
		a, b = b, a
	}
	switch {
	case a.MatchType == nil:
		return b, true
	case b.MatchType == nil:
		return a, true
	}
	text, ok := a.MatchType.(*networking.StringMatch_Exact)
	if !ok {
		return nil, false
	}
	switch b := b.MatchType.(type) {
	case *networking.StringMatch_Exact:
		return a, text.Exact == b.Exact
	case *networking.StringMatch_Regex:
		re, err := regexp.Compile("^(?:" + b.Regex + ")$")
		return a, err == nil && re.MatchString(text.Exact)
	}
	return nil, false
}
