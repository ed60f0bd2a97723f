package istio

import (
	"fmt"
	"regexp"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// stringMatches expresses a path; any one of the matches is enough, and none stands for every path. Paths are compared after
// the proxy has decoded unreserved characters and merged slashes; a path of slashes only keeps two.
func stringMatches(p model.Path) []*networking.StringMatch {
	switch p := p.(type) {
	case model.ExactPath:
		switch s := string(p); {
		case s == "/":
			return []*networking.StringMatch{exact("/"), exact("//")}
		case plainPath(s):
			return []*networking.StringMatch{exact(s)}
		default:
			return []*networking.StringMatch{regex(encodedLiteral(s))}
		}
	case model.SegmentPrefix:
		switch s := strings.TrimSuffix(string(p), "/"); {
		case s == "":
			return nil
		case plainPath(s):
			return []*networking.StringMatch{exact(s), prefix(s + "/")}
		default:
			return []*networking.StringMatch{regex(encodedLiteral(s) + "(?:/.*)?")}
		}
	case model.BelowPrefix:
		switch s := string(p); {
		case s == "/" || s == "":
			return nil
		case plainPath(s):
			return []*networking.StringMatch{prefix(s)}
		default:
			return []*networking.StringMatch{regex(encodedLiteral(s) + ".*")}
		}
	case model.RegexPath:
		return []*networking.StringMatch{regex(string(p))}
	}
	return nil
}

// plainPath tells whether a path has one spelling only.
func plainPath(s string) bool {
	for i := range len(s) {
		if !unreserved(s[i]) && s[i] != '/' {
			return false
		}
	}
	return true
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// encodedLiteral is a case-sensitive pattern for all spellings of a literal path: clients send the reserved characters as they
// are or encoded, with hexadecimal digits of either case, and all other bytes encoded.
func encodedLiteral(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case unreserved(c) || c == '/':
			b.WriteString(inRegex(string(rune(c))))
		case strings.IndexByte("!$&'()*+,;=:@[]", c) >= 0:
			fmt.Fprintf(&b, "(?:%s|%s)", inRegex(string(rune(c))), hexSpelling(c))
		default:
			b.WriteString(hexSpelling(c))
		}
	}
	return b.String()
}

// hexSpelling is a pattern for the percent-encoded form of a byte.
func hexSpelling(c byte) string {
	var b strings.Builder
	for _, d := range fmt.Sprintf("%02X", c) {
		if d >= 'A' {
			fmt.Fprintf(&b, "[%c%c]", d, d|0x20)
		} else {
			b.WriteRune(d)
		}
	}
	return "%" + b.String()
}

// inRegex quotes text for a place inside a pattern.
func inRegex(s string) string { return regexp.QuoteMeta(s) }

// wildcardAuthority is a pattern for the Host headers that belong to *.suffix: one label, in any case, with or without port.
func wildcardAuthority(host string) string {
	return `(?i)[a-z0-9_-]+` + inRegex(strings.TrimPrefix(host, "*")) + `(:[0-9]+)?`
}
