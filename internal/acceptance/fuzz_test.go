package acceptance

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// companions are annotations without which others are not read.
var companions = map[string]string{
	"auth-url": login, "auth-type": "basic", "auth-secret": "users", "auth-tls-secret": "shop/clients", "enable-cors": "true", "canary": "true", "affinity": "cookie",
	"enable-modsecurity": "true", "mirror-target": "https://copy.example.com$request_uri", "custom-http-errors": "503", "limit-rps": "5", "session-cookie-name": "c",
	"proxy-ssl-secret": "shop/tls", "backend-protocol": "HTTPS", "enable-opentelemetry": "true", "rewrite-target": "/$1", "use-regex": "true", "default-backend": "web",
}

// FuzzTranslate gives one declared annotation any value: nothing panics, and nothing that an API server would refuse comes out.
func FuzzTranslate(f *testing.F) {
	var keys []annotations.Key
	for _, feature := range nginx.Features() {
		keys = append(keys, feature.Keys...)
	}
	p := newPool(f)
	for i, k := range keys {
		for _, v := range p.values[k.Name] {
			f.Add(uint16(i), v, uint8(len(v)))
		}
	}
	for i, v := range hostile {
		f.Add(uint16(i), v, uint8(i))
	}
	data := fuzzInput(f)
	f.Fuzz(func(t *testing.T, key uint16, value string, flags uint8) {
		if !utf8.ValidString(value) {
			return // no API server has such a value
		}
		s := snapshot.New()
		load.Bytes("in.json", data, s)
		k := keys[int(key)%len(keys)]
		notes := map[string]string{}
		if k.Needs != "" {
			notes[nginx.DefaultPrefix+k.Needs] = companions[k.Needs]
		}
		if flags&1 != 0 {
			for name, v := range companions {
				if name != "canary" {
					notes[nginx.DefaultPrefix+name] = v
				}
			}
		}
		notes[nginx.DefaultPrefix+k.Name] = value
		for _, in := range s.Ingresses {
			if in.Name == "web" {
				in.Annotations = notes
			}
		}
		o := translate.Options{
			Source: translate.SourceOptions{ControllerConfig: snapshot.Key{Namespace: "edge", Name: "controller"}, ControllerArgs: []string{"--enable-ssl-passthrough"}},
			Target: emit.Options{NoEnvoyFilter: flags&2 != 0, NoLua: flags&4 != 0, DefaultCertificate: "edge-tls"},
		}
		if flags&8 != 0 {
			o.Waived = func(finding.Code, *finding.Object) bool { return true }
		}
		r := translate.Translate(s, o)
		for _, f := range r.Findings {
			if f.Code == finding.InvalidOutput {
				t.Errorf("%s: %q: %s", k.Name, value, f.Message())
			}
		}
		for _, problem := range validate.Fast(r.Objects) {
			t.Errorf("%s: %q: %s", k.Name, value, problem)
		}
		require.Equal(t, r.Counts.In, r.Counts.Converted+r.Counts.Skipped+r.Counts.Failed)
	})
}

// fuzzInput is a main Ingress with two paths, and what its annotations may name.
func fuzzInput(f *testing.F) []byte {
	f.Helper()
	backend := object{"service": object{"name": "web", "port": object{"number": 80}}}
	spec := object{
		"ingressClassName": "nginx", "tls": []object{{"hosts": []string{"shop.example.com"}, "secretName": "tls"}},
		"rules": []object{{"host": "shop.example.com", "http": object{"paths": []object{
			{"path": "/", "pathType": "Prefix", "backend": backend}, {"path": "/item/([0-9]+)", "pathType": "ImplementationSpecific", "backend": backend},
		}}}},
	}
	ingress := func(name string) object {
		return object{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": object{"name": name, "namespace": "shop"}, "spec": spec}
	}
	data, err := json.Marshal(object{"apiVersion": "v1", "kind": "List", "items": []object{
		ingress("web"), ingress("older"),
		{"apiVersion": "v1", "kind": "Service", "metadata": object{"name": "web", "namespace": "shop"}, "spec": object{"ports": []object{{"name": "http", "port": 80}}}},
		{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "users", "namespace": "shop"}, "stringData": object{"auth": "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"}},
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "controller", "namespace": "edge"}, "data": object{"allow-snippet-annotations": "true", "annotations-risk-level": "Critical"}},
	}})
	require.NoError(f, err)
	return data
}
