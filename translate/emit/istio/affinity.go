package istio

import (
	"strconv"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	sessionv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/stateful_session/v3"
	cookiev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/http/stateful_session/cookie/v3"
	httpv3 "github.com/envoyproxy/go-control-plane/envoy/type/http/v3"
	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

const filterSession = "i2g.session"

// affinity keeps clients on an endpoint by a cookie. A consistent hash of the cookie does for balanced sessions. A cookie that
// names the endpoint does where a session outlives changes of the endpoints, moves after a failure, or has a side of a canary:
// a hash would be drawn anew on each side.
func affinity(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry {
	if r.Affinity == nil {
		return xs
	}
	var out []*entry
	for _, x := range xs {
		if x.answer {
			out = append(out, x)
			continue
		}
		if r.Affinity.SpareBrowsers && !r.Affinity.NoIssue {
			out = append(out, e.browsers(h, r, x)...)
		}
		out = append(out, e.sessions(h, r, x)...)
	}
	return out
}

// Browsers that take SameSite=None for Strict or refuse the cookie. The second pattern is Safari's, and that of others with
// its name on the same system, of which Chrome is none.
const (
	mishandleNone   = ".*(?:Chrome/[456]|CPU iPhone OS 12|iPad; CPU OS 12).*"
	safariOfMojave  = ".*Macintosh.*Intel Mac OS X 10_14.*Safari.*"
	notSafariButKin = ".*Chrome.*"
)

// browsers are entries for browsers that mishandle SameSite=None. Where the User-Agent is a condition already, it stays the
// only one, and the difference is said.
func (e *emitter) browsers(h *model.Host, r *model.Rule, x *entry) []*entry {
	const agent = "user-agent"
	if x.cond.headers[agent] != nil || x.cond.withoutHeader[agent] != nil {
		o := r.Affinity.Origins[0]
		e.findings.Report(finding.CornerCase, o, cornerName(o), "requests that are told apart by their User-Agent already get SameSite=None whatever the browser")
		return nil
	}
	spared, without := *r, *r.Affinity
	without.SameSite, spared.Affinity = "", &without
	old, safari := x.clone(), x.clone()
	old.cond.header(agent, regex(mishandleNone))
	safari.cond.header(agent, regex(safariOfMojave))
	safari.cond.without(agent, regex(notSafariButKin))
	return append(e.sessions(h, &spared, old), e.sessions(h, &spared, safari)...)
}

// sessions gives an entry its cookies. The cookies are Secure over TLS only, unless stated otherwise: then an entry that both
// kinds of requests reach is split by port.
func (e *emitter) sessions(h *model.Host, r *model.Rule, x *entry) []*entry {
	a := r.Affinity
	https := e.opts.Gateway.HTTPSPort
	switch {
	case a.Secure || x.cond.port == https, r.HTTPSRedirect != nil && !e.edge.Global.Forwarded.Trust:
		e.session(r, x, true)
	case a.NoIssue || x.cond.port != 0 || h.TLS == nil && e.opts.DefaultCertificate == "" && e.edge.Global.DefaultCertificate == nil:
		e.session(r, x, false)
	default:
		y := x.clone()
		y.cond.port, x.cond.port = https, e.opts.Gateway.HTTPPort
		e.session(r, y, true)
		e.session(r, x, false)
		return []*entry{y, x}
	}
	return []*entry{x}
}

func (e *emitter) session(r *model.Rule, x *entry, secure bool) {
	a := r.Affinity
	if r.Canary != nil && !x.pinned && !a.NoIssue {
		e.markSide(r, x, secure)
	}
	named := a.Persistent || a.ChangeOnFailure || r.Canary != nil
	if named && e.opts.NoEnvoyFilter {
		lost := "sessions are a hash of the cookie, and move when endpoints change"
		if r.Canary != nil {
			lost += "; of a route that is split, the second answer issues the cookie"
		}
		e.withoutEnvoyFilter(a.Origins[0], lost)
		named = false
	}
	if len(x.http.Route) == 1 && r.Canary != nil && !r.Canary.Sticky && e.isCanary(r, x.http.Route[0].Destination) {
		return // the canary's side has no sessions
	}
	switch {
	case !named && len(x.http.Route) == 1:
		e.hashedSession(r, x, secure)
	case named && !a.NoIssue:
		e.filters.use(httpFilter{name: filterSession, object: objSession, config: &sessionv3.StatefulSession{}})
		per := namedSession(a, secure)
		x.patch.filter(filterSession, per)
		x.patch.label("session-" + contentHash(per))
	}
}

// namedSession is a cookie with the endpoint's address. The Path is an attribute like the others: as the cookie's own path
// it would switch sessions off for requests outside of it.
func namedSession(a *model.Affinity, secure bool) *sessionv3.StatefulSessionPerRoute {
	c := &httpv3.Cookie{Name: a.Cookie, Ttl: durationpb.New(time.Duration(a.MaxAge) * time.Second)}
	for _, t := range cookieAttributes(a, secure, true) {
		c.Attributes = append(c.Attributes, &httpv3.CookieAttribute{Name: t.name, Value: t.value})
	}
	return &sessionv3.StatefulSessionPerRoute{Override: &sessionv3.StatefulSessionPerRoute_StatefulSession{StatefulSession: &sessionv3.StatefulSession{
		SessionState: &corev3.TypedExtensionConfig{
			Name:        "envoy.http.stateful_session.cookie",
			TypedConfig: pack(&cookiev3.CookieBasedSessionState{Cookie: c}),
		},
	}}}
}

// hashedSession hashes a cookie, and issues it unless other routes do.
func (e *emitter) hashedSession(r *model.Rule, x *entry, secure bool) {
	a := r.Affinity
	c := &networking.LoadBalancerSettings_ConsistentHashLB_HTTPCookie{Name: a.Cookie}
	if !a.NoIssue {
		// Without a lifetime no cookie is issued; zero is the browser's session.
		c.Path, c.Ttl = a.Path, durationpb.New(time.Duration(a.MaxAge)*time.Second)
		for _, t := range cookieAttributes(a, secure, false) {
			if !e.can(28) {
				e.findings.Report(finding.TooOld, a.Origins[0], keyName(a.Origins[0]), "1.28", "the cookie has no Domain, SameSite and Secure")
				break
			}
			c.Attributes = append(c.Attributes, &networking.LoadBalancerSettings_ConsistentHashLB_HTTPCookie_Attribute{Name: t.name, Value: t.value})
		}
	}
	for _, d := range x.destinations() {
		e.subset(d, "session", hashBalancer(&hashLB{HashKey: &networking.LoadBalancerSettings_ConsistentHashLB_HttpCookie{HttpCookie: c}}))
	}
}

type cookieAttribute struct{ name, value string }

// cookieAttributes are those of a session's cookies, without Max-Age and HttpOnly.
func cookieAttributes(a *model.Affinity, secure, path bool) []cookieAttribute {
	var out []cookieAttribute
	if a.Domain != "" {
		out = append(out, cookieAttribute{"Domain", a.Domain})
	}
	if path {
		out = append(out, cookieAttribute{"Path", a.Path})
	}
	if secure {
		out = append(out, cookieAttribute{"Secure", ""})
	}
	if a.SameSite != "" {
		out = append(out, cookieAttribute{"SameSite", a.SameSite})
	}
	return out
}

// markSide records the side of a new session in a cookie of its own.
func (e *emitter) markSide(r *model.Rule, x *entry, secure bool) {
	a := r.Affinity
	rest := ""
	if a.MaxAge > 0 {
		rest = "; Max-Age=" + strconv.Itoa(a.MaxAge)
	}
	for _, t := range cookieAttributes(a, secure, true) {
		rest += "; " + t.name
		if t.value != "" {
			rest += "=" + t.value
		}
	}
	for _, d := range x.http.Route {
		side := sideMain
		if e.isCanary(r, d.Destination) {
			if !r.Canary.Sticky {
				continue
			}
			side = sideCanary
		}
		d.Headers = &networking.Headers{Response: &networking.Headers_HeaderOperations{
			Add: map[string]string{"set-cookie": escape(sideCookie(a) + "=" + side + rest + "; HttpOnly")},
		}}
	}
}
