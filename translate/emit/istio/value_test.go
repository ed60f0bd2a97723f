package istio

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestValuesBecomeFormats(t *testing.T) {
	for name, c := range map[string]struct {
		value model.Value
		where formatPlace
		want  string
	}{
		"nothing is empty":                  {nil, inVirtualService, ""},
		"percent signs of text are doubled": {model.Text("100%REQ(cookie)%"), inVirtualService, "100%%REQ(cookie)%%"},
		"text and variables stand together": {
			model.Value{{Var: model.VarScheme}, {Text: "://"}, {Var: model.VarAuthority}, {Var: model.VarRequestURI}}, inVirtualService,
			"%REQ(X-FORWARDED-PROTO)%://%REQ(:AUTHORITY)%%REQ(:PATH)%",
		},
		"a header":          {model.Value{{Var: model.VarHeader, Text: "x-tenant"}}, inVirtualService, "%REQ(x-tenant)%"},
		"a query parameter": {model.Value{{Var: model.VarQuery, Text: "v"}}, inVirtualService, "%QUERY_PARAM(v)%"},
		"an optional query": {model.Value{{Var: model.VarOptionalQuery}}, inVirtualService, "%CEL(request.query == '' ? '' : '?')%%CEL(request.query)%"},
		"the host in an EnvoyFilter": {
			model.Value{{Var: model.VarHost}}, inEnvoyFilter, `%CEL(re.extract(request.host, '^([^:]+)(:[0-9]+)?$', '\\1'))%`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := format(c.value, c.where)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestValuesThatHaveNoFormat(t *testing.T) {
	for name, part := range map[string]model.Part{
		"a header name with a command's end": {Var: model.VarHeader, Text: "x)%"},
		"a header name with an alternative":  {Var: model.VarHeader, Text: "x?y"},
		"a header without name":              {Var: model.VarHeader},
		"a query parameter with a quote":     {Var: model.VarQuery, Text: `a"`},
		"a part of the path":                 {Var: model.VarPathCapture, Text: "/(.*)"},
		"the host in a VirtualService":       {Var: model.VarHost},
		"the escaped URI":                    {Var: model.VarEscapedURI},
		"text with a line break":             {Text: "a\nb: c"},
		"a variable that does not exist":     {Var: model.Var(999)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := format(model.Value{part}, inVirtualService); err == nil {
				t.Errorf("got %q", got)
			}
		})
	}
}

// Every variable of the model but those of the table above has a format in an EnvoyFilter, and Istio's own check of header
// values takes all but the host's in a VirtualService.
func TestEveryVariableHasAFormat(t *testing.T) {
	for v := model.VarLiteral; v <= model.VarOptionalQuery; v++ {
		if v == model.VarPathCapture {
			continue
		}
		s, err := format(model.Value{{Var: v, Text: "x"}}, inEnvoyFilter)
		require.NoError(t, err)
		if v == model.VarHost {
			continue
		}
		for i, command := range strings.Split(s, "%") {
			if i%2 == 1 && (strings.Count(command, ")") > 1 || strings.Contains(command, `"`)) {
				t.Errorf("Istio refuses %s", s)
			}
		}
	}
}
