package istio

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// edgeOf is an edge of hosts that answer by themselves, each with a certificate of its own.
func edgeOf(names ...string) *model.Edge {
	e := &model.Edge{}
	for _, n := range names {
		e.Hosts = append(e.Hosts, &model.Host{
			Name: n, Owner: "shop", Namespaces: []string{"shop"}, TLS: &model.TLS{Secret: &model.SecretRef{Namespace: "shop", Name: dnsLabel(n)}},
			Rules: []*model.Rule{{Match: model.Match{Path: model.AnyPath{}}, Owner: "shop", Ingress: "shop/web", Action: model.Respond{Status: 200}}},
		})
	}
	return e
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("h%04d.example.com", i)
	}
	return out
}

func emitEdge(edge *model.Edge, o emit.Options, gateways ...*snapshot.Gateway) ([]*manifest.Object, []finding.Finding) {
	s := snapshot.New()
	s.Gateways = gateways
	var fs finding.List
	out := Emit(emit.Input{Edge: edge, Snapshot: s, Options: o.Defaults(), Findings: &fs})
	return out.Objects, fs.Sorted()
}

func TestPatchesPerServer(t *testing.T) {
	for name, c := range map[string]struct {
		hosts   int
		options emit.Options
		want    map[string]int // patches by object
		differs []string
	}{
		"the Host decides by a patch for each server":             {3, emit.Options{DefaultCertificate: "edge"}, map[string]int{"i2g-sni": 3}, nil},
		"many servers take several objects":                       {1001, emit.Options{DefaultCertificate: "edge"}, map[string]int{"i2g-sni": 65, "i2g-sni-2": 67, "i2g-sni-3": 67, "i2g-sni-4": 59, "i2g-sni-5": 59, "i2g-sni-6": 64, "i2g-sni-7": 63, "i2g-sni-8": 59, "i2g-sni-9": 59, "i2g-sni-10": 58, "i2g-sni-11": 58, "i2g-sni-12": 67, "i2g-sni-13": 67, "i2g-sni-14": 62, "i2g-sni-15": 62, "i2g-sni-16": 65}, nil},
		"others count, too":                                       {3, emit.Options{DefaultCertificate: "edge", OtherCertificates: mostServers - 2}, map[string]int{"i2g-sni": 1}, []string{"421, because there are more than 2000 certificates"}},
		"too many servers get one patch that answers 421":         {mostServers + 1, emit.Options{DefaultCertificate: "edge"}, map[string]int{"i2g-sni": 1}, []string{"421, because there are more than 2000 certificates"}},
		"without a default certificate there is no table for all": {3, emit.Options{}, map[string]int{"i2g-sni": 1}, []string{"421, because no default certificate is given"}},
		"421 on demand":               {3, emit.Options{DefaultCertificate: "edge", SNI: emit.SNIMisdir}, map[string]int{"i2g-sni": 1}, []string{"421"}},
		"nothing where 404 is wanted": {3, emit.Options{DefaultCertificate: "edge", SNI: emit.SNIStrict}, map[string]int{}, []string{"404"}},
		"nothing without EnvoyFilter": {3, emit.Options{DefaultCertificate: "edge", NoEnvoyFilter: true}, map[string]int{}, []string{"404, because that needs an EnvoyFilter"}},
	} {
		t.Run(name, func(t *testing.T) {
			objects, fs := emitEdge(edgeOf(many(c.hosts)...), c.options)
			got := map[string]int{}
			for _, o := range objects {
				if o.Kind == "EnvoyFilter" && strings.HasPrefix(o.Name, objSNI) {
					got[o.Name] = len(fieldOf(o.Spec, "configPatches").([]any))
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("patches (-want +got):\n%s", d)
			}
			var differs []string
			for _, f := range fs {
				if f.Code == finding.SNIDiffers {
					differs = append(differs, f.Args[0])
				}
			}
			if d := cmp.Diff(c.differs, differs); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
			}
		})
	}
}

func fieldOf(spec any, key string) any {
	for _, f := range spec.(manifest.Map) {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// tlsHosts lists the TLS servers by Gateway.
func tlsHosts(objects []*manifest.Object) map[string][]string {
	out := map[string][]string{}
	for _, o := range objects {
		if g, ok := o.Spec.(*networking.Gateway); ok && g.Servers[0].Tls != nil {
			out[o.Name] = g.Servers[0].Hosts
		}
	}
	return out
}

func TestServersOfNames(t *testing.T) {
	plain := func(names ...string) *model.Edge {
		e := edgeOf(names...)
		for _, h := range e.Hosts {
			h.TLS = nil
		}
		return e
	}
	guarded := func(name string, others ...string) *model.Edge {
		e := plain(append(others, name)...)
		e.Hosts[len(others)].ClientCerts = &model.ClientCerts{CA: &model.SecretRef{Namespace: "shop", Name: "ca"}, Depth: 1}
		return e
	}
	for name, c := range map[string]struct {
		edge     *model.Edge
		gateways []*snapshot.Gateway
		want     map[string][]string
	}{
		"only the platform may bind a host where its certificate is; the team may bind it in the common table": {
			edgeOf("a.example.com"), nil,
			map[string][]string{"i2g-shop-a-example-com": {"istio-system/a.example.com"}, "i2g-https-default": {"istio-system/*", "shop/a.example.com"}},
		},
		"a wildcard opens the common table to its namespace, because it would leak into hosts listed one by one": {
			plain("*.example.com", "a.example.com"), nil, map[string][]string{"i2g-https-default": {"istio-system/*", "shop/*"}},
		},
		"a host that asks for certificates is never bound to the common table": {
			guarded("a.example.com", "b.example.com"), nil,
			map[string][]string{"i2g-mtls-a-example-com": {"shop/a.example.com"}, "i2g-https-default": {"istio-system/*", "shop/b.example.com"}},
		},
		"a name below a wildcard with a server of its own needs one too": {
			guarded("*.example.com", "deep.a.example.com", "other.test.example"), nil,
			map[string][]string{
				"i2g-mtls-any-example-com": {"shop/*.example.com"}, "i2g-https-named": {"istio-system/deep.a.example.com"},
				"i2g-https-default": {"istio-system/*", "shop/deep.a.example.com", "shop/other.test.example"},
			},
		},
		"no second server for a host of another Gateway": {
			edgeOf("a.example.com", "b.example.com"),
			[]*snapshot.Gateway{{Key: snapshot.Key{Namespace: "old", Name: "gw"}, Servers: []snapshot.Server{{Port: 443, Protocol: "HTTPS", Hosts: []string{"*/A.example.com"}}}}},
			map[string][]string{"i2g-shop-b-example-com": {"istio-system/b.example.com"}, "i2g-https-default": {"istio-system/*", "shop/b.example.com"}},
		},
		"nor a second server for every name": {
			edgeOf("a.example.com"),
			[]*snapshot.Gateway{{Key: snapshot.Key{Namespace: "old", Name: "gw"}, Servers: []snapshot.Server{{Port: 443, Protocol: "HTTPS", Hosts: []string{"x.test", "*"}}}}},
			map[string][]string{"i2g-shop-a-example-com": {"shop/a.example.com"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			objects, _ := emitEdge(c.edge, emit.Options{DefaultCertificate: "edge"}, c.gateways...)
			if d := cmp.Diff(c.want, tlsHosts(objects)); d != "" {
				t.Errorf("TLS servers (-want +got):\n%s", d)
			}
		})
	}
}
