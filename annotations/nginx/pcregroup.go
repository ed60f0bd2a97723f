package nginx

import (
	"regexp"
	"strings"
)

// groupName is a name in one of the three spellings of PCRE: P<x>, <x> and 'x'.
var groupName = regexp.MustCompile(`^(?:P?<([A-Za-z_]\w{0,31})>|'([A-Za-z_]\w{0,31})')`)

// groupFlags are the options that PCRE and RE2 share, with the colon of a group or the parenthesis that ends them.
var groupFlags = regexp.MustCompile(`^[imsU]*(-[imsU]+)?[:)]`)

// refusedGroups are the groups that RE2 does not have, by what follows the question mark; longer spellings first.
var refusedGroups = []struct{ start, name string }{
	{"<=", "the look-behind (?<="},
	{"<!", "the look-behind (?<!"},
	{"=", "the look-ahead (?="},
	{"!", "the look-ahead (?!"},
	{">", "the atomic group (?>"},
	{"|", "the branch reset (?|"},
	{"(", "the conditional group (?("},
	{"P=", "the back-reference (?P="},
	{"P>", "the recursion (?P>"},
	{"&", "the recursion (?&"},
	{"R", "the recursion (?R"},
	{"C", "the callout (?C"},
	{"^", "the option (?^"},
}

// open reads what follows an opening parenthesis.
func (s *scanner) open() error {
	rest := s.src[s.pos:]
	if strings.HasPrefix(rest, "*") {
		return notRE2("the control verb (%s", excerpt(rest))
	}
	if !strings.HasPrefix(rest, "?") {
		s.groups++
		s.push("(")
		return nil
	}
	rest = rest[1:]
	if m := groupName.FindStringSubmatch(rest); m != nil {
		name := m[1] + m[2]
		if s.names[name] != 0 {
			return notPCRE("two groups are called %s", name)
		}
		s.pos += 1 + len(m[0])
		s.groups++
		s.names[name] = s.groups
		s.push("(?P<" + name + ">")
		return nil
	}
	for _, g := range refusedGroups {
		if strings.HasPrefix(rest, g.start) {
			return notRE2("%s", g.name)
		}
	}
	if strings.HasPrefix(rest, "#") {
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return notPCRE("a comment is never closed")
		}
		s.pos += 1 + end + 1
		return nil
	}
	if m := groupFlags.FindString(rest); m != "" {
		s.pos += 1 + len(m)
		s.flags(m)
		return nil
	}
	if rest != "" && strings.IndexByte("0123456789+-", rest[0]) >= 0 {
		return notRE2("the recursion (?%s", excerpt(rest))
	}
	if rest != "" && strings.IndexByte("imsxnJU", rest[0]) >= 0 {
		return notRE2("the option (?%s", excerpt(rest))
	}
	return notPCRE("(?%s begins no group", excerpt(rest))
}

func (s *scanner) flags(m string) {
	switch m {
	case ")": // (?) changes nothing
	case ":":
		s.push("(?:")
	default:
		if strings.HasSuffix(m, ":") {
			s.push("(?" + m)
		} else {
			s.add(token{kind: tokenFlags, re2: "(?" + m})
		}
	}
}

func (s *scanner) push(re2 string) {
	s.add(token{kind: tokenOpen, re2: re2})
	s.depth++
}

// excerpt is the beginning of a text, for messages.
func excerpt(s string) string {
	if len(s) > 8 {
		return s[:8] + "..."
	}
	return s
}
