package validate

import (
	"slices"
	"strings"
)

// argument says what a command of a format string takes between parentheses.
type argument int

const (
	noArgument argument = iota
	optionalArgument
	needsArgument
	headerArgument // a header, with an alternative behind "?"
	oneOfArgument  // optional, one of a few words
)

// command describes a command. Only what takes text that may be long takes a length (%REQ(X):20%).
type command struct {
	argument argument
	length   bool
	words    []string
}

// commands are those of Envoy 1.40, tried one by one on its configuration check. One that is not known makes Envoy refuse
// all routes of a port.
var commands = map[string]command{
	"REQ":             {argument: headerArgument, length: true},
	"RESP":            {argument: headerArgument, length: true},
	"TRAILER":         {argument: headerArgument, length: true},
	"REQUEST_HEADER":  {argument: headerArgument, length: true},
	"RESPONSE_HEADER": {argument: headerArgument, length: true},

	"CEL":               {argument: needsArgument, length: true},
	"TYPED_CEL":         {argument: needsArgument, length: true},
	"QUERY_PARAM":       {argument: needsArgument, length: true},
	"DYNAMIC_METADATA":  {argument: needsArgument, length: true},
	"ENVIRONMENT":       {argument: needsArgument, length: true},
	"UPSTREAM_METADATA": {argument: needsArgument},
	"CLUSTER_METADATA":  {argument: needsArgument},

	"PATH": {argument: oneOfArgument, length: true, words: []string{
		"WQ", "NQ", "WQ:PATH", "NQ:PATH", "WQ:ORIG", "NQ:ORIG", "WQ:ORIG_OR_PATH", "NQ:ORIG_OR_PATH",
	}},
	"QUERY_PARAMS":          {argument: oneOfArgument, length: true, words: []string{"ORIG", "DECODED"}},
	"GRPC_STATUS":           {argument: oneOfArgument, words: []string{"CAMEL_STRING", "SNAKE_STRING", "NUMBER"}},
	"RESPONSE_CODE_DETAILS": {argument: oneOfArgument, words: []string{"ALLOW_WHITESPACES"}},

	"START_TIME": {argument: optionalArgument}, "START_TIME_LOCAL": {argument: optionalArgument},
	"DOWNSTREAM_PEER_CERT_V_START": {argument: optionalArgument}, "DOWNSTREAM_PEER_CERT_V_END": {argument: optionalArgument},

	"ACCESS_LOG_TYPE": {}, "BYTES_RECEIVED": {}, "BYTES_SENT": {}, "CONNECTION_ID": {}, "CONNECTION_TERMINATION_DETAILS": {},
	"CUSTOM_FLAGS": {}, "DURATION": {}, "FILTER_CHAIN_NAME": {}, "GRPC_STATUS_NUMBER": {}, "HOSTNAME": {}, "LOCAL_REPLY_BODY": {},
	"PROTOCOL": {}, "REQUESTED_SERVER_NAME": {}, "REQUEST_DURATION": {}, "RESPONSE_CODE": {}, "RESPONSE_DURATION": {},
	"RESPONSE_FLAGS": {}, "RESPONSE_FLAGS_LONG": {}, "ROUTE_NAME": {}, "STREAM_ID": {}, "TRACE_ID": {}, "UNIQUE_ID": {},
	"VIRTUAL_CLUSTER_NAME": {}, "TLS_JA3_FINGERPRINT": {}, "TLS_JA4_FINGERPRINT": {},

	"DOWNSTREAM_REMOTE_ADDRESS": {}, "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": {}, "DOWNSTREAM_REMOTE_PORT": {},
	"DOWNSTREAM_DIRECT_REMOTE_ADDRESS": {}, "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT": {}, "DOWNSTREAM_DIRECT_REMOTE_PORT": {},
	"DOWNSTREAM_LOCAL_ADDRESS": {}, "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT": {}, "DOWNSTREAM_LOCAL_PORT": {},
	"DOWNSTREAM_DIRECT_LOCAL_ADDRESS": {}, "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT": {}, "DOWNSTREAM_DIRECT_LOCAL_PORT": {},

	"DOWNSTREAM_TLS_CIPHER": {}, "DOWNSTREAM_TLS_SESSION_ID": {}, "DOWNSTREAM_TLS_VERSION": {}, "DOWNSTREAM_TLS_GROUP": {},
	"DOWNSTREAM_PEER_CERT": {}, "DOWNSTREAM_PEER_SUBJECT": {}, "DOWNSTREAM_PEER_ISSUER": {}, "DOWNSTREAM_PEER_SERIAL": {},
	"DOWNSTREAM_PEER_FINGERPRINT_1": {}, "DOWNSTREAM_PEER_FINGERPRINT_256": {}, "DOWNSTREAM_PEER_URI_SAN": {},
	"DOWNSTREAM_PEER_DNS_SAN": {}, "DOWNSTREAM_PEER_IP_SAN": {}, "DOWNSTREAM_PEER_EMAIL_SAN": {}, "DOWNSTREAM_LOCAL_SUBJECT": {},
	"DOWNSTREAM_LOCAL_URI_SAN": {}, "DOWNSTREAM_LOCAL_DNS_SAN": {}, "DOWNSTREAM_LOCAL_IP_SAN": {},
	"DOWNSTREAM_TRANSPORT_FAILURE_REASON": {},

	"UPSTREAM_CLUSTER": {}, "UPSTREAM_CLUSTER_RAW": {}, "UPSTREAM_CONNECTION_ID": {}, "UPSTREAM_HOST": {}, "UPSTREAM_HOST_NAME": {},
	"UPSTREAM_LOCAL_ADDRESS": {}, "UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT": {}, "UPSTREAM_LOCAL_PORT": {}, "UPSTREAM_PROTOCOL": {},
	"UPSTREAM_REMOTE_ADDRESS": {}, "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": {}, "UPSTREAM_REMOTE_PORT": {},
	"UPSTREAM_REQUEST_ATTEMPT_COUNT": {}, "UPSTREAM_TLS_CIPHER": {}, "UPSTREAM_TLS_VERSION": {},
	"UPSTREAM_TRANSPORT_FAILURE_REASON": {},
}

