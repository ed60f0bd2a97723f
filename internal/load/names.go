package load

import (
	"net/netip"
	"strings"
)

// The checks of this file say what is wrong with a name, "" when nothing is. They follow the API server's.

func checkSubdomain(s string) string {
	if s == "" || len(s) > 253 {
		return "must be a DNS name of at most 253 characters"
	}
	for l := range strings.SplitSeq(s, ".") {
		if !labelBytes(l) {
			return "must be a DNS name: lower-case letters, digits, hyphens and dots"
		}
	}
	return ""
}

func checkLabel(s string) string {
	if len(s) > 63 || !labelBytes(s) {
		return "must be a DNS label: at most 63 lower-case letters, digits and hyphens"
	}
	return ""
}

// labelBytes tells whether s is made of lower-case letters, digits and inner hyphens.
func labelBytes(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0 || i == len(s)-1) {
			return false
		}
	}
	return s != ""
}

// checkHost is for the host of a rule: a DNS name, perhaps behind "*.", never an address.
func checkHost(s string) string {
	if _, err := netip.ParseAddr(s); err == nil {
		return "must be a DNS name, not an IP address"
	}
	return checkWildcard(s)
}

// checkWildcard is for the host of a TLS block, where the API server lets addresses pass.
func checkWildcard(s string) string {
	if rest, found := strings.CutPrefix(s, "*."); found && len(s) <= 253 {
		s = rest
	} else if strings.Contains(s, "*") {
		return "may hold an asterisk only as its whole first label"
	}
	return checkSubdomain(s)
}

// checkPortName is for names of ports: they have a letter, and no two hyphens in a row.
func checkPortName(s string) string {
	if len(s) > 15 || !labelBytes(s) || strings.Contains(s, "--") || !strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz") {
		return "must be a port name: at most 15 lower-case letters, digits and hyphens, with a letter"
	}
	return ""
}

// checkKey is for keys of annotations and labels: a name, perhaps behind a DNS name and a slash.
func checkKey(s string) string {
	name := s
	if prefix, rest, found := strings.Cut(s, "/"); found {
		name = rest
		if checkSubdomain(strings.ToLower(prefix)) != "" {
			return "must have a DNS name before the slash"
		}
	}
	if len(name) > 63 || !keyName(name) {
		return "must be a name of at most 63 letters, digits, hyphens, underscores and dots, optionally behind a DNS name and a slash"
	}
	return ""
}

// checkLabelValue is for values of labels.
func checkLabelValue(s string) string {
	if s != "" && (len(s) > 63 || !keyName(s)) {
		return "must be at most 63 letters, digits, hyphens, underscores and dots"
	}
	return ""
}

// keyName tells whether s is made of key characters, with a letter or digit at both ends.
func keyName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !keyByte(c) || c == '/' || ((c == '-' || c == '_' || c == '.') && (i == 0 || i == len(s)-1)) {
			return false
		}
	}
	return s != ""
}

// checkPath is for exact and prefix paths.
func checkPath(s string) string {
	if !strings.HasPrefix(s, "/") {
		return "must begin with a slash"
	}
	for _, part := range [...]string{"//", "/./", "/../", "%2f", "%2F"} {
		if strings.Contains(s, part) {
			return "must not hold " + part
		}
	}
	if strings.HasSuffix(s, "/..") || strings.HasSuffix(s, "/.") {
		return "must not end in a dot segment"
	}
	return ""
}
