package nginx

import (
	"fmt"
	"strings"
)

// byteSet is a set of bytes.
type byteSet [256]bool

func fullSet() *byteSet {
	s := &byteSet{}
	for i := range s {
		s[i] = true
	}
	return s
}

func setOf(chars string) *byteSet {
	s := &byteSet{}
	for i := range len(chars) {
		s[chars[i]] = true
	}
	return s
}

func (s *byteSet) remove(c byte) { s[c] = false }

func (s *byteSet) join(t *byteSet) {
	for i := range s {
		s[i] = s[i] || t[i]
	}
}

func (s *byteSet) span(from, to byte) *byteSet {
	for i := int(from); i <= int(to); i++ {
		s[i] = true
	}
	return s
}

func (s *byteSet) complement() *byteSet {
	t := &byteSet{}
	for i := range s {
		t[i] = !s[i]
	}
	return t
}

func (s *byteSet) and(t *byteSet) *byteSet {
	u := &byteSet{}
	for i := range s {
		u[i] = s[i] && t[i]
	}
	return u
}

func (s *byteSet) hasAll(chars string) bool {
	for i := range len(chars) {
		if !s[chars[i]] {
			return false
		}
	}
	return true
}

func (s *byteSet) empty() bool { return *s == byteSet{} }

// text spells the bytes below 128 as the inside of a class.
func (s *byteSet) text() string {
	var b strings.Builder
	for i := 0; i < 128; i++ {
		if !s[i] {
			continue
		}
		j := i
		for j < 127 && s[j+1] {
			j++
		}
		b.WriteString(classByte(byte(i)))
		if j > i+1 {
			b.WriteByte('-')
		}
		if j > i {
			b.WriteString(classByte(byte(j)))
		}
		i = j
	}
	return b.String()
}

