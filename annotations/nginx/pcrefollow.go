package nginx

import "strings"

// follower looks at what follows a repeat in a pattern.
type follower struct {
	ts     []token
	budget int  // of steps: empty alternatives multiply the ways through a pattern
	greedy bool // the repeat
}

// boundary tells whether whatever follows from token i on can only begin at a whole byte of an encoded path, that is not
// with a hexadecimal digit. The end of the pattern is such a place for a greedy repeat.
func (f *follower) boundary(i int) bool {
	for i < len(f.ts) {
		if f.budget--; f.budget < 0 {
			return false
		}
		t := f.ts[i]
		switch t.kind {
		case tokenStart, tokenEnd:
			return true
		case tokenLiteral, tokenClass:
			if t.kind == tokenLiteral && hexDigit(t.char) || t.kind == tokenClass && t.set.hasHexDigit() {
				return false
			}
			if !f.optional(i) {
				return true
			}
			i += 2
		case tokenOpen:
			end := f.closing(i)
			if !f.alternatives(i, end) {
				return false
			}
			if !f.optional(end) {
				return true
			}
			i = end + 2
		case tokenBar:
			i = f.closing(i)
		case tokenClose:
			i++
			if i < len(f.ts) && f.ts[i].kind == tokenRepeat {
				if f.ts[i].max != 1 {
					return false
				}
				i++
			}
		default:
			i++
		}
	}
	return f.greedy && !f.swapped()
}

// alternatives asks the same of every alternative of a group.
func (f *follower) alternatives(open, end int) bool {
	if !f.boundary(open + 1) {
		return false
	}
	for i := open + 1; i < end; i++ {
		if f.ts[i].kind == tokenBar && f.ts[i].depth == f.ts[open].depth+1 && !f.boundary(i+1) {
			return false
		}
	}
	return true
}

func (f *follower) optional(i int) bool {
	return i+1 < len(f.ts) && f.ts[i+1].kind == tokenRepeat && f.ts[i+1].min == 0
}

// closing gives the parenthesis that closes the group that begins at i or around the bar at i, or the end of the pattern.
func (f *follower) closing(i int) int {
	depth := f.ts[i].depth
	if f.ts[i].kind == tokenBar {
		depth--
	}
	for j := i + 1; j < len(f.ts); j++ {
		if f.ts[j].kind == tokenClose && f.ts[j].depth == depth {
			return j
		}
	}
	return len(f.ts)
}

// swapped tells whether the pattern turns greed around somewhere.
func (f *follower) swapped() bool {
	for _, t := range f.ts {
		if strings.HasPrefix(t.re2, "(?") && strings.Contains(t.re2, "U") && !strings.HasPrefix(t.re2, "(?P") {
			return true
		}
	}
	return false
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func (s *byteSet) hasHexDigit() bool {
	for i, ok := range s {
		if ok && hexDigit(byte(i)) {
			return true
		}
	}
	return false
}
