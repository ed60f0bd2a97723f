package manifest

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Of the ways to write a string, the first that every reader takes for the same string is used: plain, 'single quoted' (when
// it holds backslashes or quotes, as regular expressions do), "double quoted".

// appendString writes a string on one line.
func appendString(dst []byte, s string) []byte {
	switch {
	case isPlain(s):
		return append(dst, s...)
	case strings.ContainsAny(s, `\"`) && printable(s):
		dst = append(dst, '\'')
		dst = append(dst, strings.ReplaceAll(s, "'", "''")...)
		return append(dst, '\'')
	}
	return appendQuoted(dst, s, false)
}

func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a string in double quotes, with escapes that both YAML and JSON know. A byte that is no UTF-8 becomes
// U+FFFD, as in Go's JSON.
func appendQuoted(dst []byte, s string, json bool) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			switch {
			case c == '"' || c == '\\':
				dst = append(dst, '\\', c)
			case c == '\n':
				dst = append(dst, '\\', 'n')
			case c == '\t':
				dst = append(dst, '\\', 't')
			case c == '\r':
				dst = append(dst, '\\', 'r')
			case c < 0x20 || c == 0x7f:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			default:
				dst = append(dst, c)
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		dst = appendRune(dst, r, json)
	}
	return append(dst, '"')
}

func appendRune(dst []byte, r rune, json bool) []byte {
	switch {
	case unicode.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r < 0x10000:
		return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
	case json: // JSON would need two escapes; the character itself is as good
		return utf8.AppendRune(dst, r)
	}
	dst = append(dst, '\\', 'U')
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[r>>shift&15])
	}
	return dst
}

// isPlain tells whether YAML 1.1 and 1.2 readers both take the bare text for this string.
func isPlain(s string) bool {
	if s == "" || s[len(s)-1] == ' ' || s[len(s)-1] == ':' {
		return false
	}
	switch s[0] {
	case ' ', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	case '-', '?', ':':
		if len(s) == 1 || s[1] == ' ' || strings.HasPrefix(s, "---") {
			return false
		}
	case '.':
		if strings.HasPrefix(s, "...") {
			return false
		}
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == ':' && s[i+1] == ' ', c == '#' && i > 0 && s[i-1] == ' ': // the last byte is no ':'
			return false
		case c < 0x20 || c == 0x7f:
			return false
		case c >= utf8.RuneSelf:
			return printable(s) && plainTail(s[i:]) && !resolves(s)
		}
	}
	return !resolves(s)
}

// plainTail looks for ": " and " #" from the first character that is not ASCII on.
func plainTail(s string) bool {
	return !strings.Contains(s, ": ") && !strings.Contains(s, " #")
}

// resolves tells whether some reader takes the text for something else than a string.
func resolves(s string) bool {
	switch c := s[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		return numeric(s) || dateLike(s)
	case len(s) <= 5:
		return reserved(s)
	}
	return false
}

// reserved are the words for booleans, null and the special keys of YAML 1.1 and 1.2, in any case: readers differ.
func reserved(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "=":
		return true
	}
	return false
}

// numeric tells whether the text is an integer or a float in YAML 1.1 (octal 0777, binary, digits with _, sexagesimal
// 1:30) or 1.2 (0o777, 1e3).
func numeric(s string) bool {
	t := strings.ToLower(strings.TrimLeft(s, "+-"))
	if len(s)-len(t) > 1 {
		return false
	}
	switch t {
	case ".inf", ".nan":
		return true
	}
	t = strings.ReplaceAll(t, "_", "") // may stand anywhere, for some readers
	if t == "" {
		return false
	}
	if len(t) > 2 && t[0] == '0' && strings.ContainsRune("xob", rune(t[1])) {
		return strings.Trim(t[2:], "0123456789abcdef") == ""
	}
	whole := strings.TrimLeft(t, "0123456789")
	digits := len(t) - len(whole)
	switch {
	case whole == "":
		return true
	case whole[0] == ':' && digits > 0:
		return sexagesimal(whole)
	case whole[0] == '.':
		after := strings.TrimLeft(whole[1:], "0123456789")
		return (digits > 0 || len(after) < len(whole)-1) && exponent(after)
	}
	return digits > 0 && exponent(whole)
}

// exponent tells whether nothing or an exponent is left.
func exponent(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != 'e' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// sexagesimal tells whether the rest of a number is of the form :30:15.5, which YAML 1.1 takes for base 60.
func sexagesimal(s string) bool {
	for s != "" && s[0] == ':' {
		rest := strings.TrimLeft(s[1:], "0123456789")
		if n := len(s) - 1 - len(rest); n == 0 || n > 2 || n == 2 && s[1] > '5' {
			return false
		}
		s = rest
	}
	return s == "" || s[0] == '.' && strings.Trim(s[1:], "0123456789") == ""
}

// dateLike tells whether the text begins like a date and has nothing in it that a timestamp cannot have.
func dateLike(s string) bool {
	if len(s) < 8 || s[4] != '-' || strings.Trim(s[:4], "0123456789") != "" {
		return false
	}
	return strings.Trim(s[5:], "0123456789-:.+ \tTtZz") == ""
}

// appendFloat writes a number that JSON and both YAMLs read as such: whole numbers without a point, exponents with one.
func appendFloat(dst []byte, f float64) []byte {
	if f == float64(int64(f)) && f < 1e15 && f > -1e15 {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if mantissa, exp, ok := strings.Cut(s, "e"); ok && !strings.Contains(mantissa, ".") {
		s = mantissa + ".0e" + exp
	}
	return append(dst, s...)
}
