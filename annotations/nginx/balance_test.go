package nginx

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestHowEndpointsAreChosen(t *testing.T) {
	for name, c := range map[string]struct {
		keys, settings map[string]string
		want           model.Balance
	}{
		"in turn by default":          {nil, nil, model.Balance{}},
		"ewma counts requests":        {map[string]string{"load-balance": "ewma"}, nil, model.Balance{Algorithm: model.LeastRequest}},
		"the ConfigMap's algorithm":   {nil, map[string]string{"load-balance": "ewma"}, model.Balance{Algorithm: model.LeastRequest}},
		"one variable":                {map[string]string{"upstream-hash-by": "$request_uri"}, nil, model.Balance{Hash: model.Value{{Var: model.VarRequestURI}}}},
		"a cookie keeps its case":     {map[string]string{"upstream-hash-by": "$cookie_Foo"}, nil, model.Balance{Hash: model.Value{{Var: model.VarCookie, Text: "Foo"}}}},
		"text between does not count": {map[string]string{"upstream-hash-by": "${arg_a}-x-$http_x_b"}, nil, model.Balance{Hash: model.Value{{Var: model.VarQuery, Text: "a"}, {Var: model.VarHeader, Text: "x-b"}}}},
		"what is the same for all":    {map[string]string{"upstream-hash-by": "a$service_name"}, nil, model.Balance{Hash: model.Text("a$service_name")}},
		"an unknown variable":         {map[string]string{"upstream-hash-by": "$geoip_city"}, nil, model.Balance{}},
		"groups of three by default":  {map[string]string{"upstream-hash-by": "$arg_a", "upstream-hash-by-subset": "true", "upstream-hash-by-subset-size": "0"}, nil, model.Balance{Hash: model.Value{{Var: model.VarQuery, Text: "a"}}, Subset: 3}},
		"a session cookie beats hash": {map[string]string{"upstream-hash-by": "$arg_a", "affinity": "cookie"}, nil, model.Balance{}},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := readTraffic(t, c.settings, []traffic{{"a/web", []string{"x.test/=web"}, c.keys}, {"a/late", []string{"x.test/late=web"}, map[string]string{"load-balance": "ewma", "upstream-hash-by": "$host"}}})
			require.NotEmpty(t, e.Hosts)
			for _, r := range e.Hosts[0].Rules {
				require.NotNil(t, r.Balance)
				if diff := cmp.Diff(c.want, *r.Balance, cmpopts.IgnoreFields(model.Balance{}, "Origin")); diff != "" {
					t.Errorf("%s (-want +got):\n%s", r.Ingress, diff)
				}
			}
		})
	}
}
