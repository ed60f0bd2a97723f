package istio

import (
	"fmt"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// formatPlace is where a format string stands. Istio checks those of a VirtualService itself, and allows no parenthesis and
// no double quote in the argument of a command.
type formatPlace int

const (
	inVirtualService formatPlace = iota
	inEnvoyFilter
)

// format writes a value as an Envoy format string. A command that Envoy does not know costs all routes of a port, so every
// percent sign of text is doubled, and the names in commands are checked.
func format(v model.Value, where formatPlace) (string, error) {
	var b strings.Builder
	for _, p := range v {
		s, err := formatPart(p, where)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func formatPart(p model.Part, where formatPlace) (string, error) {
	switch p.Var {
	case model.VarLiteral:
		if strings.ContainsAny(p.Text, "\r\n\x00") {
			return "", fmt.Errorf("a header's value cannot hold a line break")
		}
		return escape(p.Text), nil
	case model.VarHeader:
		if !commandName(p.Text) {
			return "", fmt.Errorf("the header name %q cannot stand in a format", p.Text)
		}
		return "%REQ(" + p.Text + ")%", nil
	case model.VarQuery:
		if !commandName(p.Text) {
			return "", fmt.Errorf("the query parameter %q cannot stand in a format", p.Text)
		}
		return "%QUERY_PARAM(" + p.Text + ")%", nil
	case model.VarHost:
		if where == inVirtualService {
			return "", fmt.Errorf("the Host without its port needs an EnvoyFilter")
		}
		return `%CEL(re.extract(request.host, '^([^:]+)(:[0-9]+)?$', '\\1'))%`, nil
	case model.VarPathCapture:
		return "", fmt.Errorf("a part of the path cannot stand in a format")
	case model.VarEscapedURI:
		return "", fmt.Errorf("the escaped URI cannot stand in a format")
	}
	if s := plainCommand(p.Var); s != "" {
		return s, nil
	}
	return "", fmt.Errorf("the variable %d has no format", p.Var)
}

// plainCommand is the format of a variable without a parameter. The scheme is what the proxy itself says in
// X-Forwarded-Proto: the :scheme of an HTTP/2 request is the client's. The port is worked out of it, because the local port
// is the pod's.
func plainCommand(v model.Var) string {
	switch v {
	case model.VarRequestURI:
		return "%REQ(:PATH)%"
	case model.VarPath:
		return "%PATH(NQ:PATH)%"
	case model.VarQueryString:
		return "%CEL(request.query)%"
	case model.VarOptionalQuery:
		return "%CEL(request.query == '' ? '' : '?')%%CEL(request.query)%"
	case model.VarAuthority:
		return "%REQ(:AUTHORITY)%"
	case model.VarScheme:
		return "%REQ(X-FORWARDED-PROTO)%"
	case model.VarServerPort:
		return "%CEL(request.scheme == 'https' ? '443' : '80')%"
	case model.VarRemoteAddress:
		return "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
	case model.VarMethod:
		return "%REQ(:METHOD)%"
	case model.VarRequestID:
		return "%REQ(X-REQUEST-ID)%"
	case model.VarTLSVersion:
		return "%DOWNSTREAM_TLS_VERSION%"
	case model.VarPeerSubject:
		return "%DOWNSTREAM_PEER_SUBJECT%"
	case model.VarPeerIssuer:
		return "%DOWNSTREAM_PEER_ISSUER%"
	case model.VarPeerCertificate:
		return "%DOWNSTREAM_PEER_CERT%"
	}
	return ""
}

// commandName accepts names that stand for themselves in a command: a question mark would begin an alternative header, a
// colon a length.
func commandName(s string) bool {
	for i := range len(s) {
		if !unreserved(s[i]) {
			return false
		}
	}
	return s != ""
}
