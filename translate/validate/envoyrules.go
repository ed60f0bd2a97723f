package validate

import (
	"encoding/base64"
	"net/netip"
	"strings"

	xdscore "github.com/cncf/xds/go/xds/core/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	celfilterv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/filters/cel/v3"
	basicauthv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/basic_auth/v3"
	faultv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	localratelimitv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/local_ratelimit/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"

	"google.golang.org/protobuf/proto"
)

// envoyRules checks what no annotation of Envoy's types says and what Envoy refuses when it loads a configuration, or what
// leaves a protection open without a word.
func (w *walk) envoyRules(path string, m proto.Message, partial bool) {
	switch m := m.(type) {
	case *corev3.HeaderValueOption:
		w.headerOption(path, m)
	case *routev3.Route:
		w.removed(path+".request_headers_to_remove", m.RequestHeadersToRemove...)
		w.removed(path+".response_headers_to_remove", m.ResponseHeadersToRemove...)
	case *routev3.VirtualHost:
		w.removed(path+".request_headers_to_remove", m.RequestHeadersToRemove...)
		w.removed(path+".response_headers_to_remove", m.ResponseHeadersToRemove...)
	case *routev3.RouteConfiguration:
		w.removed(path+".request_headers_to_remove", m.RequestHeadersToRemove...)
		w.removed(path+".response_headers_to_remove", m.ResponseHeadersToRemove...)
	case *matcherv3.RegexMatcher:
		if reason := w.check.regexProblem(m.Regex); reason != "" {
			w.bad(path+".regex", "%s: %s", quote(m.Regex), reason)
		}
	case *matcherv3.RegexMatchAndSubstitute:
		if reason := replacementProblem(m.GetPattern().GetRegex(), m.Substitution); reason != "" {
			w.bad(path+".substitution", "%s: %s", quote(m.Substitution), reason)
		}
	case *corev3.SubstitutionFormatString:
		w.format(path+".text_format_source", m.GetTextFormatSource().GetInlineString())
	case *corev3.CidrRange:
		w.cidr(path, m.AddressPrefix, m.GetPrefixLen().GetValue())
	case *xdscore.CidrRange:
		w.cidr(path, m.AddressPrefix, m.GetPrefixLen().GetValue())
	case *celfilterv3.ExpressionFilter:
		if reason := balanceProblem(m.Expression); reason != "" {
			w.bad(path+".expression", "%s", reason)
		}
	case *faultv3.HTTPFault:
		w.faultHeaders(path, m)
	case *basicauthv3.BasicAuth:
		w.users(path+".users", m.GetUsers())
	case *basicauthv3.BasicAuthPerRoute:
		w.users(path+".users", m.GetUsers())
	case *localratelimitv3.LocalRateLimit:
		w.buckets(path, m)
	case *hcmv3.HttpFilter:
		if !partial && m.ConfigType == nil {
			w.bad(path+".typed_config", "is required")
		}
	case *listenerv3.Filter:
		if !partial && m.ConfigType == nil {
			w.bad(path+".typed_config", "is required")
		}
	}
}

// headerOption: the value is a format string; pseudo headers and Host are out of reach.
func (w *walk) headerOption(path string, m *corev3.HeaderValueOption) {
	key := m.GetHeader().GetKey()
	if strings.EqualFold(key, "host") || !isToken(key) {
		w.bad(path+".header.key", "%s may not be set", quote(key))
	}
	w.format(path+".header.value", m.GetHeader().GetValue())
}

func (w *walk) removed(path string, names ...string) {
	for _, n := range names {
		if strings.HasPrefix(n, ":") || strings.EqualFold(n, "host") {
			w.bad(path, "%s may not be removed", quote(n))
		}
	}
}

func (w *walk) format(path, value string) {
	if reason := formatProblem(value); reason != "" {
		w.bad(path, "%s: %s", quote(value), reason)
	}
}

func (w *walk) cidr(path, prefix string, length uint32) {
	a, err := netip.ParseAddr(prefix)
	switch bits := int(length); {
	case err != nil || a.Zone() != "":
		w.bad(path+".address_prefix", "%s is not an address", quote(prefix))
	case bits > a.BitLen():
		w.bad(path+".prefix_len", "%d is above %d", bits, a.BitLen())
	}
}

// faultHeaders: an inverted match does not hold for a header that is absent, unless it is told to. A guard written without
// that lets everybody in.
func (w *walk) faultHeaders(path string, m *faultv3.HTTPFault) {
	for _, h := range m.Headers {
		if h.InvertMatch && !h.TreatMissingHeaderAsEmpty && h.GetStringMatch() != nil {
			w.bad(path+".headers", "inverted match on %s without treat_missing_header_as_empty", quote(h.Name))
		}
	}
}

// users: one line that Envoy cannot read makes it refuse the listener.
func (w *walk) users(path string, source *corev3.DataSource) {
	inline, ok := source.GetSpecifier().(*corev3.DataSource_InlineString)
	if !ok {
		return
	}
	list := inline.InlineString
	path += ".inline_string"
	if list == "" {
		w.bad(path, "is empty")
	}
	seen := map[string]bool{}
	for line := range strings.SplitSeq(list, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		name, hash, ok := strings.Cut(line, ":")
		digest, sha := strings.CutPrefix(hash, "{SHA}")
		raw, err := base64.StdEncoding.DecodeString(digest)
		switch {
		case !ok || name == "" || !sha || err != nil || len(raw) != 20:
			w.bad(path, "user %s: only NAME:{SHA}HASH is readable", quote(name))
		case seen[name]:
			w.bad(path, "user %s is given twice", quote(name))
		}
		seen[name] = true
	}
}

// minFill is the shortest interval at which Envoy fills a bucket.
const minFill = 50e6

func (w *walk) buckets(path string, m *localratelimitv3.LocalRateLimit) {
	w.bucket(path+".token_bucket", m.TokenBucket)
	for _, d := range m.Descriptors {
		w.bucket(path+".descriptors.token_bucket", d.TokenBucket)
	}
}

func (w *walk) bucket(path string, b *typev3.TokenBucket) {
	if b != nil && b.FillInterval != nil && b.FillInterval.AsDuration() < minFill {
		w.bad(path+".fill_interval", "%v is less than 50ms", b.FillInterval.AsDuration())
	}
}
