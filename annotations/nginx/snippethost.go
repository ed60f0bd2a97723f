package nginx

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// hostSnippet is what the directives of a host's server do.
type hostSnippet struct {
	h         *annotations.Host
	known     *understood
	consts    constants
	front     []*model.Rule // before app-root, in order
	back      []*model.Rule // behind it
	locations []*snippetLocation
	shared    []statement // that every location takes over
	access    []accessStatement
	mime      string // Content-Type of returned texts
	corners   []string
}

// snippetsOfHost applies the snippets of a host and of its locations.
func snippetsOfHost(h *annotations.Host, known *understood) {
	s := &hostSnippet{h: h, known: known, mime: h.Edge.SettingText("default-type")}
	if len(h.Routes) > 0 {
		s.consts = ofHost(h)
	}
	closed := s.ofAnnotation()
	if !closed {
		closed = s.ofSetting()
	}
	rules := make([]*model.Rule, 0, len(h.Model.Rules)+len(s.locations))
	byRule := map[*model.Rule]*annotations.Route{}
	for _, r := range h.Routes {
		byRule[r.Model] = r
	}
	for _, m := range h.Model.Rules {
		r := byRule[m]
		if r == nil || closed {
			rules = append(rules, m)
			continue
		}
		rules = append(rules, s.location(r)...)
	}
	h.Model.Rules = rules
	if closed {
		return
	}
	for _, m := range slices.Concat(s.front, s.back, s.locationRules()) {
		s.headersOf(m)
	}
	h.Model.Before = slices.Concat(s.front, h.Model.Before, s.back)
	s.insertLocations()
}

// ofAnnotation reads the server-snippet of the oldest Ingress that has one; it tells whether the host is closed because of it.
func (s *hostSnippet) ofAnnotation() bool {
	const key = "server-snippet"
	var owner *annotations.Ingress
	for _, in := range s.h.Ingresses {
		switch {
		case !in.Has(key) || !switchedOn(in.Edge, "allow-snippet-annotations"):
		case owner == nil:
			owner = in
		default:
			in.Overruled(key, "the older "+owner.Object.Ref()+" has one for host "+s.h.Name)
		}
	}
	if owner == nil {
		return false
	}
	src := snippetSource{in: owner, key: key}
	lost := s.read(owner.Text(key), src, &s.front)
	if lost.protective && s.closeHost(src, lost.why()) {
		return true
	}
	lost.waived()
	lost.report(src, s.corners)
	return false
}

// ofSetting reads the ConfigMap's server-snippet, which stands in every server.
func (s *hostSnippet) ofSetting() bool {
	const name = "server-snippet"
	e := s.h.Edge
	v, ok := e.Settings.Get(name)
	if !ok {
		return false
	}
	src := snippetSource{e: e, key: name}
	lost := s.read(v, src, &s.back)
	if lost.protective && s.closeHost(src, lost.why()) {
		return true
	}
	lost.waived()
	lost.report(src, s.corners)
	return false
}

// read applies a snippet to the host; rules that answer for the whole host go to before.
func (s *hostSnippet) read(text string, src snippetSource, before *[]*model.Rule) lostDirectives {
	u := s.known.of(text, true, s.consts)
	lost := lostDirectives{unknown: slices.Clip(u.unknown), protective: u.protective}
	for _, st := range u.sts {
		if c, ok := st.(contentTypeStatement); ok {
			s.mime = c.value
		}
	}
	ended := false
	for _, st := range u.sts {
		ok := true
		switch st := st.(type) {
		case returnStatement, rewriteStatement, ifStatement:
			if ended {
				continue
			}
			m := s.rule(src, model.AnyPath{})
			if m.Match, m.Action, ok = s.answers(s.mime).of(m.Match, st); ok {
				*before = append(*before, m)
			}
			_, ended = st.(returnStatement)
		case locationStatement:
			ok = s.addLocation(st, src)
		case accessStatement:
			s.access = append(s.access, st)
		case responseStatement, hideStatement, requestStatement:
			s.shared = append(s.shared, st)
		}
		if !ok {
			lost.add(describeStatement(st))
		}
	}
	return lost
}

// answers makes answers of the host's server, which is no location: only the controller's setting makes redirects relative.
func (s *hostSnippet) answers(mime string) *snippetAnswers {
	return &snippetAnswers{host: s.h, mime: mime, relative: switchedOn(s.h.Edge, "relative-redirects"), corners: &s.corners}
}

// rule makes a rule of the host that belongs to none of its paths.
func (s *hostSnippet) rule(src snippetSource, p model.Path) *model.Rule {
	m := &model.Rule{Match: model.Match{Path: p}, Origin: src.origin(), Owner: s.h.Model.Owner}
	if in := src.in; in != nil {
		m.Owner, m.Ingress = in.Namespace, in.Ref()
	} else if len(s.h.Ingresses) > 0 {
		m.Ingress = s.h.Ingresses[0].Ref()
	}
	return m
}

// closeHost closes all locations of the host because of a snippet, unless the user waived it; it tells whether it did.
func (s *hostSnippet) closeHost(src snippetSource, why string) bool {
	o, e := src.origin(), s.h.Edge
	if src.in == nil {
		closed := false
		for _, r := range s.h.Routes {
			closed = closeBySetting(r, finding.ProtectionClosed, src.key, why) || closed
		}
		return closed
	}
	name := e.Prefix + src.key
	if w := e.Options.Waived; w != nil && w(finding.ProtectionClosed, o.Object) {
		e.Findings.Add(finding.Finding{Code: finding.ProtectionOpen, Class: finding.Refused, Origin: o, Args: []string{name, why}, Waived: true})
		return false
	}
	src.in.Say(finding.ProtectionClosed, src.key, name, why)
	for _, r := range s.h.Routes {
		r.Model.Close(403, o)
	}
	return true
}

// headersOf gives a rule of the host the headers that every location takes over.
func (s *hostSnippet) headersOf(m *model.Rule) {
	var ops []model.HeaderOp
	for _, st := range s.shared {
		if op, ok := responseOp(st); ok {
			ops = append(ops, op)
		}
	}
	m.ResponseHeaders = append(ops, m.ResponseHeaders...)
}