// classByte spells a byte inside a class.
func classByte(c byte) string {
	switch {
	case strings.IndexByte(`\]^-[`, c) >= 0:
		return `\` + string(rune(c))
	case c < ' ' || c >= 0x7f:
		return fmt.Sprintf(`\x%02X`, c)
	}
	return string(rune(c))
}

// escapedSet gives the bytes of \d, \w, \s, \h and \v.
func escapedSet(c byte) *byteSet {
	switch c {
	case 'd':
		return (&byteSet{}).span('0', '9')
	case 'w':
		return setOf("_").span('0', '9').span('A', 'Z').span('a', 'z')
	case 's':
		return setOf(" ").span('\t', '\r')
	case 'h':
		return setOf(" \t\xA0")
	case 'v':
		return setOf("\x85").span('\n', '\r')
	}
	return nil
}

// escapedClass is the token of \d, \D, \w and so on.
func escapedClass(c byte) (token, bool) {
	lower := c | 0x20
	set := escapedSet(lower)
	if set == nil {
		return token{}, false
	}
	inside := `\` + string(rune(lower))
	if lower == 'h' || lower == 'v' {
		inside = set.text()
	}
	t := token{kind: tokenClass, set: set, re2: `\` + string(rune(c))}
	if c != lower {
		t.set, t.negated = set.complement(), inside
	}
	if lower == 'h' || lower == 'v' {
		t.re2 = "[" + inside + "]"
		if c != lower {
			t.re2 = "[^" + inside + "]"
		}
	}
	return t, true
}

// posixSet gives the bytes of a POSIX class.
func posixSet(name string) *byteSet {
	s := &byteSet{}
	switch name {
	case "alpha":
		return s.span('A', 'Z').span('a', 'z')
	case "lower":
		return s.span('a', 'z')
	case "upper":
		return s.span('A', 'Z')
	case "alnum":
		return s.span('0', '9').span('A', 'Z').span('a', 'z')
	case "ascii":
		return s.span(0, 127)
	case "blank":
		return setOf(" \t")
	case "cntrl":
		return setOf("\x7f").span(0, 31)
	case "digit":
		return escapedSet('d')
	case "graph":
		return s.span(33, 126)
	case "print":
		return s.span(32, 126)
	case "punct":
		return s.span('!', '/').span(':', '@').span('[', '`').span('{', '~')
	case "space":
		return escapedSet('s')
	case "word":
		return escapedSet('w')
	case "xdigit":
		return s.span('0', '9').span('A', 'F').span('a', 'f')
	}
	return nil
}

// classScan collects the members of a class.
type classScan struct {
	*scanner
	inside strings.Builder
	set    byteSet
	high   bool
}

// class reads a class behind its opening bracket.
func (s *scanner) class() error {
	c := &classScan{scanner: s}
	negated := strings.HasPrefix(s.src[s.pos:], "^")
	if negated {
		s.pos++
	}
	for first := true; ; first = false {
		if s.pos == len(s.src) {
			return notPCRE("a class is never closed")
		}
		if s.src[s.pos] == ']' && !first {
			s.pos++
			break
		}
		if err := c.member(); err != nil {
			return err
		}
	}
	t := token{kind: tokenClass, set: &c.set, high: c.high, re2: "[" + c.inside.String() + "]"}
	if negated {
		t.set, t.negated, t.re2 = c.set.complement(), c.inside.String(), "[^"+c.inside.String()+"]"
	}
	if c.inside.Len() == 0 {
		return notPCRE("a class has no members")
	}
	s.add(t)
	return nil
}

// member reads one member or range.
func (c *classScan) member() error {
	if name, ok := c.posix(); ok {
		return c.addPosix(name)
	}
	from, one, err := c.element()
	if err != nil || !one {
		return err
	}
	rest := c.src[c.pos:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		c.span(from, from)
		return nil
	}
	// A hyphen in front of \d, [:alpha:] or the like is a member itself.
	mark, text := c.pos, c.inside.Len()
	c.pos++
	if _, ok := c.posix(); ok {
		c.pos = mark
		c.span(from, from)
		return nil
	}
	before := c.set
	to, one, err := c.element()
	if err != nil {
		return err
	}
	if !one {
		written := c.inside.String()
		c.inside.Reset()
		c.inside.WriteString(written[:text])
		c.set = before
		c.pos = mark
		c.span(from, from)
		return nil
	}
	if to < from {
		return notPCRE("a range in a class is out of order")
	}
	c.span(from, to)
	return nil
}

func (c *classScan) span(from, to byte) {
	c.set.span(from, to)
	c.high = c.high || to >= 0x80
	c.inside.WriteString(classByte(from))
	if to > from {
		c.inside.WriteString("-" + classByte(to))
	}
}

// posix takes a POSIX class such as [:alpha:].
func (c *classScan) posix() (string, bool) {
	rest, ok := strings.CutPrefix(c.src[c.pos:], "[:")
	if !ok {
		return "", false
	}
	name, _, ok := strings.Cut(rest, ":]")
	if !ok || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz^") != "" {
		return "", false
	}
	c.pos += len(name) + 4
	return name, true
}

func (c *classScan) addPosix(name string) error {
	plain, negated := strings.CutPrefix(name, "^")
	set := posixSet(plain)
	if set == nil {
		return notPCRE("[:%s:] names no class", name)
	}
	if negated {
		set = set.complement()
	}
	c.set.join(set)
	c.inside.WriteString("[:" + name + ":]")
	return nil
}

// element reads one member. The second result is false if it is more than one byte, and has been added already.
func (c *classScan) element() (byte, bool, error) {
	b := c.src[c.pos]
	c.pos++
	if b != '\\' {
		return b, true, nil
	}
	if c.pos == len(c.src) {
		return 0, false, notPCRE("the pattern ends in a backslash")
	}
	b = c.src[c.pos]
	if t, ok := escapedClass(b); ok {
		c.pos++
		c.set.join(t.set)
		c.inside.WriteString(c.insideText(t))
		return 0, false, nil
	}
	switch b {
	case 'Q':
		c.pos++
		for _, q := range []byte(c.quoted()) {
			c.span(q, q)
		}
		return 0, false, nil
	case 'E':
		c.pos++
		return 0, false, nil
	case 'b':
		c.pos++
		return '\b', true, nil
	case 'B', 'N':
		return 0, false, notPCRE(`\%c stands in a class`, b)
	}
	b, err := c.escapedByte()
	return b, err == nil, err
}

// insideText spells an escaped class inside another class.
func (c *classScan) insideText(t token) string {
	if !strings.HasPrefix(t.re2, "[") {
		return t.re2
	}
	if t.negated == "" {
		return strings.Trim(t.re2, "[]")
	}
	return t.set.text() + `\x{80}-\x{10FFFF}`
}
