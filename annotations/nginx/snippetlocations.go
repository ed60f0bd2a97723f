package nginx

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// snippetLocation is a location of a snippet.
type snippetLocation struct {
	kind   string
	rule   *model.Rule
	length int // of the path's text
}

// addLocation keeps a location of a snippet, whose statements answer every request.
func (s *hostSnippet) addLocation(st locationStatement, src snippetSource) bool {
	m := s.rule(src, st.path)
	mime, answered := s.mime, false
	for _, x := range st.then {
		if c, ok := x.(contentTypeStatement); ok {
			mime = c.value
		}
	}
	for _, x := range st.then {
		switch x := x.(type) {
		case returnStatement:
			if answered {
				continue
			}
			var ok bool
			if m.Match, m.Action, ok = s.answers(mime).of(m.Match, x); !ok {
				return false
			}
			answered = true
		case accessStatement:
			if !answered && x.deny && x.cidr == "" {
				m.Action = model.Respond{Status: 403}
			} else if m.Action == nil {
				return false
			}
		case responseStatement:
			m.ResponseHeaders = append(m.ResponseHeaders, x.op)
		case hideStatement, requestStatement, bodyStatement, timeoutStatement, contentTypeStatement:
		default:
			return false
		}
	}
	if m.Action == nil {
		return false
	}
	l := &snippetLocation{kind: st.kind, rule: m, length: st.length}
	if s.h.Model.RegexMode && l.kind == "" {
		return true // patterns go first, and one of them takes every path
	}
	s.locations = append(s.locations, l)
	return l.kind != "^~" || s.h.Model.RegexMode || !s.longerPrefix(l)
}

// literalLength is the length of a path's text, of a pattern that of its beginning.
func literalLength(p model.Path) int {
	switch p := p.(type) {
	case model.RegexPath:
		if re, err := regexp.Compile(string(p)); err == nil {
			lit, _ := re.LiteralPrefix()
			return len(lit)
		}
		return 0
	case model.ExactPath:
		return len(p)
	}
	return max(1, matchLength(p))
}

// longerPrefix tells whether the host has a longer path below that of the location: then patterns of the snippet would
// have to come before one and behind the other.
func (s *hostSnippet) longerPrefix(l *snippetLocation) bool {
	p, ok := l.rule.Match.Path.(model.BelowPrefix)
	patterns := slices.ContainsFunc(s.locations, func(l *snippetLocation) bool { return l.kind == "~" })
	return ok && patterns && slices.ContainsFunc(s.h.Routes, func(r *annotations.Route) bool {
		return len(r.Path) > len(p) && strings.HasPrefix(r.Path, string(p))
	})
}

func (s *hostSnippet) locationRules() []*model.Rule {
	var out []*model.Rule
	for _, l := range s.locations {
		out = append(out, l.rule)
	}
	return out
}

// insertLocations puts the locations where nginx finds them: exact paths first, patterns before prefixes, prefixes by length.
func (s *hostSnippet) insertLocations() {
	if len(s.locations) == 0 {
		return
	}
	m := s.h.Model
	var exact, patterns, prefixes []*snippetLocation
	for _, l := range s.locations {
		switch l.kind {
		case "=":
			exact = append(exact, l)
		case "~":
			patterns = append(patterns, l)
		default:
			prefixes = append(prefixes, l)
		}
	}
	slices.SortStableFunc(prefixes, func(a, b *snippetLocation) int { return cmp.Compare(b.length, a.length) })
	rest := m.Rules
	var out []*model.Rule
	add := func(ls []*snippetLocation) {
		for _, l := range ls {
			out = append(out, l.rule)
		}
	}
	add(exact)
	if !m.RegexMode {
		for len(rest) > 0 && isExact(rest[0]) {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	if m.RegexMode || len(patterns) > 0 {
		strong := func(l *snippetLocation) bool { return l.kind == "^~" }
		for _, l := range prefixes {
			if strong(l) {
				out = append(out, l.rule)
			}
		}
		prefixes = slices.DeleteFunc(prefixes, strong)
	}
	add(patterns)
	for _, r := range rest {
		for len(prefixes) > 0 && prefixes[0].length >= pathLength(r) {
			out, prefixes = append(out, prefixes[0].rule), prefixes[1:]
		}
		out = append(out, r)
	}
	add(prefixes)
	m.Rules = out
}

func isExact(m *model.Rule) bool {
	_, ok := m.Match.Path.(model.ExactPath)
	return ok
}

// pathLength is the length of a rule's prefix, as nginx compares it.
func pathLength(m *model.Rule) int {
	if _, ok := m.Match.Path.(model.AnyPath); ok {
		return 1
	}
	if n := matchLength(m.Match.Path); n > 0 {
		return n
	}
	return literalLength(m.Match.Path)
}
