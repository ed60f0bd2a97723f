package validate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

func TestTreesAreReadAsTheSchemaReadsThem(t *testing.T) {
	for name, tt := range map[string]specCase{
		"all kinds of fields": {spec: `
hosts: [a.test]
gateways: [g]
http:
- match: [{uri: {prefix: /}, headers: {x: {exact: "1"}}, port: 80}]
  route: [{destination: {host: a.b}, weight: 1}]
  corsPolicy: {allowOrigins: [{exact: "*"}], allowCredentials: true, unmatchedPreflights: IGNORE}
  timeout: 1.5s
  mirrorPercentage: {value: 12.5}
  mirror: {host: a.b}`},
		"unknown fields": {spec: `{hosts: [a.test], gateways: [g], http: [{directResponse: {status: 200}, mathc: [], match: [{url: {}}]}]}`, want: []string{
			"spec.http[0].match[0].url: unknown field", "spec.http[0].mathc: unknown field",
		}},
		"the names of the .proto file": {spec: `{hosts: [a.test], gateways: [g], http: [{direct_response: {status: 200}}]}`, want: []string{"spec.http[0].direct_response: unknown field"}},
		"wrong forms": {spec: `{hosts: a.test, gateways: {g: h}, http: [{directResponse: {status: "200"}, timeout: 5m, route: [{weight: 1.5, destination: [], headers: {request: {set: {a: 1}}}}], corsPolicy: {allowCredentials: "true", unmatchedPreflights: DROP}, mirrorPercentage: {value: x}, match: [{port: -1, uri: null, sourceLabels: []}]}]}`, want: []string{
			"spec.gateways: is a mapping, not a list",
			"spec.hosts: is text, not a list",
			"spec.http[0].corsPolicy.allowCredentials: is text, not true or false",
			"spec.http[0].corsPolicy.unmatchedPreflights: DROP is none of the values",
			"spec.http[0].directResponse.status: 200 (text) is not a whole number",
			"spec.http[0].match[0].port: -1 is out of range",
			"spec.http[0].match[0].sourceLabels: is a list, not a mapping",
			"spec.http[0].match[0].uri: is nothing, not a mapping",
			"spec.http[0].mirrorPercentage.value: is text, not a number",
			"spec.http[0].route[0].destination: is a list, not a mapping",
			"spec.http[0].route[0].headers.request.set[a]: is a number, not text",
			"spec.http[0].route[0].weight: 1.5 (a number) is not a whole number",
			`spec.http[0].timeout: 5m is not a number of seconds such as "60s"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "shop", Name: "web", Spec: tree(t, tt.spec)}
			if diff := cmp.Diff(tt.want, reasons(Fast([]*manifest.Object{o}))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpecificationsOfTheWrongKind(t *testing.T) {
	o := manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: "shop", Name: "web"}
	for name, tt := range map[string]struct {
		spec any
		want []string
	}{
		"another message":       {&istionet.Gateway{}, []string{"spec: is a istio.networking.v1alpha3.Gateway, not a istio.networking.v1alpha3.VirtualService"}},
		"text":                  {"hosts", []string{"spec: text is no specification"}},
		"nothing":               {nil, []string{"spec.http: http, tls or tcp is required"}},
		"a nil message":         {(*istionet.VirtualService)(nil), []string{"spec.http: http, tls or tcp is required"}},
		"a nil route":           {&istionet.VirtualService{Hosts: []string{"a.test"}, Gateways: []string{"g"}, Http: []*istionet.HTTPRoute{nil}}, []string{"spec.http[0]: is nil"}},
		"text that is no UTF-8": {&istionet.VirtualService{Hosts: []string{"a\xff"}}, []string{`spec.hosts[0]: "a\xff" is not UTF-8`}},
		"an enumeration's unknown value": {&istionet.VirtualService{Http: []*istionet.HTTPRoute{{CorsPolicy: &istionet.CorsPolicy{UnmatchedPreflights: 9}}}},
			[]string{"spec.http[0].corsPolicy.unmatchedPreflights: 9 is none of the values"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			o.Spec = tt.spec
			if diff := cmp.Diff(tt.want, reasons(Fast([]*manifest.Object{&o}))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
