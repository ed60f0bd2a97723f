package nginx

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// maxPattern is the longest pattern that Istio takes, in bytes.
const maxPattern = 1024

// maxProgram bounds the compiled size of a pattern, in steps of RE2: what Envoy cannot compile costs all routes of its port.
const maxProgram = 100_000

// Pattern is a PCRE pattern for paths in the spelling of RE2, for percent-encoded paths.
type Pattern struct {
	Match   string // must match the whole path
	Rewrite string // matches the whole path with the groups of the pattern
	Groups  int
	Names   map[string]int // of named groups
	// Approximate says why the pattern may take other paths than the source's; "" if it takes the same.
	Approximate string
}

// convertPath converts the path of an Ingress that nginx takes as a pattern. nginx compares it without case and writes ^ in
// front of it, which binds to the first of several alternatives only.
func convertPath(path string) (Pattern, error) {
	return convertPattern(unescape(path), true, true)
}

// convertRewrite converts the pattern of a rewrite directive, which is searched anywhere in the path.
func convertRewrite(regex string) (Pattern, error) {
	return convertPattern(regex, false, false)
}

func convertPattern(src string, fold, anchored bool) (Pattern, error) {
	if len(src) > maxPattern {
		return Pattern{}, notRE2("a pattern of more than %d bytes", maxPattern)
	}
	p, err := scan(src)
	if err != nil {
		return Pattern{}, err
	}
	out := Pattern{Groups: p.groups, Names: p.names}
	for _, simple := range []bool{false, true} {
		w := newPathWriter(simple)
		out.Match, out.Rewrite = p.whole(w.write(p.tokens), fold, anchored)
		if err = checkRE2(out.Match); err == nil {
			err = checkRE2(out.Rewrite)
		}
		if err != nil {
			continue
		}
		switch {
		case w.lossy:
			out.Approximate = "a class or a counter covers characters that arrive percent-encoded, which count as three"
		case w.borderSeen:
			out.Approximate = "a word boundary next to a percent-encoded character is seen differently"
		}
		return out, nil
	}
	return Pattern{}, err
}

// whole makes a pattern cover whole paths: for a match, and for a rewrite, which replaces all that it matches.
func (p *pattern) whole(body string, fold, anchored bool) (match, rewrite string) {
	flag := ""
	if fold {
		flag = "(?i)"
	}
	begin, end := p.lead(), ".*"
	if p.alternation {
		inner := body
		if anchored {
			inner = "^" + body
		}
		return flag + begin + "(?:" + inner + ").*", flag + "^" + begin + "?(?:" + body + ").*$"
	}
	if anchored || p.startsAnchored() {
		begin = ""
	}
	if p.endsWide() {
		end = ""
	}
	match = flag + begin + body + end
	if n := len(p.tokens); end == "" && p.tokens[n-1].re2 == "$" {
		body = body[:len(body)-1]
	}
	if begin != "" {
		return match, flag + "^" + begin + "?" + body + end + "$"
	}
	return match, flag + "^" + strings.TrimPrefix(body, "^") + end + "$"
}

// lead is what may stand in front of a pattern that is searched: whole bytes, if the pattern could begin within the spelling
// of an encoded one.
func (p *pattern) lead() string {
	f := follower{ts: p.tokens, budget: 4 * maxPattern, greedy: true}
	whole := f.boundary(0)
	for i, t := range p.tokens {
		if t.kind == tokenBar && t.depth == 0 {
			whole = whole && f.boundary(i+1)
		}
	}
	if whole {
		return ".*"
	}
	return "(?:[^%]|%[0-9A-Fa-f]{2})*"
}

// startsAnchored tells whether the pattern begins with ^, flags aside.
func (p *pattern) startsAnchored() bool {
	for _, t := range p.tokens {
		if t.kind != tokenFlags {
			return t.kind == tokenStart
		}
	}
	return false
}

