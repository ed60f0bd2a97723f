package diff

import (
	"strconv"
	"strings"
)

// Step is one step into an object: into a field, or into an item of a list.
type Step struct {
	Field string
	Item  bool
	Index int    // of an item, where it has no name
	Name  string // of an item of a list whose items all have one
}

// Path leads to a place of an object.
type Path []Step

// String is spec.http[name=web].timeout, spec.hosts[0] or metadata.annotations["a.b/c"].
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Item && s.Name != "":
			b.WriteString("[name=" + s.Name + "]")
		case s.Item:
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		case !plainKey(s.Field):
			b.WriteString("[" + strconv.Quote(s.Field) + "]")
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Field)
		}
	}
	return b.String()
}

func plainKey(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '@':
		default:
			return false
		}
	}
	return s != ""
}

// with is the path, one step longer; it shares no memory with others.
func (p Path) with(s Step) Path {
	out := make(Path, len(p)+1)
	copy(out, p)
	out[len(p)] = s
	return out
}

// Within tells whether the path is a place in another one, or that one.
func (p Path) Within(other Path) bool {
	if len(p) < len(other) {
		return false
	}
	for i := range other {
		if p[i] != other[i] {
			return false
		}
	}
	return true
}
