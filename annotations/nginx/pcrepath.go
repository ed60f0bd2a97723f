package nginx

import (
	"fmt"
	"math/bits"
	"strings"
)

// A proxy that compares percent-encoded paths sees every byte in one of three spellings, given that it decodes unreserved
// characters and slashes first: as it is, encoded, or as the client chose. Quantifiers and classes of a pattern count bytes
// of the decoded path, as nginx does; the conversion makes one decoded byte one alternative of the spellings.

// plainBytes always arrive as they are.
func plainBytes() *byteSet {
	return setOf("-._~/").span('0', '9').span('A', 'Z').span('a', 'z')
}

// eitherBytes arrive as they are or encoded.
func eitherBytes() *byteSet { return setOf("!$&'()*+,;=:@[]") }

// encodableBytes may arrive encoded. A path with a zero byte is refused before it is matched.
func encodableBytes() *byteSet {
	s := plainBytes().complement()
	s.remove(0)
	return s
}

// pathWriter spells tokens for encoded paths.
type pathWriter struct {
	b          strings.Builder
	ts         []token
	simple     bool // leaves classes as they are
	lossy      bool // a class or counter was left as it is although it covers encoded bytes
	borderSeen bool
	plain      *byteSet
	either     *byteSet
	encodable  *byteSet
}

func newPathWriter(simple bool) *pathWriter {
	return &pathWriter{simple: simple, plain: plainBytes(), either: eitherBytes(), encodable: encodableBytes()}
}

// write spells the tokens.
func (w *pathWriter) write(ts []token) string {
	w.ts = ts
	for i, t := range ts {
		switch t.kind {
		case tokenLiteral:
			w.b.WriteString(w.literal(t.char, w.repeat(i) != nil))
		case tokenClass:
			w.b.WriteString(w.class(i))
		default:
			w.borderSeen = w.borderSeen || t.kind == tokenBorder
			w.b.WriteString(t.re2)
		}
	}
	return w.b.String()
}

func (w *pathWriter) literal(c byte, repeated bool) string {
	switch {
	case w.plain[c]:
		return quoteByte(c)
	case w.either[c]:
		return "(?:" + quoteByte(c) + "|" + hexByte(c) + ")"
	case repeated:
		return "(?:" + hexByte(c) + ")"
	}
	return hexByte(c)
}

// repeat gives the quantifier of a token.
func (w *pathWriter) repeat(i int) *token {
	if i+1 < len(w.ts) && w.ts[i+1].kind == tokenRepeat {
		return &w.ts[i+1]
	}
	return nil
}

func (w *pathWriter) class(i int) string {
	t, repeat := w.ts[i], w.repeat(i)
	encoded := t.set.and(w.encodable)
	if encoded.empty() || w.anything(encoded) && (w.literalDot(i) || w.takesWhole(i)) {
		return t.re2
	}
	if w.simple {
		w.lossy = true
		return t.re2
	}
	raw := w.raw(t)
	text := "%" + hexSet(encoded)
	switch {
	case w.anything(encoded):
		text = "%[0-9A-Fa-f]{2}"
	case raw == "" && repeat == nil:
		return text
	}
	if raw == "" {
		return "(?:" + text + ")"
	}
	return "(?:" + raw + "|" + text + ")"
}

// literalDot tells whether a dot stands between literals, as in /robots.txt, where it is meant for itself.
func (w *pathWriter) literalDot(i int) bool {
	literal := func(j int) bool { return j < 0 || j == len(w.ts) || w.ts[j].kind == tokenLiteral }
	return w.ts[i].re2 == "." && literal(i-1) && literal(i+1)
}

// takesWhole tells whether a class that takes every encoded byte, and its spelling, is repeated without bounds, and ends at a whole byte: then
// it takes the spelling of one byte as three and makes no difference.
func (w *pathWriter) takesWhole(i int) bool {
	r := w.repeat(i)
	if r == nil || r.max >= 0 || r.min > 1 || !w.ts[i].set.hasAll("0123456789ABCDEFabcdef") {
		return false
	}
	f := follower{ts: w.ts, budget: 4 * maxPattern, greedy: !strings.HasSuffix(r.re2, "?")}
	return f.boundary(i + 2)
}

// anything tells whether the set holds all bytes that may arrive encoded. Line feeds do not count.
func (w *pathWriter) anything(encoded *byteSet) bool {
	s := *encoded
	s['\n'] = true
	return s == *w.encodable
}

// raw spells the bytes of a class that arrive as they are, without the percent sign.
func (w *pathWriter) raw(t token) string {
	set := &byteSet{}
	set.join(w.plain)
	set.join(w.either)
	set = set.and(t.set)
	switch {
	case set.empty():
		return ""
	case t.re2 == ".":
		return "[^%]"
	case t.negated != "" && t.set['%'] && !t.high:
		return "[^" + t.negated + "%]"
	case t.set['%'] || t.high:
		return "[" + set.text() + "]"
	}
	return t.re2
}

// hexByte spells the encoded form of a byte, hexadecimal letters in either case.
func hexByte(c byte) string {
	return "%" + hexDigits(1<<(c>>4)) + hexDigits(1<<(c&15))
}

// hexSet spells the encoded forms of a set, without the percent sign.
func hexSet(s *byteSet) string {
	var lows [16]uint16
	for i, ok := range s {
		if ok {
			lows[i>>4] |= 1 << (i & 15)
		}
	}
	var forms []string
	for i := range lows {
		low, highs := lows[i], uint16(0)
		if low == 0 {
			continue
		}
		for j := i; j < 16; j++ {
			if lows[j] == low {
				highs |= 1 << j
				lows[j] = 0
			}
		}
		forms = append(forms, hexDigits(highs)+hexDigits(low))
	}
	if len(forms) == 1 {
		return forms[0]
	}
	return "(?:" + strings.Join(forms, "|") + ")"
}

// hexDigits spells a set of hexadecimal digits, given as bits.
func hexDigits(set uint16) string {
	if bits.OnesCount16(set) == 1 {
		if d := bits.TrailingZeros16(set); d < 10 {
			return fmt.Sprint(d)
		}
	}
	s := &byteSet{}
	for d := range 16 {
		if set&(1<<d) == 0 {
			continue
		}
		s["0123456789ABCDEF"[d]] = true
		s["0123456789abcdef"[d]] = true
	}
	return "[" + s.text() + "]"
}