// endsWide tells whether the pattern ends in $, .* or (.*) and so reaches the end of the path by itself. Flags could turn
// the greed of .* around.
func (p *pattern) endsWide() bool {
	for _, t := range p.tokens {
		if strings.HasPrefix(t.re2, "(?") && !strings.HasPrefix(t.re2, "(?P<") && t.re2 != "(?:" {
			return false
		}
	}
	ts := p.tokens
	if n := len(ts); n >= 4 && ts[n-1].kind == tokenClose && ts[n-4].kind == tokenOpen {
		ts = ts[n-3 : n-1]
	}
	n := len(ts)
	if n == 0 {
		return false
	}
	if ts[n-1].kind == tokenEnd {
		return ts[n-1].depth == 0
	}
	return n >= 2 && ts[n-1].re2 == "*" && ts[n-2].re2 == "."
}

// convertSearch converts a pattern that is searched anywhere in a header's value. The result has no anchors of its own.
func convertSearch(src string) (string, error) {
	p, err := scan(src)
	if err != nil {
		return "", err
	}
	re, err := spell(p.tokens)
	if err != nil {
		return "", err
	}
	return re, checkRE2(re)
}

// spell writes tokens for plain text.
func spell(ts []token) (string, error) {
	var b strings.Builder
	for i, t := range ts {
		high := t.high || t.kind == tokenLiteral && t.char >= 0x80
		if t.high || high && i+1 < len(ts) && ts[i+1].kind == tokenRepeat {
			return "", notRE2("a class or repeat of single bytes beyond ASCII")
		}
		b.WriteString(t.re2)
	}
	if !utf8.ValidString(b.String()) {
		return "", notRE2("a single byte beyond ASCII")
	}
	return b.String(), nil
}

// convertName converts a pattern of server names, with or without its tilde, to one for the whole name. nginx compares
// names without case. The result has no anchors, so that a port can follow it.
func convertName(src string) (string, error) {
	p, err := scan(unescape(strings.TrimPrefix(src, "~")))
	if err != nil {
		return "", err
	}
	var parts []string
	for _, ts := range p.alternatives() {
		part, err := wholeName(ts)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	re := "(?i)" + parts[0]
	if len(parts) > 1 {
		re = "(?i)(?:" + strings.Join(parts, "|") + ")"
	}
	return re, checkRE2(re)
}

// alternatives splits the tokens at the bars outside of groups.
func (p *pattern) alternatives() [][]token {
	var out [][]token
	start := 0
	for i, t := range p.tokens {
		if t.kind == tokenBar && t.depth == 0 {
			out = append(out, p.tokens[start:i])
			start = i + 1
		}
	}
	return append(out, p.tokens[start:])
}

// wholeName makes one alternative cover a whole name.
func wholeName(ts []token) (string, error) {
	flags := ""
	for len(ts) > 0 && ts[0].kind == tokenFlags {
		flags += ts[0].re2
		ts = ts[1:]
	}
	begin, end := ".*", ".*"
	if len(ts) > 0 && ts[0].kind == tokenStart {
		begin, ts = "", ts[1:]
	}
	if n := len(ts); n > 0 && ts[n-1].kind == tokenEnd {
		end, ts = "", ts[:n-1]
	}
	for _, t := range ts {
		if t.kind == tokenStart || t.kind == tokenEnd {
			return "", notRE2("an anchor inside of a name's pattern")
		}
	}
	body, err := spell(ts)
	return flags + begin + body + end, err
}

// checkRE2 makes sure that Envoy and Istio take a pattern.
func checkRE2(re string) error {
	if len(re) > maxPattern {
		return notRE2("a pattern of more than %d bytes", maxPattern)
	}
	tree, err := syntax.Parse(re, syntax.Perl)
	if err != nil {
		return &patternError{errNotRE2, fmt.Sprintf("RE2 refuses it: %v", err)}
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return &patternError{errNotRE2, fmt.Sprintf("RE2 refuses it: %v", err)}
	}
	size := 0
	for _, in := range prog.Inst {
		size += 1 + 2*len(in.Rune) // a range beyond ASCII takes several steps over UTF-8
	}
	if size > maxProgram {
		return notRE2("a pattern whose counters multiply to more than %d steps", maxProgram)
	}
	return nil
}
