package nginx

import (
	"regexp/syntax"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// narrowed is a match with a further condition; false if the two cannot be said together.
func narrowed(m, by model.Match) (model.Match, bool) {
	if len(m.Methods) > 0 && len(by.Methods) > 0 || m.Scheme != "" && by.Scheme != "" {
		return m, false
	}
	if len(by.Methods) > 0 {
		m.Methods = by.Methods
	}
	if by.Scheme != "" {
		m.Scheme = by.Scheme
	}
	hs := make([]model.HeaderMatch, 0, len(m.Headers)+len(by.Headers))
	hs = append(hs, m.Headers...)
	for _, h := range by.Headers {
		for _, old := range hs {
			if old.Name == h.Name {
				return m, false
			}
		}
		hs = append(hs, h)
	}
	m.Headers = hs
	return m, true
}

// narrowedPath is a match with a pattern that the whole path must match as well. Where the match has a path of its own, the
// pattern is asked of the path with its query.
func narrowedPath(m model.Match, pattern string) (model.Match, bool) {
	if _, all := m.Path.(model.AnyPath); all {
		m.Path = model.RegexPath(pattern)
		return m, true
	}
	re, ok := withQuery(pattern)
	if !ok {
		return m, false
	}
	return narrowed(m, model.Match{Headers: []model.HeaderMatch{{Name: ":path", Regex: re}}})
}

// withQuery turns a pattern for whole paths into one for paths with a query: nothing in it may reach into the query.
func withQuery(pattern string) (string, bool) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	re := "(?:" + withoutQuestionMark(tree).String() + `)(?:\?.*)?`
	return re, checkRE2(re) == nil
}

// withoutQuestionMark takes question marks out of what a pattern matches, and lets its end stand before the query.
func withoutQuestionMark(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return class([]rune{0, '\n' - 1, '\n' + 1, '?' - 1, '?' + 1, 0x10ffff}, re.Flags)
	case syntax.OpCharClass:
		return class(cutRune(re.Rune, '?'), re.Flags)
	case syntax.OpEndText, syntax.OpEndLine:
		query := &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{
			{Op: syntax.OpLiteral, Rune: []rune{'?'}},
			{Op: syntax.OpStar, Sub: []*syntax.Regexp{{Op: syntax.OpAnyCharNotNL}}},
		}}
		return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{{Op: syntax.OpQuest, Sub: []*syntax.Regexp{query}}, re}}
	}
	if len(re.Sub) == 0 {
		return re
	}
	out := *re
	out.Sub, out.Sub0 = make([]*syntax.Regexp, len(re.Sub)), [1]*syntax.Regexp{}
	for i, s := range re.Sub {
		out.Sub[i] = withoutQuestionMark(s)
	}
	return &out
}

func class(ranges []rune, flags syntax.Flags) *syntax.Regexp {
	return &syntax.Regexp{Op: syntax.OpCharClass, Rune: ranges, Flags: flags}
}

// cutRune removes a character from the ranges of a class.
func cutRune(ranges []rune, c rune) []rune {
	var out []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if c < lo || c > hi {
			out = append(out, lo, hi)
			continue
		}
		if lo < c {
			out = append(out, lo, c-1)
		}
		if c < hi {
			out = append(out, c+1, hi)
		}
	}
	return out
}
