package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// pool is what fleets are made of: the keys that are declared, and the values that the golden cases give them.
type pool struct {
	keys     []string
	values   map[string][]string // by key
	settings map[string][]string // by ConfigMap key
}

func newPool(t testing.TB) *pool {
	t.Helper()
	p := &pool{values: map[string][]string{}, settings: map[string][]string{}}
	for _, f := range nginx.Features() {
		for _, k := range f.Keys {
			p.keys = append(p.keys, k.Name)
			p.values[k.Name] = append(p.values[k.Name], k.Default)
			for word := range strings.SplitSeq(k.Syntax, " | ") {
				p.values[k.Name] = append(p.values[k.Name], word)
			}
			if k.Setting != "" {
				p.settings[k.Setting] = append(p.settings[k.Setting], "true", "10")
			}
		}
		for _, s := range f.Settings {
			if !s.Flag {
				p.settings[s.Name] = append(p.settings[s.Name], s.Default)
			}
		}
	}
	files, err := filepath.Glob("../../testdata/nginx/*/*/in.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		s := snapshot.New()
		load.Bytes(name, data, s)
		for _, in := range s.Ingresses {
			for k, v := range in.Annotations {
				if key, ok := strings.CutPrefix(k, nginx.DefaultPrefix); ok {
					p.values[key] = append(p.values[key], v)
				}
			}
		}
		for _, c := range s.ConfigMaps {
			for k, v := range c.Data {
				if _, known := p.settings[k]; known {
					p.settings[k] = append(p.settings[k], v)
				}
			}
		}
	}
	for _, m := range []map[string][]string{p.values, p.settings} {
		for k := range m {
			slices.Sort(m[k]) // rapid draws by index
			m[k] = slices.Compact(m[k])
		}
	}
	return p
}

// hostile are values that nobody means well with, or that people write by mistake.
var hostile = []string{
	"", " ", "\x00", "a\x00b", "';}\n", "};\nserver {", "%REQ(:path)%", "%", "%%", "%DOWNSTREAM_REMOTE_ADDRESS%", "$host", "${HOST}", "$", "$request_uri$", "{{ x }}",
	"99999999999999999999", "-1", "0", "1e9", "0x10", "a,b", ",", ";", "10.0.0.0/8", "10.0.0.0/33", "::/0", "300.1.1.1", "http://", "http://x.test/%zz", "https://[::1", "//x", "http://a b/",
	"é\u202ex", "\ufeff", "\\1", "\\", "(?P<", "(.*)+$", "[", "a{1001}", "^(?!x)", "true", "TRUE", "false", "null", "~", "shop/users", "x/y/z", "users", "../../etc/passwd", "\"", "\r\nx: y", "*", "~^(?<a>.*)$",
	strings.Repeat("x", 3000), strings.Repeat("a,", 500),
}

type sample struct {
	docs    [][]byte
	options translate.Options
}

// GoString shows a sample when a promise is broken.
func (f *sample) GoString() string {
	o := f.options
	o.Waived = nil
	return fmt.Sprintf("%+v waived %v\n%s", o, f.options.Waived != nil, bytes.Join(f.docs, []byte("\n---\n")))
}

// fleets makes small fleets of Ingresses, with what surrounds them, and options.
func (p *pool) fleets() *rapid.Generator[*sample] {
	return rapid.Custom(func(t *rapid.T) *sample {
		f := &sample{options: optionsGen.Draw(t, "options")}
		seen := map[string]bool{}
		for range rapid.IntRange(1, 5).Draw(t, "ingresses") {
			in := p.ingress(t)
			m := in["metadata"].(object)
			if id := fmt.Sprint(m["namespace"], "/", m["name"]); !seen[id] {
				seen[id] = true
				f.add(in)
			}
		}
		if rapid.Bool().Draw(t, "services") {
			for _, ns := range namespaces {
				f.add(object{"apiVersion": "v1", "kind": "Service", "metadata": object{"name": "web", "namespace": ns}, "spec": object{"ports": []object{{"name": "http", "port": 80}}}})
			}
			f.add(object{"apiVersion": "v1", "kind": "Service", "metadata": object{"name": "far", "namespace": "shop"}, "spec": object{"type": "ExternalName", "externalName": rapid.SampledFrom([]string{"far.example.org", "10.0.0.1", "Far.example", "..", "a_b.c", "localhost", "x"}).Draw(t, "external")}})
		}
		if rapid.Bool().Draw(t, "secrets") {
			f.add(object{"apiVersion": "v1", "kind": "Secret", "metadata": object{"name": "users", "namespace": "shop"}, "stringData": object{"auth": "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\nbob:$apr1$x$y\n"}})
			f.add(object{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": object{"name": "tls", "namespace": "shop"}, "stringData": object{"tls.crt": "x", "tls.key": "y"}})
		}
		if rapid.Bool().Draw(t, "settings") {
			data := object{}
			for _, k := range rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(p.settings))), 0, 6).Draw(t, "setting") {
				data[k] = value(t, p.settings[k])
			}
			f.add(object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": "controller", "namespace": "edge"}, "data": data})
			f.options.Source.ControllerConfig = snapshot.Key{Namespace: "edge", Name: "controller"}
		}
		return f
	})
}

type object = map[string]any

