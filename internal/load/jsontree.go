package load

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonParser reads JSON into our tree, counting lines.
type jsonParser struct {
	*arena
	src  string
	pos  int
	line int32
	tree tree
}

// parseJSON reads one JSON value, whatever follows it.
func parseJSON(a *arena, doc string, line int32) (tree, *syntaxError) {
	p := jsonParser{arena: a, src: doc, line: line}
	root, err := p.value(0)
	if err != nil {
		return tree{}, err
	}
	p.tree.root = root
	return p.tree, nil
}

func (p *jsonParser) fail(format string, args ...any) *syntaxError {
	return &syntaxError{line: p.line, text: "JSON: " + fmt.Sprintf(format, args...)}
}

func (p *jsonParser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case '\n':
			p.line++
		case ' ', '\t', '\r':
		default:
			return
		}
		p.pos++
	}
}

// peek is the next character that is not white space; 0 at the end.
func (p *jsonParser) peek() byte {
	p.space()
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func (p *jsonParser) expect(c byte) *syntaxError {
	if got := p.peek(); got != c {
		return p.unexpected(strconv.QuoteRune(rune(c)))
	}
	p.pos++
	return nil
}

func (p *jsonParser) unexpected(wanted string) *syntaxError {
	if p.pos >= len(p.src) {
		return p.fail("ends where %s is expected", wanted)
	}
	return p.fail("%q stands where %s is expected", p.src[p.pos], wanted)
}

func (p *jsonParser) value(depth int) (*node, *syntaxError) {
	if depth > maxDepth {
		return nil, p.fail("is nested too deeply")
	}
	switch p.peek() {
	case '{':
		n := p.node(mapping, p.line)
		err := p.members(func(key string, line int32) *syntaxError {
			v, err := p.value(depth + 1)
			if err == nil {
				v.key, v.keyLine = key, line
				n.add(v)
			}
			return err
		})
		p.tree.noteDuplicates(n)
		return n, err
	case '[':
		n := p.node(sequence, p.line)
		err := p.elements(func() *syntaxError {
			v, err := p.value(depth + 1)
			if err == nil {
				n.add(v)
			}
			return err
		})
		return n, err
	case '"':
		line := p.line
		s, err := p.string()
		if err != nil {
			return nil, err
		}
		return p.scalar(text, s, line), nil
	}
	return p.word()
}

// members reads an object, calling entry at the place of each value.
func (p *jsonParser) members(entry func(key string, line int32) *syntaxError) *syntaxError {
	if err := p.expect('{'); err != nil {
		return err
	}
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	for {
		if p.peek() != '"' {
			return p.unexpected("a key")
		}
		line := p.line
		key, err := p.string()
		if err != nil {
			return err
		}
		if err := p.expect(':'); err != nil {
			return err
		}
		if err := entry(key, line); err != nil {
			return err
		}
		if p.peek() != ',' {
			return p.expect('}')
		}
		p.pos++
	}
}

// elements reads an array, calling entry at the place of each element.
func (p *jsonParser) elements(entry func() *syntaxError) *syntaxError {
	if err := p.expect('['); err != nil {
		return err
	}
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	for {
		if err := entry(); err != nil {
			return err
		}
		if p.peek() != ',' {
			return p.expect(']')
		}
		p.pos++
	}
}

func (p *jsonParser) string() (string, *syntaxError) {
	quoted, plain, err := p.scanString()
	if err != nil {
		return "", err
	}
	return p.unquote(quoted, plain)
}

// scanString finds the end of a string. plain tells that it has no escapes.
func (p *jsonParser) scanString() (quoted string, plain bool, err *syntaxError) {
	begin := p.pos
	plain = true
	for i := begin + 1; i < len(p.src); i++ {
		switch c := p.src[i]; {
		case c == '"':
			p.pos = i + 1
			return p.src[begin:p.pos], plain, nil
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			p.pos = i
			return "", false, p.fail("a string holds a control character")
		}
	}
	p.pos = len(p.src)
	return "", false, p.fail("a string does not end")
}

func (p *jsonParser) unquote(quoted string, plain bool) (string, *syntaxError) {
	if plain {
		s := quoted[1 : len(quoted)-1]
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "\uFFFD")
		}
		return s, nil
	}
	var s string
	if err := json.Unmarshal([]byte(quoted), &s); err != nil {
		return "", p.fail("a string holds an escape that is not valid")
	}
	return s, nil
}

// word reads a number, true, false or null.
func (p *jsonParser) word() (*node, *syntaxError) {
	begin := p.pos
	if err := p.skipWord(); err != nil {
		return nil, err
	}
	switch s := p.src[begin:p.pos]; {
	case s == "null":
		return p.node(null, p.line), nil
	case s == "true" || s == "false":
		return p.scalar(boolean, s, p.line), nil
	case onlyDigits(strings.TrimPrefix(s, "-")):
		return p.scalar(integer, s, p.line), nil
	default:
		return p.scalar(float, s, p.line), nil
	}
}

func (p *jsonParser) skipWord() *syntaxError {
	begin := p.pos
	for p.pos < len(p.src) && wordByte(p.src[p.pos]) {
		p.pos++
	}
	s := p.src[begin:p.pos]
	if s == "" || (!onlyDigits(s) || s[0] == '0') && !json.Valid([]byte(s)) {
		p.pos = begin
		return p.unexpected("a value")
	}
	return nil
}

func wordByte(c byte) bool {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'
}
