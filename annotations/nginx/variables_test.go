package nginx

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// fixed are constants by name.
func fixed(values map[string]string) constants {
	return func(variable string) (string, bool) {
		v, ok := values[variable]
		return v, ok
	}
}

func TestValuesWithVariables(t *testing.T) {
	consts := fixed(map[string]string{"namespace": "ns", "service_name": "app"})
	for name, c := range map[string]struct {
		text string
		want model.Value
	}{
		"nothing":                         {"", nil},
		"text":                            {"a b", model.Text("a b")},
		"constants join the text":         {"$service_name.$namespace.svc", model.Text("app.ns.svc")},
		"a name ends at the brace":        {"${host}x", model.Value{{Var: model.VarHost}, {Text: "x"}}},
		"names have no case":              {"$HTTP_X_Tenant", model.Value{{Var: model.VarHeader, Text: "x-tenant"}}},
		"the Host header has no parts":    {"$http_host", model.Value{{Var: model.VarAuthority}}},
		"an argument":                     {"$arg_v1", model.Value{{Var: model.VarQuery, Text: "v1"}}},
		"the query with its mark":         {"/x$is_args$args", model.Value{{Text: "/x"}, {Var: model.VarOptionalQuery}}},
		"the query with its mark, braced": {"${is_args}${query_string}y", model.Value{{Var: model.VarOptionalQuery}, {Text: "y"}}},
		"several parts": {
			"$scheme://$host:$server_port$request_uri",
			model.Value{{Var: model.VarScheme}, {Text: "://"}, {Var: model.VarHost}, {Text: ":"}, {Var: model.VarServerPort}, {Var: model.VarRequestURI}},
		},
		"the certificate of the client": {
			"$ssl_client_s_dn;$ssl_client_i_dn;$ssl_client_escaped_cert;$ssl_protocol",
			model.Value{{Var: model.VarPeerSubject}, {Text: ";"}, {Var: model.VarPeerIssuer}, {Text: ";"}, {Var: model.VarPeerCertificate}, {Text: ";"}, {Var: model.VarTLSVersion}},
		},
		"the rest": {
			"$remote_addr$uri$args$request_method$req_id",
			model.Value{{Var: model.VarRemoteAddress}, {Var: model.VarPath}, {Var: model.VarQueryString}, {Var: model.VarMethod}, {Var: model.VarRequestID}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseValue(c.text, consts)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAConstantGoesBeforeTheRequest(t *testing.T) {
	got, err := parseValue("$host", fixed(map[string]string{"host": "a.test"}))
	require.NoError(t, err)
	if diff := cmp.Diff(model.Text("a.test"), got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedValues(t *testing.T) {
	for text, want := range map[string]string{
		"$cookie_x":        "the variable $cookie_x cannot be expressed",
		"a$upstream_addr":  "the variable $upstream_addr cannot be expressed",
		"$1":               "the variable $1 cannot be expressed",
		"$":                "a dollar sign stands without a variable's name, which nginx refuses",
		"$$host":           "a dollar sign stands without a variable's name, which nginx refuses",
		"${host":           "the brace of ${host is never closed",
		"${ho st}":         "${ho st} is no variable",
		"$is_args":         "the variable $is_args cannot be expressed",
		"$is_args$args_x":  "the variable $is_args cannot be expressed",
		"$http_":           "the variable $http_ cannot be expressed",
		"x ${}":            "a dollar sign stands without a variable's name, which nginx refuses",
		"$server_name.svc": "the variable $server_name cannot be expressed",
	} {
		got, err := parseValue(text, nil)
		if err == nil {
			t.Errorf("%s: %v", text, got)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// FuzzValues makes sure that no literal part follows another, and that text without dollar signs stays as it is.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"$host", "${a}$", "a$http_x-y$is_args$args", "$$", "plain", "${http_x}${"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parseValue(s, fixed(map[string]string{"c": "$const$"}))
		if err != nil {
			return
		}
		for i, p := range v {
			if p.Var == model.VarLiteral && (p.Text == "" || i > 0 && v[i-1].Var == model.VarLiteral) {
				t.Errorf("%q gives %v", s, v)
			}
		}
	})
}