var (
	namespaces = []string{"shop", "a", "a-b", "istio-system"}
	hosts      = []string{"shop.example.com", "www.shop.example.com", "example.com", "*.example.com", "a-b.example.com", "a.b.example.com", "a.b-example.com", "short", ""}
	paths      = []string{"/", "/a", "/a/", "/a/b", "/A", "/item/[0-9]+", "/api(/|$)(.*)", "/a%2Fb", "/a.b", ""}
)

func (f *sample) add(doc object) {
	data, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	f.docs = append(f.docs, data)
}

// value draws a value of a key: mostly one that was meant well.
func value(t *rapid.T, good []string) string {
	if len(good) > 0 && rapid.IntRange(0, 3).Draw(t, "meant") > 0 {
		return rapid.SampledFrom(good).Draw(t, "value")
	}
	return rapid.OneOf(rapid.SampledFrom(hostile), rapid.String()).Draw(t, "hostile")
}

func (p *pool) annotations(t *rapid.T) object {
	out := object{}
	for _, k := range rapid.SliceOfN(rapid.SampledFrom(p.keys), 0, 8).Draw(t, "keys") {
		out[nginx.DefaultPrefix+k] = value(t, p.values[k])
	}
	return out
}

func (p *pool) ingress(t *rapid.T) object {
	metadata := object{
		"name": rapid.SampledFrom([]string{"web", "a", "a-b", "b", "web.a"}).Draw(t, "name"), "namespace": rapid.SampledFrom(namespaces).Draw(t, "namespace"),
		"annotations": p.annotations(t),
	}
	if age := rapid.IntRange(0, 2).Draw(t, "age"); age > 0 {
		metadata["creationTimestamp"] = fmt.Sprintf("2024-01-0%dT00:00:00Z", age)
	}
	spec := object{"ingressClassName": "nginx"}
	var rules []object
	for range rapid.IntRange(0, 3).Draw(t, "rules") {
		rule := object{}
		if h := rapid.SampledFrom(hosts).Draw(t, "host"); h != "" {
			rule["host"] = h
		}
		if n := rapid.IntRange(0, 3).Draw(t, "paths"); n > 0 {
			var list []object
			for range n {
				list = append(list, pathOf(t))
			}
			rule["http"] = object{"paths": list}
		}
		rules = append(rules, rule)
	}
	if len(rules) > 0 {
		spec["rules"] = rules
	}
	if len(rules) == 0 || rapid.IntRange(0, 4).Draw(t, "default") == 0 {
		spec["defaultBackend"] = backendOf(t)
	}
	var blocks []object
	for range rapid.IntRange(0, 2).Draw(t, "tls") {
		b := object{}
		if hs := rapid.SliceOfNDistinct(rapid.SampledFrom(hosts[:7]), 0, 3, rapid.ID).Draw(t, "tls hosts"); len(hs) > 0 {
			b["hosts"] = hs
		}
		if s := rapid.SampledFrom([]string{"tls", "other-tls", ""}).Draw(t, "secret"); s != "" {
			b["secretName"] = s
		}
		blocks = append(blocks, b)
	}
	if len(blocks) > 0 {
		spec["tls"] = blocks
	}
	return object{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}
}

func pathOf(t *rapid.T) object {
	p := rapid.SampledFrom(paths).Draw(t, "path")
	kind := rapid.SampledFrom([]string{"Prefix", "Exact", "ImplementationSpecific"}).Draw(t, "type")
	if p == "" {
		kind = "ImplementationSpecific"
	}
	return object{"path": p, "pathType": kind, "backend": backendOf(t)}
}

func backendOf(t *rapid.T) object {
	port := object{"number": rapid.SampledFrom([]int{80, 443, 65535}).Draw(t, "port")}
	if rapid.IntRange(0, 4).Draw(t, "named") == 0 {
		port = object{"name": "http"}
	}
	return object{"service": object{"name": rapid.SampledFrom([]string{"web", "far", "lost"}).Draw(t, "service"), "port": port}}
}

var optionsGen = rapid.Custom(func(t *rapid.T) translate.Options {
	o := translate.Options{Target: emit.Options{
		NoEnvoyFilter: rapid.IntRange(0, 3).Draw(t, "no EnvoyFilter") == 0, NoLua: rapid.Bool().Draw(t, "no Lua"),
		Ownership:          rapid.SampledFrom([]emit.Ownership{"", emit.Platform, emit.Team}).Draw(t, "ownership"),
		Profile:            rapid.SampledFrom([]emit.Profile{"", emit.ProfileNative}).Draw(t, "profile"),
		TLS:                rapid.SampledFrom([]emit.TLSPolicy{"", emit.TLSCopy, emit.TLSCertManager, emit.TLSReferenceGrant}).Draw(t, "tls policy"),
		SNI:                rapid.SampledFrom([]emit.SNIPolicy{"", emit.SNIMisdir, emit.SNIStrict}).Draw(t, "sni"),
		DefaultCertificate: rapid.SampledFrom([]string{"", "edge-tls"}).Draw(t, "default certificate"),
		GuardToken:         rapid.SampledFrom([]string{"", "0123456789abcdef"}).Draw(t, "guard token"),
		IstioVersion:       emit.Version{Major: 1, Minor: rapid.SampledFrom([]int{31, 26, 24}).Draw(t, "istio")},
	}}
	if rapid.IntRange(0, 2).Draw(t, "args") == 0 {
		o.Source.ControllerArgs = []string{"--enable-ssl-passthrough"}
	}
	if rapid.IntRange(0, 4).Draw(t, "waive") == 0 {
		o.Waived = func(finding.Code, *finding.Object) bool { return true }
	}
	return o
})
