package nginx

import (
	"strconv"
	"strings"
)

// simpleEscapes are the letters that stand for one byte.
func simpleEscape(c byte) (byte, bool) {
	switch c {
	case 'a':
		return 7, true
	case 'e':
		return 27, true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	}
	return 0, false
}

// escape reads what follows a backslash outside of a class.
func (s *scanner) escape() error {
	if s.pos == len(s.src) {
		return notPCRE("the pattern ends in a backslash")
	}
	c := s.src[s.pos]
	switch {
	case c == 'Q':
		s.pos++
		for _, b := range []byte(s.quoted()) {
			s.literal(b)
		}
		return nil
	case c == 'E':
		s.pos++
		return nil
	case c >= '1' && c <= '9':
		digits := s.digits(3, "0123456789")
		n, _ := strconv.Atoi(digits)
		if n > 9 && n > s.groups {
			return notRE2(`\%s (an octal number or a back-reference)`, digits)
		}
		s.back = max(s.back, n)
		return nil
	case c == 'b' || c == 'B':
		s.pos++
		s.add(token{kind: tokenBorder, re2: `\` + string(c)})
		return nil
	case c == 'A':
		s.pos++
		s.add(token{kind: tokenStart, re2: `\A`})
		return nil
	case c == 'z':
		s.pos++
		s.add(token{kind: tokenEnd, re2: `\z`})
		return nil
	case c == 'N' && !strings.HasPrefix(s.src[s.pos+1:], "{"):
		s.pos++
		s.add(anyByte())
		return nil
	}
	if t, ok := escapedClass(c); ok {
		s.pos++
		s.add(t)
		return nil
	}
	b, err := s.escapedByte()
	if err == nil {
		s.literal(b)
	}
	return err
}

// quoted takes the text between \Q and \E.
func (s *scanner) quoted() string {
	text, rest, found := strings.Cut(s.src[s.pos:], `\E`)
	s.pos = len(s.src)
	if found {
		s.pos -= len(rest)
	}
	return text
}

// digits takes up to n of the listed characters.
func (s *scanner) digits(n int, of string) string {
	start := s.pos
	for s.pos < len(s.src) && s.pos-start < n && strings.IndexByte(of, s.src[s.pos]) >= 0 {
		s.pos++
	}
	return s.src[start:s.pos]
}

// escapedByte reads an escape that stands for one byte, inside and outside of classes.
func (s *scanner) escapedByte() (byte, error) {
	c := s.src[s.pos]
	if c >= '0' && c <= '7' {
		return charNumber(s.digits(3, "01234567"), 8)
	}
	s.pos++
	if b, ok := simpleEscape(c); ok {
		return b, nil
	}
	switch c {
	case 'c':
		if s.pos == len(s.src) || s.src[s.pos] < ' ' || s.src[s.pos] > '~' {
			return 0, notPCRE(`\c names no control character`)
		}
		s.pos++
		return strings.ToUpper(s.src[s.pos-1 : s.pos])[0] ^ 64, nil
	case 'x':
		if inner, ok := s.braced(); ok {
			return charNumber(inner, 16)
		}
		return charNumber("0"+s.digits(2, "0123456789abcdefABCDEF"), 16)
	case 'o':
		inner, ok := s.braced()
		if !ok {
			return 0, notPCRE(`\o names no character`)
		}
		return charNumber(inner, 8)
	case 'p', 'P', 'N':
		return 0, notRE2(`\%c over single bytes`, c)
	case 'g', 'k':
		return 0, notRE2(`the reference \%c`, c)
	case 'K', 'G', 'R', 'X', 'Z', 'C':
		return 0, notRE2(`\%c`, c)
	case 'l', 'L', 'u', 'U', 'F':
		return 0, notPCRE(`\%c means nothing`, c)
	}
	return c, nil
}

// braced takes a text in braces.
func (s *scanner) braced() (string, bool) {
	if !strings.HasPrefix(s.src[s.pos:], "{") {
		return "", false
	}
	inner, _, ok := strings.Cut(s.src[s.pos+1:], "}")
	if ok {
		s.pos += len(inner) + 2
	}
	return inner, ok
}

func charNumber(digits string, base int) (byte, error) {
	n, err := strconv.ParseUint(digits, base, 8)
	if err != nil {
		return 0, notPCRE("%q is no character number", digits)
	}
	return byte(n), nil
}
