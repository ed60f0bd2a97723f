package istio

import (
	"cmp"
	"slices"
	"strings"

	accesslogv3 "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	h2mv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_to_metadata/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

const (
	filterSignIn = "i2g.signin"

	// metadataChecked and metadataSignIn mark routes for the replies of the check.
	metadataChecked = "checked"
	metadataSignIn  = "signin"

	// escapedURI is the path and query of the request as the value of a query parameter.
	escapedURI = "%DYNAMIC_METADATA(i2g:rd)%"
	// scriptEscape leaves the characters that the source leaves.
	scriptEscape = "escape-uri"
)

const escapeScript = `function envoy_on_request(h)
  local uri = string.gsub(h:headers():get(':path'), "[^%w%-%._~!'()*]", function(c) return string.format('%%%02X', string.byte(c)) end)
  h:streamInfo():dynamicMetadata():set('i2g', 'rd', uri)
end
`

// attachSignIn turns the service's 401 on the entry's routes into a redirect to a page. The redirect itself is a reply of the
// connection manager, one for each page.
func (e *emitter) attachSignIn(x *entry, s *model.SignIn) {
	location, err := signInLocation(s)
	if err != nil {
		return // is reported
	}
	key := shortHash(location)
	if e.access.signIns == nil {
		e.access.signIns = map[string]string{}
	}
	e.access.signIns[key] = location
	x.patch.metadata(metadataSignIn, key)
	x.patch.label("signin-" + key)
	e.signInHSTS(x)
	if !strings.Contains(location, escapedURI) {
		return
	}
	if e.opts.NoLua {
		e.metadataRule(x, &h2mv3.Config_Rule{
			Header: ":path",
			OnHeaderPresent: &h2mv3.Config_KeyValuePair{
				MetadataNamespace: "i2g", Key: "rd",
				RegexValueRewrite: &matcherv3.RegexMatchAndSubstitute{Pattern: &matcherv3.RegexMatcher{Regex: "&"}, Substitution: "%26"},
			},
		})
		return
	}
	e.filters.use(httpFilter{name: filterSignIn, object: objAccess, order: orderSignIn, config: &luav3.Lua{
		SourceCodes: map[string]*corev3.DataSource{scriptEscape: inline(escapeScript)},
	}})
	x.patch.filter(filterSignIn, &luav3.LuaPerRoute{Override: &luav3.LuaPerRoute_Name{Name: scriptEscape}})
}

// signInLocation is the Location of the redirect: the page, and the original URL unless the page has it already.
func signInLocation(s *model.SignIn) (string, error) {
	v := slices.Clone(s.URL)
	if s.Param != "" {
		sep := "?"
		for _, p := range v {
			if p.Var == model.VarLiteral && strings.Contains(p.Text, "?") {
				sep = "&"
			}
		}
		v = append(v, model.Part{Text: sep + s.Param + "="}, model.Part{Var: model.VarScheme}, model.Part{Text: "://"},
			model.Part{Var: model.VarAuthority}, model.Part{Var: model.VarEscapedURI})
	}
	out := ""
	for _, p := range v {
		if p.Var == model.VarEscapedURI {
			out += escapedURI
			continue
		}
		f, err := format(model.Value{p}, inEnvoyFilter)
		if err != nil {
			return "", err
		}
		out += f
	}
	return out, nil
}

// authReplies answers for refusals of the check as the source does: a redirect to the sign-in page for 401 where there is one,
// 500 for statuses that are neither 401 nor 403, and no page of the service. Only the check's own refusals carry the flag; the
// routes are known by their metadata, so that checks of other people are left alone.
func authReplies(e *emitter) {
	if !e.access.checked {
		return
	}
	var ms []*hcmv3.ResponseMapper
	// The page is for every 401 of the route's own checks, that of a password included.
	wrongPassword := celFilter("response.code_details.endsWith('_for_basic_auth')")
	keys := make([]string, 0, len(e.access.signIns))
	for k := range e.access.signIns {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(e.access.signIns[a], e.access.signIns[b]) })
	for _, k := range keys {
		ms = append(ms, &hcmv3.ResponseMapper{
			Filter:       allFilters(anyFilter(responseFlags("UAEX"), wrongPassword), status(accesslogv3.ComparisonFilter_EQ, 401), routeMark(metadataSignIn, k)),
			StatusCode:   wrapperspb.UInt32(302),
			HeadersToAdd: []*corev3.HeaderValueOption{headerValue("location", e.access.signIns[k])},
			Body:         inline(""),
		})
	}
	checked := routeMark(metadataChecked, "yes")
	ms = append(ms,
		&hcmv3.ResponseMapper{
			Filter: allFilters(responseFlags("UAEX"), checked, anyFilter(
				status(accesslogv3.ComparisonFilter_LE, 400),
				status(accesslogv3.ComparisonFilter_EQ, 402),
				status(accesslogv3.ComparisonFilter_GE, 404))),
			StatusCode: wrapperspb.UInt32(500),
			Body:       inline("Internal Server Error\n"),
		},
		&hcmv3.ResponseMapper{
			Filter: allFilters(responseFlags("UAEX"), checked, status(accesslogv3.ComparisonFilter_EQ, 403)),
			Body:   inline("Forbidden\n"),
		},
		&hcmv3.ResponseMapper{Filter: allFilters(responseFlags("UAEX"), checked), Body: inline("Unauthorized\n")})
	e.filters.mergeHCM(&hcmv3.HttpConnectionManager{LocalReplyConfig: &hcmv3.LocalReplyConfig{Mappers: ms}})
}

// routeMark holds on routes with a value in their metadata.
func routeMark(key, value string) *accesslogv3.AccessLogFilter {
	return celFilter("xds.route_metadata.filter_metadata['" + metadataNamespace + "']['" + key + "'] == '" + value + "'")
}

func allFilters(fs ...*accesslogv3.AccessLogFilter) *accesslogv3.AccessLogFilter {
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_AndFilter{AndFilter: &accesslogv3.AndFilter{Filters: fs}}}
}

func anyFilter(fs ...*accesslogv3.AccessLogFilter) *accesslogv3.AccessLogFilter {
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_OrFilter{OrFilter: &accesslogv3.OrFilter{Filters: fs}}}
}

func status(op accesslogv3.ComparisonFilter_Op, code uint32) *accesslogv3.AccessLogFilter {
	return &accesslogv3.AccessLogFilter{FilterSpecifier: &accesslogv3.AccessLogFilter_StatusCodeFilter{StatusCodeFilter: &accesslogv3.StatusCodeFilter{
		Comparison: &accesslogv3.ComparisonFilter{Op: op, Value: &corev3.RuntimeUInt32{DefaultValue: code, RuntimeKey: "i2g.none"}},
	}}}
}
