package nginx

import (
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// locationSnippet is what the snippets of a location do.
type locationSnippet struct {
	s       *hostSnippet
	r       *annotations.Route
	ahead   []aheadRule
	access  []accessStatement
	ended   model.Action // of a directive that answers every request; nil for none
	mime    string
	headers []model.HeaderOp
	corners []string
	origin  finding.Origin // of the snippet that is being applied
}

// aheadRule takes part of a location's requests, in front of it: with an answer, or with a path of its own.
type aheadRule struct {
	match   model.Match
	action  model.Action // nil: that of the location
	rewrite *model.Rewrite
	origin  finding.Origin
}

// location applies the snippets of a location, and gives the rules that it becomes.
func (s *hostSnippet) location(r *annotations.Route) []*model.Rule {
	w := &locationSnippet{s: s, r: r, mime: s.mime, origin: r.Model.Origin}
	for _, st := range s.shared {
		w.header(st)
	}
	if r.Model.Closed != nil {
		if r.Ingress != nil {
			r.Overruled("configuration-snippet", "the route is closed for another reason")
		}
		return []*model.Rule{r.Model}
	}
	if !r.SlashRedirect && !w.read() {
		return []*model.Rule{r.Model}
	}
	return w.rules()
}

// read applies the location's own snippet and that of the ConfigMap; it is false if the location is closed because of one.
func (w *locationSnippet) read() bool {
	const own, shared = "configuration-snippet", "location-snippet"
	r, e := w.r, w.s.h.Edge // the default server's own location has no Ingress
	if r.Ingress != nil && r.Has(own) && switchedOn(e, "allow-snippet-annotations") {
		src := snippetSource{in: r.Ingress, key: own}
		w.origin = src.origin()
		lost := w.apply(r.Text(own))
		if lost.protective && r.FailClosed(own, lost.why()) {
			return false
		}
		lost.waived()
		lost.report(src, w.corners)
	}
	if v, ok := e.Settings.Get(shared); ok {
		src := snippetSource{e: e, key: shared}
		w.origin = src.origin()
		lost := w.apply(v)
		if lost.protective && closeBySetting(r, finding.ProtectionClosed, shared, lost.why()) {
			return false
		}
		lost.waived()
		lost.report(src, w.corners)
	}
	return true
}

// apply does what the directives of a snippet say, in their order.
func (w *locationSnippet) apply(text string) lostDirectives {
	u := w.s.known.of(text, false, w.constants())
	lost := lostDirectives{unknown: slices.Clip(u.unknown), protective: u.protective}
	for _, st := range u.sts {
		if c, ok := st.(contentTypeStatement); ok {
			w.mime = c.value
		}
	}
	for _, st := range u.sts {
		if !w.statement(st) {
			lost.add(describeStatement(st))
		}
	}
	return lost
}

// constants are the variables with one value for the location.
func (w *locationSnippet) constants() constants {
	if w.r.Ingress == nil {
		return w.s.consts
	}
	return ofLocation(w.r)
}

// relative tells whether redirects to a path stay relative.
func (w *locationSnippet) relative() bool {
	if w.r.Ingress == nil {
		return switchedOn(w.s.h.Edge, "relative-redirects")
	}
	return relative(w.r.Ingress)
}

func (w *locationSnippet) statement(st statement) bool {
	m := w.r.Model
	switch st := st.(type) {
	case returnStatement, rewriteStatement, ifStatement:
		return w.ended != nil || w.answer(st)
	case accessStatement:
		w.access = append(w.access, st)
		return m.SatisfyAny == nil
	case responseStatement, hideStatement, requestStatement:
		return w.header(st)
	case bodyStatement:
		if m.Body == nil {
			return true
		}
		b := *m.Body
		b.Max, b.Origin = st.most, w.origin
		m.Body = &b
	case timeoutStatement:
		if m.Timeouts == nil {
			return true
		}
		t := *m.Timeouts
		switch st.of {
		case "connect":
			t.Connect = st.time
		case "read":
			t.Read = max(st.time, time.Millisecond)
		default:
			t.Send = st.time
		}
		m.Timeouts = &t
	}
	return true
}

// answer handles directives of nginx's rewrite phase: the first one that answers ends it.
func (w *locationSnippet) answer(st statement) bool {
	as := &snippetAnswers{host: w.r.Host, mime: w.mime, relative: w.relative(), corners: &w.corners}
	if rw, ok := st.(rewriteStatement); ok && rw.code == 0 {
		return w.rewritten(rw)
	}
	match, action, ok := as.of(w.r.Model.Match, st)
	if !ok {
		return false
	}
	if _, all := st.(returnStatement); all {
		w.ended = action
		return true
	}
	w.ahead = append(w.ahead, aheadRule{match: match, action: action, origin: w.origin})
	return true
}

// rewritten gives part of the requests another path; what stands behind the directive does not concern them any more.
func (w *locationSnippet) rewritten(st rewriteStatement) bool {
	match, ok := narrowedPath(w.r.Model.Match, st.pattern.Match)
	if !ok || st.target.Absolute {
		return false
	}
	o := w.origin
	to := &model.Rewrite{Substitution: st.target.Literal, Origin: o}
	switch {
	case st.target.Template != nil:
		to = &model.Rewrite{Template: st.target.Template, Origin: o}
	case st.target.Substitution != "":
		to = &model.Rewrite{Pattern: st.pattern.Rewrite, Substitution: st.target.Substitution, Origin: o}
	}
	w.ahead = append(w.ahead, aheadRule{match: match, rewrite: to})
	return true
}

// rules finishes the location's rule, and gives it with what goes in front of it.
func (w *locationSnippet) rules() []*model.Rule {
	r, m := w.r, w.r.Model
	m.ResponseHeaders = append(w.ownHeaders(), m.ResponseHeaders...)
	forward := m.Action
	if refused := w.lists(); refused {
		forward = model.Respond{Status: 403}
	}
	var out []*model.Rule
	for _, a := range w.ahead {
		c := *m
		c.Match, c.Action = a.match, forward
		if a.action != nil {
			c.Action, c.HTTPSRedirect, c.Origin = a.action, nil, a.origin
		} else {
			c.Rewrite = a.rewrite
		}
		out = append(out, &c)
	}
	m.Action = forward
	if w.ended != nil {
		m.Action, m.HTTPSRedirect = w.ended, nil
	}
	if r.SlashRedirect {
		return []*model.Rule{m}
	}
	return append(out, m)
}

// ownHeaders are the snippets' headers that custom-headers, which comes behind them, does not set itself.
func (w *locationSnippet) ownHeaders() []model.HeaderOp {
	var out []model.HeaderOp
	for _, op := range w.headers {
		overridden := false
		for _, c := range w.r.Model.ResponseHeaders {
			overridden = overridden || strings.EqualFold(c.Name, op.Name) && strings.HasSuffix(c.Origin.Field, "/custom-headers")
		}
		if !overridden {
			out = append(out, op)
		}
	}
	return out
}

// lists applies allow and deny lines behind the lists of the annotations; it tells whether nobody is left. Lines of the host
// count where a location has none.
func (w *locationSnippet) lists() bool {
	m, lines := w.r.Model, w.access
	if len(lines) == 0 && m.Access == nil && !w.r.SlashRedirect {
		lines = w.s.access
	}
	if len(lines) == 0 || m.Access != nil && len(m.Access.Allow) > 0 {
		return false // a list of annotations ends with the refusal of everybody else
	}
	var before []string
	a := &model.Access{Origins: []model.Origin{w.origin}}
	if m.Access != nil {
		*a = *m.Access
		before = m.Access.Deny
	} else {
		peers, err := trustedPeers(w.s.h.Edge)
		if err != nil {
			w.s.h.Edge.Findings.Report(finding.ProtectionClosed, w.origin, w.origin.Field, "the client's address is taken from a header of trusted peers, and "+err.Error())
			return true
		}
		a.Trusted = peers
	}
	allow, deny, nobody := addressSets(before, lines)
	a.Allow, a.Deny = allow, deny
	if len(allow)+len(deny) > 0 {
		m.Access = a
	}
	return nobody
}
