package validate

import (
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

// headers checks what a route or a destination does to headers. Host may be set in requests.
func (c *check) headers(p *at, h *istionet.Headers) {
	if h == nil || c.fineHeaders[h] {
		return
	}
	before := len(c.problems)
	defer func() {
		if len(c.problems) == before {
			c.fineHeaders[h] = true // many routes share them
		}
	}()
	place := p.field("headers")
	if h.Request != nil {
		request := place.field("request")
		c.operations(&request, h.Request, true)
	}
	if h.Response != nil {
		response := place.field("response")
		c.operations(&response, h.Response, false)
	}
}

func (c *check) operations(p *at, o *istionet.Headers_HeaderOperations, authority bool) {
	for _, k := range sortedKeys(o.Set) {
		c.headerOperation(p, "set", k, o.Set[k], authority)
	}
	for _, k := range sortedKeys(o.Add) {
		c.headerOperation(p, "add", k, o.Add[k], authority)
	}
	for _, k := range o.Remove {
		if strings.EqualFold(k, "host") || !isToken(k) {
			c.bad(p, "remove", "%s cannot be removed", quote(k))
		}
	}
}

func (c *check) headerOperation(p *at, op, name, value string, authority bool) {
	ops := p.field(op)
	place := ops.key(name)
	switch {
	case isAuthority(name):
		if !authority {
			c.bad(&place, "", "cannot be changed")
		}
	case !isToken(name):
		c.bad(&place, "", "not the name of a header")
	}
	if reason := c.headerValue(value); reason != "" {
		c.bad(&place, "", "%s: %s", quote(value), reason)
	}
}

func isAuthority(name string) bool {
	return strings.EqualFold(name, "host") || strings.EqualFold(name, ":authority")
}

// authority: the Host header may be written in one place only.
func (c *check) authority(p *at, r *istionet.HTTPRoute) {
	n := 0
	if r.Rewrite.GetAuthority() != "" {
		n++
	}
	request := r.Headers.GetRequest()
	for _, m := range []map[string]string{request.GetSet(), request.GetAdd()} {
		for k := range m {
			if isAuthority(k) {
				n++
			}
		}
	}
	if n > 1 {
		c.bad(p, "", "the Host header is written in %d places", n)
	}
}

// headerValue checks a value as Istio's webhook and Envoy both read it, and remembers the answer.
func (c *check) headerValue(v string) string {
	if strings.IndexByte(v, '%') < 0 {
		return controlProblem(v)
	}
	reason, ok := c.formats[v]
	if !ok {
		if reason = controlProblem(v); reason == "" {
			reason = istioFormatProblem(v)
		}
		if reason == "" {
			reason = formatProblem(v)
		}
		c.formats[v] = reason
	}
	return reason
}

func controlProblem(v string) string {
	for i := range len(v) {
		if v[i] < 0x20 && v[i] != '\t' || v[i] == 0x7f {
			return "holds a control character"
		}
	}
	return ""
}

// istioFormatProblem reads a value as Istio's webhook does. It knows no names of commands, but an older form of their
// arguments: a list of quoted strings. So it refuses double quotes inside %CEL()% that Envoy takes.
func istioFormatProblem(v string) string {
	for i := 0; i < len(v); {
		if v[i] != '%' {
			i++
			continue
		}
		if i+1 < len(v) && v[i+1] == '%' {
			i += 2
			continue
		}
		end := istioCommand(v, i+1)
		if end < 0 {
			return "not readable for Istio: a % is neither doubled nor part of a command"
		}
		i = end
	}
	return ""
}

// istioCommand gives the end of the command whose text begins at i, or -1.
func istioCommand(v string, i int) int {
	for ; i < len(v); i++ {
		if v[i] == '%' {
			return i + 1
		}
		if v[i] == '(' {
			return istioArguments(v, skipSpaces(v, i+1))
		}
	}
	return -1
}

func istioArguments(v string, i int) int {
	list := i < len(v) && v[i] == '['
	if !list {
		// The first character is text whatever it is.
		return istioText(v, i+1)
	}
	if i = skipSpaces(v, i+1); i >= len(v) || v[i] != '"' {
		return -1
	}
	return istioText(v, i+1)
}

// istioText reads text up to a ) or a quote; after a quote there must be a comma and another quote, or ] and ).
func istioText(v string, i int) int {
	for ; i < len(v); i++ {
		switch v[i] {
		case '\\':
			if i++; i >= len(v) {
				return -1
			}
		case ')':
			return istioEnd(v, i+1)
		case '"':
			i = skipSpaces(v, i+1)
			switch {
			case i < len(v) && v[i] == ',':
				if i = skipSpaces(v, i+1); i >= len(v) || v[i] != '"' {
					return -1
				}
			case i < len(v) && v[i] == ']':
				if i = skipSpaces(v, i+1); i >= len(v) || v[i] != ')' {
					return -1
				}
				return istioEnd(v, i+1)
			default:
				return -1
			}
		}
	}
	return -1
}

func istioEnd(v string, i int) int {
	if i = skipSpaces(v, i); i < len(v) && v[i] == '%' {
		return i + 1
	}
	return -1
}

func skipSpaces(v string, i int) int {
	for i < len(v) && v[i] == ' ' {
		i++
	}
	return i
}
