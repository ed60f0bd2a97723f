package istio

import (
	"testing"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// keyText tells what a DestinationRule hashes.
func keyText(k *hashLB) string {
	switch {
	case k.GetHttpHeaderName() != "":
		return "header " + k.GetHttpHeaderName()
	case k.GetHttpCookie() != nil:
		return "cookie " + k.GetHttpCookie().GetName()
	case k.GetHttpQueryParameterName() != "":
		return "query " + k.GetHttpQueryParameterName()
	case k.GetUseSourceIp():
		return "address"
	}
	return ""
}

// policyText tells what a route's policy hashes.
func policyText(p *routev3.RouteAction_HashPolicy) string {
	switch {
	case p.GetQueryParameter() != nil:
		return "query " + p.GetQueryParameter().GetName()
	case p.GetCookie() != nil:
		return "cookie " + p.GetCookie().GetName()
	case p.GetConnectionProperties() != nil:
		return "address"
	case p.GetHeader().GetRegexRewrite() != nil:
		w := p.GetHeader().GetRegexRewrite()
		return p.GetHeader().GetHeaderName() + " " + w.GetPattern().GetRegex() + " " + w.GetSubstitution()
	}
	return "header " + p.GetHeader().GetHeaderName()
}

func TestWhatIsHashed(t *testing.T) {
	const constant = ":authority ^.*$ k"
	for name, c := range map[string]struct {
		value model.Value
		rule  model.Rule
		want  []string // the DestinationRule's key first
	}{
		"the path, always there": {model.Value{{Var: model.VarRequestURI}}, model.Rule{}, []string{"header :path"}},
		"the path behind a rewrite": {
			model.Value{{Var: model.VarRequestURI}}, model.Rule{Rewrite: &model.Rewrite{}}, []string{"header x-envoy-original-path"},
		},
		"the host behind another host": {
			model.Value{{Var: model.VarHost}}, model.Rule{UpstreamHost: &model.UpstreamHost{}}, []string{"header x-forwarded-host"},
		},
		"a header that may be missing": {
			model.Value{{Var: model.VarHeader, Text: "x-user"}}, model.Rule{}, []string{"header x-user", constant},
		},
		"several values, of which one is always there": {
			model.Value{{Var: model.VarQuery, Text: "u"}, {Var: model.VarMethod}, {Var: model.VarCookie, Text: "c"}}, model.Rule{},
			[]string{"query u", "header :method", "cookie c"},
		},
		"the path without the query has no field": {
			model.Value{{Var: model.VarPath}}, model.Rule{}, []string{"header " + neverSent, `:path \?.*$ `},
		},
		"the address":      {model.Value{{Var: model.VarRemoteAddress}}, model.Rule{}, []string{"address"}},
		"the same for all": {model.Text("x"), model.Rule{}, []string{"header " + neverSent, constant}},
	} {
		t.Run(name, func(t *testing.T) {
			key, policies := testEmitter(model.Global{}, emit.Options{}).hashParts(&c.rule, c.value)
			got := []string{keyText(key)}
			for _, p := range policies {
				got = append(got, policyText(p))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("hashed (-want +got):\n%s", diff)
			}
		})
	}
}
