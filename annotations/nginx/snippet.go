package nginx

import (
	"fmt"
	"strings"
)

// maxNesting bounds the blocks within blocks of a snippet.
const maxNesting = 20

// directive is one statement of nginx's configuration language.
type directive struct {
	name  string
	args  []string // unquoted; the text of a Lua block is one argument
	block []directive
	body  bool // written with braces
	line  int  // from 1
	text  string
}

// parseSnippet reads a piece of nginx configuration. Errors name the line.
func parseSnippet(src string) ([]directive, error) {
	p := &snippetParser{src: src, line: 1}
	return p.statements(0)
}

type snippetParser struct {
	src  string
	pos  int
	line int
}

func (p *snippetParser) fail(format string, args ...any) error {
	return fmt.Errorf("line %d: %s", p.line, fmt.Sprintf(format, args...))
}

// statements reads up to the closing brace of the block, or at the top to the end.
func (p *snippetParser) statements(depth int) ([]directive, error) {
	var out []directive
	for {
		p.skipSpace()
		switch {
		case p.pos == len(p.src) && depth == 0:
			return out, nil
		case p.pos == len(p.src):
			return nil, p.fail("a block is never closed")
		case p.src[p.pos] == '}' && depth > 0:
			p.pos++
			return out, nil
		case strings.IndexByte("{};", p.src[p.pos]) >= 0:
			return nil, p.fail("unexpected %q", p.src[p.pos])
		}
		d, err := p.statement(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
}

// statement reads one directive with its block.
func (p *snippetParser) statement(depth int) (directive, error) {
	start, d := p.pos, directive{line: p.line}
	name, err := p.word()
	if err != nil {
		return d, err
	}
	d.name = name
	for {
		p.skipSpace()
		if p.pos == len(p.src) {
			return d, p.fail("%q does not end in a semicolon", d.name)
		}
		switch p.src[p.pos] {
		case ';':
			p.pos++
			d.text = p.src[start:p.pos]
			return d, nil
		case '{':
			p.pos++
			d.body = true
			if err := p.inner(&d, depth); err != nil {
				return d, err
			}
			d.text = p.src[start:p.pos]
			return d, nil
		case '}':
			return d, p.fail("%q does not end in a semicolon", d.name)
		}
		arg, err := p.word()
		if err != nil {
			return d, err
		}
		d.args = append(d.args, arg)
	}
}

func (p *snippetParser) inner(d *directive, depth int) (err error) {
	if depth == maxNesting {
		return p.fail("blocks are nested too deeply")
	}
	if strings.HasSuffix(d.name, "_by_lua_block") {
		code, err := p.lua()
		d.args = append(d.args, code)
		return err
	}
	d.block, err = p.statements(depth + 1)
	return err
}

// skipSpace skips spaces and comments.
func (p *snippetParser) skipSpace() {
	for ; p.pos < len(p.src); p.pos++ {
		switch p.src[p.pos] {
		case '\n':
			p.line++
		case ' ', '\t', '\r':
		case '#':
			end := strings.IndexByte(p.src[p.pos:], '\n')
			if end < 0 {
				p.pos = len(p.src)
				return
			}
			p.pos += end - 1
		default:
			return
		}
	}
}

// word reads one word, quoted or not.
func (p *snippetParser) word() (string, error) {
	if q := p.src[p.pos]; q == '"' || q == '\'' {
		return p.quotedWord(q)
	}
	start, variable := p.pos, false
	for ; p.pos < len(p.src); p.pos++ {
		c := p.src[p.pos]
		if c == '{' && variable {
			variable = false
			continue
		}
		variable = false
		switch c {
		case '\\':
			p.pos++
			if p.pos < len(p.src) && p.src[p.pos] == '\n' {
				p.line++
			}
			continue
		case '$':
			variable = true
			continue
		case ' ', '\t', '\r', '\n', ';', '{':
			return unescape(p.src[start:p.pos]), nil
		}
	}
	p.pos = len(p.src)
	return "", p.fail("the last directive does not end in a semicolon")
}

func (p *snippetParser) quotedWord(q byte) (string, error) {
	first := p.line
	p.pos++
	for start := p.pos; p.pos < len(p.src); p.pos++ {
		switch p.src[p.pos] {
		case '\n':
			p.line++
		case '\\':
			p.pos++
			if p.pos < len(p.src) && p.src[p.pos] == '\n' {
				p.line++
			}
		case q:
			text := unescape(p.src[start:p.pos])
			p.pos++
			if p.pos < len(p.src) && strings.IndexByte(" \t\r\n;{)", p.src[p.pos]) < 0 {
				return "", p.fail("unexpected %q behind a quoted word", p.src[p.pos])
			}
			return text, nil
		}
	}
	p.pos, p.line = len(p.src), first
	return "", p.fail("a quoted word is never closed")
}

// lua takes the text of a Lua block, whose braces, strings and comments are Lua's.
func (p *snippetParser) lua() (string, error) {
	start, open, first := p.pos, 1, p.line
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		p.pos++
		switch c {
		case '\n':
			p.line++
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return p.src[start : p.pos-1], nil
			}
		case '"', '\'':
			p.skipLuaString(c)
		case '-':
			if strings.HasPrefix(p.src[p.pos:], "-") {
				p.pos++
				if !p.skipLongBracket() {
					p.skipTo("\n")
				}
			}
		case '[':
			p.pos--
			if !p.skipLongBracket() {
				p.pos++
			}
		}
	}
	p.line = first
	return "", p.fail("a Lua block is never closed")
}

func (p *snippetParser) skipLuaString(q byte) {
	for ; p.pos < len(p.src) && p.src[p.pos] != '\n'; p.pos++ {
		switch p.src[p.pos] {
		case '\\':
			p.pos++
			if p.pos < len(p.src) && p.src[p.pos] == '\n' {
				p.line++
			}
		case q:
			p.pos++
			return
		}
	}
	p.pos = min(p.pos, len(p.src))
}

// skipLongBracket skips a text such as [==[ ... ]==].
func (p *snippetParser) skipLongBracket() bool {
	rest, ok := strings.CutPrefix(p.src[p.pos:], "[")
	level := len(rest) - len(strings.TrimLeft(rest, "="))
	if !ok || !strings.HasPrefix(rest[level:], "[") {
		return false
	}
	p.skipTo("]" + rest[:level] + "]")
	return true
}

// skipTo goes behind the next occurrence of a text, or to the end. A line feed is left.
func (p *snippetParser) skipTo(end string) {
	i := strings.Index(p.src[p.pos:], end)
	if i < 0 {
		p.pos = len(p.src)
		return
	}
	p.line += strings.Count(p.src[p.pos:p.pos+i], "\n")
	p.pos += i
	if end != "\n" {
		p.pos += len(end)
	}
}