// formatProblem reads a text as Envoy reads format strings, and says what it would refuse; "" for nothing.
func formatProblem(v string) string {
	for i := 0; i < len(v); {
		if v[i] != '%' {
			i++
			continue
		}
		if strings.HasPrefix(v[i+1:], "%") {
			i += 2
			continue
		}
		end, reason := commandProblem(v[i:])
		if reason != "" {
			return reason
		}
		i += end
	}
	return ""
}

// commandProblem reads the command at the beginning of v and gives its length.
func commandProblem(v string) (int, string) {
	name := v[1:]
	n := strings.IndexFunc(name, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' })
	if n <= 0 {
		return 0, "a % is neither doubled nor the beginning of a command"
	}
	name = name[:n]
	arg, hasArg, rest, ok := splitCommand(v[1+n:])
	if !ok {
		return 0, "command " + name + " is not closed"
	}
	cmd, known := commands[name]
	if !known {
		return 0, "unknown command " + quote(name)
	}
	if reason := cmd.problem(name, arg, hasArg); reason != "" {
		return 0, reason
	}
	if strings.HasPrefix(rest, ":") && !cmd.length {
		return 0, "command " + name + " takes no length"
	}
	return 1 + n + len(v[1+n:]) - len(rest) + strings.IndexByte(rest, '%') + 1, ""
}

// splitCommand cuts what follows a command's name: an argument in parentheses, which ends at the first ) that a length or
// the closing % follows, and the rest from there.
func splitCommand(v string) (arg string, hasArg bool, rest string, ok bool) {
	if !strings.HasPrefix(v, "(") {
		return "", false, v, closes(v)
	}
	for i := 1; i < len(v); i++ {
		if v[i] == ')' && closes(v[i+1:]) {
			return v[1:i], true, v[i+1:], true
		}
	}
	return "", false, "", false
}

// closes tells whether v begins with the end of a command: % or :LENGTH%.
func closes(v string) bool {
	if rest, ok := strings.CutPrefix(v, ":"); ok {
		n := 0
		for n < len(rest) && digit(rest[n]) {
			n++
		}
		return n > 0 && n < 10 && strings.HasPrefix(rest[n:], "%")
	}
	return strings.HasPrefix(v, "%")
}

func (c command) problem(name, arg string, given bool) string {
	switch c.argument {
	case noArgument:
		if given {
			return "command " + name + " takes no argument"
		}
	case needsArgument, headerArgument:
		if arg == "" {
			return "command " + name + " needs an argument"
		}
	case oneOfArgument:
		if given && !slices.Contains(c.words, arg) {
			return "command " + name + " takes only " + strings.Join(c.words, ", ")
		}
	}
	switch {
	case c.argument == headerArgument:
		return headerArgumentProblem(name, arg)
	case name == "CEL" || name == "TYPED_CEL":
		return balanceProblem(arg)
	}
	return ""
}

func headerArgumentProblem(name, arg string) string {
	first, second, both := strings.Cut(arg, "?")
	if !isToken(strings.TrimPrefix(first, ":")) || both && !isToken(strings.TrimPrefix(second, ":")) {
		return "command " + name + ": " + quote(arg) + " is not the name of a header"
	}
	return ""
}

// balanceProblem finds expressions that were cut: open quotes or brackets. The expression itself is Envoy's to read.
func balanceProblem(expr string) string {
	var open []byte
	for i := 0; i < len(expr); i++ {
		switch b := expr[i]; b {
		case '\'', '"':
			end := closingQuote(expr, i)
			if end < 0 {
				return "expression " + quote(expr) + ": open quote"
			}
			i = end
		case '(', '[', '{':
			open = append(open, b)
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != opening(b) {
				return "expression " + quote(expr) + ": brackets do not match"
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return "expression " + quote(expr) + ": open bracket"
	}
	return ""
}

func closingQuote(s string, at int) int {
	for i := at + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[at]:
			return i
		}
	}
	return -1
}

func opening(b byte) byte {
	switch b {
	case ')':
		return '('
	case ']':
		return '['
	}
	return '{'
}
