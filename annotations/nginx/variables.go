package nginx

import (
	"fmt"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// parseValue reads text with nginx variables. consts are the variables that have one value for the whole location, such as
// service_name; they go before the variables of a request. Text in which a dollar sign is no variable is model.Text.
func parseValue(s string, consts constants) (model.Value, error) {
	var out model.Value
	for s != "" {
		text, rest, found := strings.Cut(s, "$")
		out = appendText(out, text)
		if !found {
			break
		}
		name, rest, err := variableName(rest)
		if err != nil {
			return nil, err
		}
		if out, rest, err = appendVariable(out, name, rest, consts); err != nil {
			return nil, err
		}
		s = rest
	}
	return out, nil
}

func appendText(v model.Value, text string) model.Value {
	if text == "" {
		return v
	}
	if n := len(v); n > 0 && v[n-1].Var == model.VarLiteral {
		v[n-1].Text += text
		return v
	}
	return append(v, model.Part{Text: text})
}

func appendVariable(v model.Value, name, rest string, consts constants) (model.Value, string, error) {
	if c, ok := consts.of(name); ok {
		return appendText(v, c), rest, nil
	}
	if name == "is_args" {
		for _, args := range []string{"$args", "${args}", "$query_string", "${query_string}"} {
			after, ok := strings.CutPrefix(rest, args)
			if ok && (strings.HasSuffix(args, "}") || after == "" || !nameByte(after[0])) {
				return append(v, model.Part{Var: model.VarOptionalQuery}), after, nil
			}
		}
	}
	p, ok := variable(name)
	if !ok {
		return nil, "", fmt.Errorf("the variable $%s cannot be expressed", name)
	}
	return append(v, p), rest, nil
}

func nameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// variableName takes the name behind a dollar sign, in lower case. nginx refuses a dollar sign without a name.
func variableName(s string) (name, rest string, err error) {
	if inner, ok := strings.CutPrefix(s, "{"); ok {
		name, rest, ok = strings.Cut(inner, "}")
		if !ok {
			return "", "", fmt.Errorf("the brace of ${%s is never closed", name)
		}
		s = name
	} else if s != "" && s[0] >= '1' && s[0] <= '9' {
		return s[:1], s[1:], nil
	} else {
		n := 0
		for n < len(s) && nameByte(s[n]) {
			n++
		}
		name, rest = s[:n], s[n:]
	}
	for i := range len(name) {
		if !nameByte(name[i]) {
			return "", "", fmt.Errorf("${%s} is no variable", s)
		}
	}
	if name == "" {
		return "", "", fmt.Errorf("a dollar sign stands without a variable's name, which nginx refuses")
	}
	return strings.ToLower(name), rest, nil
}

// variable translates a variable of nginx or of the controller's own template.
func variable(name string) (model.Part, bool) {
	if h, ok := strings.CutPrefix(name, "http_"); ok && h != "" && h != "host" {
		return model.Part{Var: model.VarHeader, Text: strings.ReplaceAll(h, "_", "-")}, true
	}
	if q, ok := strings.CutPrefix(name, "arg_"); ok && q != "" {
		return model.Part{Var: model.VarQuery, Text: q}, true
	}
	v, ok := plainVariable(name)
	return model.Part{Var: v}, ok
}

func plainVariable(name string) (model.Var, bool) {
	switch name {
	case "http_host", "best_http_host":
		return model.VarAuthority, true
	case "host":
		return model.VarHost, true
	case "scheme", "pass_access_scheme":
		return model.VarScheme, true
	case "server_port", "pass_server_port", "pass_port":
		return model.VarServerPort, true
	case "remote_addr", "binary_remote_addr", "the_real_ip":
		return model.VarRemoteAddress, true
	case "request_uri":
		return model.VarRequestURI, true
	case "escaped_request_uri":
		return model.VarEscapedURI, true
	case "uri", "document_uri":
		return model.VarPath, true
	case "args", "query_string":
		return model.VarQueryString, true
	case "request_method":
		return model.VarMethod, true
	case "request_id", "req_id":
		return model.VarRequestID, true
	case "ssl_protocol":
		return model.VarTLSVersion, true
	case "ssl_client_s_dn":
		return model.VarPeerSubject, true
	case "ssl_client_i_dn":
		return model.VarPeerIssuer, true
	case "ssl_client_escaped_cert":
		return model.VarPeerCertificate, true
	}
	return 0, false
}
