package validate

import (
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) httpMatch(p *at, m *istionet.HTTPMatchRequest, mesh bool) {
	if m.Uri != nil {
		c.uriMatch(p, m.Uri)
	}
	c.namedMatch(p, "scheme", m.Scheme)
	c.namedMatch(p, "method", m.Method)
	c.namedMatch(p, "authority", m.Authority)
	for _, k := range sortedKeys(m.Headers) {
		c.headerMatch(p, "headers", k, m.Headers[k], mesh)
	}
	for _, k := range sortedKeys(m.WithoutHeaders) {
		c.headerMatch(p, "withoutHeaders", k, m.WithoutHeaders[k], mesh)
	}
	for _, k := range sortedKeys(m.QueryParams) {
		params := p.field("queryParams")
		place := params.key(k)
		if k == "" {
			c.bad(&place, "", "empty name")
		}
		c.stringMatch(&place, m.QueryParams[k])
	}
	if m.Port != 0 {
		c.port(p, "port", m.Port)
	}
	if strings.ContainsAny(m.Name, "\n\r\t ") {
		c.bad(p, "name", "%s holds white space: no patch could name it", quote(m.Name))
	}
	if m.SourceNamespace != "" && !isLabel(m.SourceNamespace) {
		c.bad(p, "sourceNamespace", "%q is not a namespace", m.SourceNamespace)
	}
	c.workloadLabels(p, "sourceLabels", m.SourceLabels)
	c.gatewayNames(p, m.Gateways)
}

// uriMatch: paths that cannot be are emitter bugs, not only useless: an empty prefix matches everything.
func (c *check) uriMatch(p *at, u *istionet.StringMatch) {
	place := p.field("uri")
	switch m := u.MatchType.(type) {
	case *istionet.StringMatch_Exact:
		c.path(&place, "exact", m.Exact)
	case *istionet.StringMatch_Prefix:
		c.path(&place, "prefix", m.Prefix)
	case *istionet.StringMatch_Regex:
		c.regex(&place, "regex", m.Regex)
	default:
		c.bad(&place, "", "matches nothing")
	}
}

func (c *check) path(p *at, sub, s string) {
	if !strings.HasPrefix(s, "/") {
		c.bad(p, sub, "%s does not begin with /", quote(s))
	}
	c.plain(p, sub, s)
}

func (c *check) namedMatch(p *at, sub string, m *istionet.StringMatch) {
	if m != nil {
		place := p.field(sub)
		c.stringMatch(&place, m)
	}
}

// stringMatch allows for a match without a form, which means "is present" for headers and query parameters.
func (c *check) stringMatch(p *at, s *istionet.StringMatch) {
	switch m := s.GetMatchType().(type) {
	case *istionet.StringMatch_Prefix:
		if m.Prefix == "" {
			c.bad(p, "prefix", "is empty")
		}
		c.plain(p, "prefix", m.Prefix)
	case *istionet.StringMatch_Exact:
		c.plain(p, "exact", m.Exact)
	case *istionet.StringMatch_Regex:
		c.regex(p, "regex", m.Regex)
	}
}

func (c *check) headerMatch(p *at, sub, name string, m *istionet.StringMatch, mesh bool) {
	headers := p.field(sub)
	place := headers.key(name)
	switch {
	case name == ":method" || name == ":scheme" || name == ":authority" || name == ":path" || name == ":status":
	case strings.HasPrefix(name, "@request.auth.claims"):
		if mesh {
			c.bad(&place, "", "claims are only for gateways")
		}
	case !isToken(name):
		c.bad(&place, "", "not the name of a header")
	}
	// A single * stands for "present" here.
	if sub == "withoutHeaders" && m.GetRegex() == "*" {
		return
	}
	c.stringMatch(&place, m)
}

// isToken tells whether s may be the name of a header.
func isToken(s string) bool {
	for i := range len(s) {
		if !alnum(s[i]) && strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}
