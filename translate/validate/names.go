package validate

import (
	"net/netip"
	"strconv"
	"strings"
)

// The rules for names are written as loops: they run for every host of every object.

func lower(b byte) bool { return b >= 'a' && b <= 'z' }
func upper(b byte) bool { return b >= 'A' && b <= 'Z' }
func digit(b byte) bool { return b >= '0' && b <= '9' }
func alnum(b byte) bool { return lower(b) || upper(b) || digit(b) }

// isLabel tells whether s is a DNS label as Istio sees it: upper case is allowed.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || !alnum(s[0]) || !alnum(s[len(s)-1]) {
		return false
	}
	for i := 1; i < len(s)-1; i++ {
		if !alnum(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

// isLowerLabel tells whether s is a DNS label as Kubernetes sees it.
func isLowerLabel(s string) bool { return isLabel(s) && !hasUpper(s) }

func hasUpper(s string) bool {
	for i := range len(s) {
		if upper(s[i]) {
			return true
		}
	}
	return false
}

// isSubdomain tells whether s is a DNS subdomain as Kubernetes sees it.
func isSubdomain(s string) bool {
	if s == "" || len(s) > 253 || hasUpper(s) {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		// Only the whole is limited in length, not its labels.
		if label == "" || !alnum(label[0]) || !alnum(label[len(label)-1]) {
			return false
		}
		for i := range len(label) {
			if !alnum(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return true
}

// isLabelValue tells whether s may be the value of a Kubernetes label.
func isLabelValue(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 63 || !alnum(s[0]) || !alnum(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if b := s[i]; !alnum(b) && b != '-' && b != '_' && b != '.' {
			return false
		}
	}
	return true
}

// isWildcardLabel allows for "*", "*-x" and "*x" besides a label.
func isWildcardLabel(s string) bool {
	if len(s) > 63 {
		return false
	}
	rest, star := strings.CutPrefix(s, "*")
	if !star {
		return isLabel(s)
	}
	return rest == "" || isLabel(rest) || strings.HasPrefix(rest, "-") && isLabel(rest[1:])
}

// fqdnProblem says what is wrong with a fully qualified name, or "".
func fqdnProblem(s string) string {
	switch {
	case s == "":
		return "empty name"
	case len(s) > 255:
		return "longer than 255"
	}
	return labelsProblem(s)
}

func labelsProblem(s string) string {
	if allDigits(s[strings.LastIndexByte(s, '.')+1:]) {
		return "the last label is a number"
	}
	// A final dot is allowed.
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if !isLabel(label) {
			return "label " + quote(label) + " is not a DNS label"
		}
	}
	return ""
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

// domainProblem is fqdnProblem for names whose first label may be a wildcard.
func domainProblem(s string) string {
	if s == "" || len(s) > 255 {
		return fqdnProblem(s)
	}
	first, rest, more := strings.Cut(s, ".")
	if !isWildcardLabel(first) {
		return "label " + quote(first) + " is not a DNS label"
	}
	if !more || rest == "" {
		return ""
	}
	return labelsProblem(rest)
}

// isIP tells whether s is an address without a zone.
func isIP(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// isSubnet tells whether s is an address or a CIDR block.
func isSubnet(s string) bool {
	if strings.Contains(s, "/") {
		_, err := netip.ParsePrefix(s)
		return err == nil
	}
	return isIP(s)
}

// overlap tells whether two hosts, possibly with wildcards, can name the same host.
func overlap(a, b string) bool {
	aw, bw := strings.HasPrefix(a, "*"), strings.HasPrefix(b, "*")
	switch {
	case aw && bw && len(a) < len(b):
		return strings.HasSuffix(b[1:], a[1:])
	case aw && bw:
		return strings.HasSuffix(a[1:], b[1:])
	case aw:
		return strings.HasSuffix(b, a[1:])
	case bw:
		return strings.HasSuffix(a, b[1:])
	}
	return a == b
}

// within tells whether host a is covered by host b.
func within(a, b string) bool {
	if !strings.HasPrefix(b, "*") {
		return a == b
	}
	if strings.HasPrefix(a, "*") {
		return len(a) >= len(b) && strings.HasSuffix(a[1:], b[1:])
	}
	return strings.HasSuffix(a, b[1:])
}

// quote cuts long texts, so that a hostile value does not fill the terminal.
func quote(s string) string {
	if len(s) > 80 {
		return strconv.Quote(s[:77]) + "..."
	}
	return strconv.Quote(s)
}
