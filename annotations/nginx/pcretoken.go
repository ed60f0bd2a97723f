package nginx

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The two kinds of patterns that cannot be converted. Patterns of the first kind do not compile in ingress-nginx either.
var (
	errNotPCRE = errors.New("not a regular expression")
	errNotRE2  = errors.New("not expressible in RE2")
)

// patternError says in a sentence's words what is wrong with a pattern; it is of one of the two kinds.
type patternError struct {
	kind error
	text string
}

func (e *patternError) Error() string { return e.text }
func (e *patternError) Unwrap() error { return e.kind }

func notPCRE(format string, args ...any) error {
	return &patternError{errNotPCRE, fmt.Sprintf(format, args...)}
}

func notRE2(format string, args ...any) error {
	return &patternError{errNotRE2, fmt.Sprintf(format, args...) + ", which RE2 does not have"}
}

// tokenKind is the kind of an element of a pattern.
type tokenKind int

const (
	tokenLiteral tokenKind = iota // one byte
	tokenClass                    // one byte of a set
	tokenOpen                     // an opening parenthesis with what belongs to it
	tokenClose
	tokenBar
	tokenRepeat
	tokenStart  // ^ and \A
	tokenEnd    // $ and \z
	tokenBorder // \b and \B
	tokenFlags  // (?i) and the like
)

// token is one element of a pattern.
type token struct {
	kind     tokenKind
	re2      string   // spelling for RE2 over plain text
	char     byte     // of a literal
	set      *byteSet // of a class
	negated  string   // of a class that is written as a complement: what stands behind the ^
	high     bool     // the class names bytes above 127
	depth    int      // of groups around the token
	min, max int      // of a repeat; max < 0 is unbounded
}

// pattern is a PCRE pattern, taken apart.
type pattern struct {
	tokens      []token
	groups      int
	names       map[string]int
	alternation bool // a bar outside of all groups
}

type scanner struct {
	src string
	pos int
	pattern
	depth int
	back  int // highest back-reference
}

// scan takes a pattern apart.
func scan(src string) (*pattern, error) {
	s := &scanner{src: src}
	s.names = map[string]int{}
	for s.pos < len(s.src) {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	switch {
	case s.depth > 0:
		return nil, notPCRE("a parenthesis is never closed")
	case s.back > s.groups:
		return nil, notPCRE(`the back-reference \%d has no group`, s.back)
	case s.back > 0:
		return nil, notRE2(`the back-reference \%d`, s.back)
	}
	return &s.pattern, nil
}

func (s *scanner) add(t token) {
	t.depth = s.depth
	s.tokens = append(s.tokens, t)
}

func (s *scanner) literal(c byte) {
	s.add(token{kind: tokenLiteral, char: c, re2: quoteByte(c)})
}

// quoteByte spells one byte for RE2. Bytes above 127 stand as they are: together they are the characters of the pattern.
func quoteByte(c byte) string {
	if c < ' ' || c == 0x7f {
		return fmt.Sprintf(`\x%02X`, c)
	}
	if c >= 0x80 {
		return string([]byte{c})
	}
	return regexp.QuoteMeta(string(rune(c)))
}

func (s *scanner) next() error {
	c := s.src[s.pos]
	s.pos++
	switch c {
	case '\\':
		return s.escape()
	case '[':
		return s.class()
	case '(':
		return s.open()
	case ')':
		if s.depth == 0 {
			return notPCRE("a parenthesis is closed that was never opened")
		}
		s.depth--
		s.add(token{kind: tokenClose, re2: ")"})
	case '|':
		s.alternation = s.alternation || s.depth == 0
		s.add(token{kind: tokenBar, re2: "|"})
	case '*':
		return s.repeat("*", 0, -1)
	case '+':
		return s.repeat("+", 1, -1)
	case '?':
		return s.repeat("?", 0, 1)
	case '{':
		return s.counter()
	case '.':
		s.add(anyByte())
	case '^':
		s.add(token{kind: tokenStart, re2: "^"})
	case '$':
		s.add(token{kind: tokenEnd, re2: "$"})
	default:
		s.literal(c)
	}
	return nil
}

// anyByte is the dot.
func anyByte() token {
	set := fullSet()
	set.remove('\n')
	return token{kind: tokenClass, re2: ".", set: set}
}

// counterForm is what PCRE takes for a counter; a brace in front of anything else is a literal.
var counterForm = regexp.MustCompile(`^(\d+)(,(\d*))?\}`)

// noLowerBound is a counter in some releases of PCRE and text in others.
var noLowerBound = regexp.MustCompile(`^,\d+\}`)

func (s *scanner) counter() error {
	rest := s.src[s.pos:]
	if noLowerBound.MatchString(rest) {
		return notRE2("the counter {%s", rest[:strings.IndexByte(rest, '}')+1])
	}
	m := counterForm.FindStringSubmatch(rest)
	if m == nil {
		s.literal('{')
		return nil
	}
	s.pos += len(m[0])
	low, err := strconv.Atoi(m[1])
	if err != nil || low > 65535 {
		return notPCRE("the counter {%s is too large", m[0])
	}
	high := low
	switch {
	case m[2] == "":
	case m[3] == "":
		high = -1
	default:
		if high, err = strconv.Atoi(m[3]); err != nil || high > 65535 {
			return notPCRE("the counter {%s is too large", m[0])
		}
		if high < low {
			return notPCRE("the numbers of the counter {%s are in the wrong order", m[0])
		}
	}
	if low > 1000 || high > 1000 {
		return notRE2("the counter {%s counts beyond 1000", m[0])
	}
	return s.repeat("{"+m[0], low, high)
}

func (s *scanner) repeat(text string, low, high int) error {
	if len(s.tokens) == 0 {
		return notPCRE("%s has nothing to repeat", text)
	}
	switch s.tokens[len(s.tokens)-1].kind {
	case tokenOpen, tokenBar, tokenRepeat, tokenFlags:
		return notPCRE("%s has nothing to repeat", text)
	}
	if s.pos < len(s.src) {
		switch s.src[s.pos] {
		case '?':
			s.pos++
			text += "?"
		case '+':
			return notRE2("the possessive quantifier %s+", text)
		}
	}
	s.add(token{kind: tokenRepeat, re2: text, min: low, max: high})
	return nil
}
