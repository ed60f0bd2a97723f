package load

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// resolve gives an unquoted YAML scalar its type, by the rules of YAML 1.1 that kubectl and every other Kubernetes tool
// follow: yes, on and y are booleans, 010 is eight, a date is a string. The text is the value as JSON would have it.
func resolve(s string) (kind, string) {
	if s == "" {
		return null, ""
	}
	switch c := s[0]; {
	case c == '.':
		return resolveDot(s)
	case c == '+' || c == '-' || (c >= '0' && c <= '9'):
		return resolveNumber(s)
	case strings.IndexByte("yYnNtTfFoO~", c) >= 0:
		return resolveWord(s)
	}
	return text, s
}

func resolveWord(s string) (kind, string) {
	switch s {
	case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return boolean, "true"
	case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return boolean, "false"
	case "~", "null", "Null", "NULL":
		return null, ""
	}
	return text, s
}

func resolveDot(s string) (kind, string) {
	switch s {
	case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF":
		return float, s
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return float, formatFloat(f)
	}
	return text, s
}

func resolveNumber(s string) (kind, string) {
	switch s {
	case "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return float, s
	}
	if isDecimal(s) {
		return integer, s
	}
	if isTimestamp(s) {
		return text, s
	}
	plain := strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return integer, strconv.FormatInt(i, 10)
	}
	if u, err := strconv.ParseUint(plain, 0, 64); err == nil {
		return integer, strconv.FormatUint(u, 10)
	}
	if isFloat(plain) {
		if f, err := strconv.ParseFloat(plain, 64); err == nil {
			return float, formatFloat(f)
		}
	}
	return text, s
}

// formatFloat writes a float as JSON writers do: a whole number without a fraction, so that it is accepted where a number
// is wanted.
func formatFloat(f float64) string {
	b, err := json.Marshal(f)
	if err != nil {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return string(b)
}

// isDecimal is the quick answer for what nearly every number looks like: digits without a leading zero.
func isDecimal(s string) bool {
	if len(s) > 18 || (s[0] == '0' && len(s) > 1) {
		return false
	}
	return onlyDigits(s)
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isFloat tells whether s is [-+] digits [. digits] or . digits, with an optional exponent.
func isFloat(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	mantissa, exponent, hasExponent := cutExponent(s)
	if hasExponent && !onlyDigits(strings.TrimPrefix(strings.TrimPrefix(exponent, "-"), "+")) {
		return false
	}
	whole, fraction, dotted := strings.Cut(mantissa, ".")
	if whole == "" {
		return dotted && onlyDigits(fraction)
	}
	return onlyDigits(whole) && (fraction == "" || onlyDigits(fraction))
}

func cutExponent(s string) (mantissa, exponent string, found bool) {
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// isTimestamp tells whether s is a YAML date: such a value stays a string.
func isTimestamp(s string) bool {
	if len(s) < 6 || s[4] != '-' || !onlyDigits(s[:4]) {
		return false
	}
	for _, layout := range [...]string{
		"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// keyText is an unquoted map key as JSON would have it: every key becomes a string there. ok is false for null, which no
// map of an API server can have as a key.
func keyText(s string) (key string, ok bool) {
	k, v := resolve(s)
	if k != float {
		return v, k != null
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil { // .inf and its like
		sign := ""
		if v[0] == '-' {
			sign = "-"
		}
		return sign + "." + strings.ToLower(v[strings.IndexByte(v, '.')+1:]), true
	}
	switch s := strconv.FormatFloat(f, 'g', -1, 32); s { // 32 bits, as there
	case "+Inf":
		return ".inf", true
	case "-Inf":
		return "-.inf", true
	default:
		return s, true
	}
}
