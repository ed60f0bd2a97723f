package load

import "strings"

// scalarAt reads a scalar on the current line, beginning at i, that belongs to a map or list in the given column, and goes
// to the next line.
func (p *blockParser) scalarAt(i, column int) *node {
	line := p.line
	var n *node
	switch p.src[i] {
	case '|':
		return p.literal(i+1, column)
	case '"', '\'':
		s, after, ok := p.quoted(i)
		if !ok || !p.blank(p.src[after:p.end]) {
			return p.fail()
		}
		n = p.scalar(text, s, line)
	case '{', '[':
		if n = p.empty(i); n == nil {
			return p.fail()
		}
	default:
		s, ok := plainScalar(p.src[i:p.end])
		if !ok {
			return p.fail()
		}
		k, v := resolve(s)
		n = p.scalar(k, v, line)
	}
	p.advance()
	if !p.done && p.column > column { // the text goes on
		return p.fail()
	}
	return n
}

// empty reads {} and []; nil for anything else in flow style.
func (p *blockParser) empty(i int) *node {
	rest := p.src[i:p.end]
	if len(rest) < 2 || !p.blank(rest[2:]) {
		return nil
	}
	switch rest[:2] {
	case "{}":
		return p.node(mapping, p.line)
	case "[]":
		return p.node(sequence, p.line)
	}
	return nil
}

// plainScalar cuts an unquoted scalar out of the rest of a line.
func plainScalar(s string) (string, bool) {
	switch c := s[0]; {
	case strings.IndexByte("&*!|>%@`\"'#{}[],?:", c) >= 0:
		return "", false
	case c == '-' && (len(s) == 1 || s[1] == ' '):
		return "", false
	}
	for i := 0; ; {
		j := strings.IndexAny(s[i:], ":#")
		if j < 0 {
			return strings.TrimRight(s, " "), true
		}
		i += j
		if s[i] == '#' && i > 0 && s[i-1] == ' ' {
			return strings.TrimRight(s[:i], " "), true
		}
		if s[i] == ':' && (i+1 == len(s) || s[i+1] == ' ') {
			return "", false
		}
		i++
	}
}

// quoted reads a quoted string that ends on the same line. after is the place behind the closing quote.
func (p *blockParser) quoted(i int) (s string, after int, ok bool) {
	quote := p.src[i]
	rest := p.src[i+1 : p.end]
	j := strings.IndexByte(rest, quote)
	if j < 0 {
		return "", 0, false
	}
	if quote == '"' {
		if strings.IndexByte(rest[:j], '\\') < 0 {
			return rest[:j], i + j + 2, true
		}
		return unescape(rest, i+1)
	}
	if j+1 == len(rest) || rest[j+1] != '\'' {
		return rest[:j], i + j + 2, true
	}
	var b strings.Builder
	for j = 0; j < len(rest); j++ {
		if rest[j] == '\'' {
			if j+1 == len(rest) || rest[j+1] != '\'' {
				return b.String(), i + j + 2, true
			}
			j++
		}
		b.WriteByte(rest[j])
	}
	return "", 0, false
}

// unescape reads a double-quoted string with the usual escapes, up to its closing quote.
func unescape(rest string, offset int) (s string, after int, ok bool) {
	var b strings.Builder
	for j := 0; j < len(rest); j++ {
		switch c := rest[j]; c {
		case '"':
			return b.String(), offset + j + 1, true
		case '\\':
			j++
			if j == len(rest) {
				return "", 0, false
			}
			k := strings.IndexByte(`nt"\/`, rest[j])
			if k < 0 {
				return "", 0, false
			}
			b.WriteByte("\n\t\"\\/"[k])
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, false
}

// literal reads a block scalar in literal style ("|" or "|-"), whose header goes on at i.
func (p *blockParser) literal(i, column int) *node {
	line := p.line
	header := strings.TrimRight(p.src[i:p.end], " ")
	if header != "" && header != "-" {
		return p.fail()
	}
	var b strings.Builder
	indent, blanks, content := 0, 0, false
	for p.step() {
		begin := p.start - p.column
		switch {
		case p.start == p.end && (!content || p.column <= indent):
			if !content && p.column > 0 {
				return p.fail() // may be deeper than the text that follows
			}
			blanks++
			continue
		case !content:
			if p.column <= column {
				return p.fail()
			}
			content, indent = true, p.column
		case p.column < indent && p.start < p.end:
			return p.literalEnd(b.String(), header, column, line)
		}
		for ; blanks > 0; blanks-- {
			b.WriteByte('\n')
		}
		b.WriteString(p.src[begin+indent : p.end])
		b.WriteByte('\n')
	}
	if !content || p.src[len(p.src)-1] != '\n' {
		return p.fail()
	}
	p.done = true
	return p.scalar(text, chomp(b.String(), header), line)
}

// literalEnd finishes a block scalar at the first line that no longer belongs to it.
func (p *blockParser) literalEnd(s, header string, column int, line int32) *node {
	if p.src[p.start] == '#' {
		p.advance()
	}
	if !p.done && p.column > column {
		return p.fail()
	}
	return p.scalar(text, chomp(s, header), line)
}

func chomp(s, header string) string {
	if header == "-" {
		return s[:len(s)-1]
	}
	return s
}
