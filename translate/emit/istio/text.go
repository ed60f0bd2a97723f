package istio

import (
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// cutSuffixFold is strings.CutSuffix without regard to case.
func cutSuffixFold(s, suffix string) (string, bool) {
	if len(s) < len(suffix) || !strings.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return s[:len(s)-len(suffix)], true
}

// escape makes text literal in an Envoy format string.
func escape(s string) string { return strings.ReplaceAll(s, "%", "%%") }
