package incremental

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// TestWhatIsTranslatedAlone names changes, and whether they take a translation of everything.
func TestWhatIsTranslatedAlone(t *testing.T) {
	annotate := func(o *netv1.Ingress, pairs ...string) {
		if o.Annotations == nil {
			o.Annotations = map[string]string{}
		}
		for kv := range slices.Chunk(pairs, 2) {
			o.Annotations["nginx.ingress.kubernetes.io/"+kv[0]] = kv[1]
		}
	}
	secure := func(o *netv1.Ingress, secret string) {
		o.Spec.TLS = []netv1.IngressTLS{{Hosts: []string{o.Spec.Rules[0].Host}, SecretName: secret}}
	}
	path := func(o *netv1.Ingress) *netv1.HTTPIngressPath { return &o.Spec.Rules[0].HTTP.Paths[0] }
	for name, tt := range map[string]struct {
		change func(o *netv1.Ingress)
		why    string
		debt   bool
	}{
		"another path": {func(o *netv1.Ingress) { path(o).Path = "/api" }, nothingWrong, false},
		"a path more": {func(o *netv1.Ingress) {
			p := *path(o)
			p.Path = "/v2"
			o.Spec.Rules[0].HTTP.Paths = append(o.Spec.Rules[0].HTTP.Paths, p)
		}, nothingWrong, false},
		"another Service":                   {func(o *netv1.Ingress) { path(o).Backend.Service.Name = "other" }, nothingWrong, false},
		"another port":                      {func(o *netv1.Ingress) { path(o).Backend.Service.Port.Number = 8080 }, nothingWrong, false},
		"the rewrite target":                {func(o *netv1.Ingress) { annotate(o, "rewrite-target", "/x") }, nothingWrong, false},
		"a value that others have":          {func(o *netv1.Ingress) { annotate(o, "proxy-read-timeout", "30") }, nothingWrong, true},
		"an address list that others have":  {func(o *netv1.Ingress) { annotate(o, "whitelist-source-range", "10.0.0.0/8") }, nothingWrong, true},
		"a limit that others have":          {func(o *netv1.Ingress) { annotate(o, "limit-rps", "5") }, nothingWrong, true},
		"another host":                      {func(o *netv1.Ingress) { o.Spec.Rules[0].Host = "new.test" }, nothingWrong, true},
		"settings that nobody has together": {func(o *netv1.Ingress) { annotate(o, "proxy-read-timeout", "30"); annotate(o, "proxy-body-size", "7m") }, nothingWrong, true},
		"a host more": {func(o *netv1.Ingress) {
			r := *o.Spec.Rules[0].DeepCopy()
			r.Host = "more.test"
			o.Spec.Rules = append(o.Spec.Rules, r)
		}, nothingWrong, false},
		"a value that nobody has":           {func(o *netv1.Ingress) { annotate(o, "proxy-read-timeout", "31") }, nothingWrong, true},
		"an access list that nobody has":    {func(o *netv1.Ingress) { annotate(o, "whitelist-source-range", "10.1.0.0/16") }, nothingWrong, true},
		"a limit that nobody has":           {func(o *netv1.Ingress) { annotate(o, "limit-rps", "7") }, nothingWrong, true},
		"a limit of a kind that nobody has": {func(o *netv1.Ingress) { annotate(o, "limit-rpm", "7", "limit-whitelist", "10.0.0.0/8") }, nothingWrong, true},
		"an auth service that nobody asks":  {func(o *netv1.Ingress) { annotate(o, "auth-url", "http://other.plain.svc.cluster.local/x") }, nothingWrong, true},
		"a mirror":                          {func(o *netv1.Ingress) { annotate(o, "mirror-target", "https://m.example.com$request_uri") }, nothingWrong, true},
		"a backend with a name that nobody checks": {func(o *netv1.Ingress) {
			annotate(o, "backend-protocol", "HTTPS", "proxy-ssl-name", "x.y", "proxy-ssl-verify", "on", "proxy-ssl-secret", "plain/ca")
		}, nothingWrong, true},
		"a filter that nobody has":       {func(o *netv1.Ingress) { annotate(o, "proxy-cookie-path", "/a /b") }, NotThere, false},
		"a certificate of its own":       {func(o *netv1.Ingress) { secure(o, "mine") }, nothingWrong, true},
		"a certificate that others have": {func(o *netv1.Ingress) { secure(o, "theirs") }, nothingWrong, true},
		"client certificates":            {func(o *netv1.Ingress) { annotate(o, "auth-tls-secret", "plain/ca") }, NotThere, false},
		"sessions":                       {func(o *netv1.Ingress) { annotate(o, "session-cookie-name", "c"); annotate(o, "affinity", "cookie") }, nothingWrong, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fleet{t: t, shared: snapshot.New(), members: map[snapshot.Key]*inputs.Ingress{}}
			f.options = translate.Options{ObjectsOnly: true, Target: emit.Options{GuardToken: "t", DefaultCertificate: "edge", HostList: true}}
			f.shared.HasClasses = true
			f.shared.Classes["nginx"] = &snapshot.Class{Name: "nginx", Controller: "k8s.io/ingress-nginx"}
			for i := range 10 {
				o := ingress(fmt.Sprintf("a%d", i), fmt.Sprintf("a%d.test", i))
				switch i {
				case 6:
					annotate(o, "proxy-body-size", "7m")
				case 2:
					annotate(o, "whitelist-source-range", "10.0.0.0/8")
				case 3:
					annotate(o, "proxy-read-timeout", "30")
				case 4:
					annotate(o, "limit-rps", "5")
				case 5:
					annotate(o, "limit-rps", "9")
					annotate(o, "auth-type", "basic")
					annotate(o, "auth-secret", "users")
				case 7:
					annotate(o, "auth-url", "http://auth.plain.svc.cluster.local/x", "backend-protocol", "HTTPS")
				case 8:
					secure(o, "theirs")
				}
				f.put(o)
			}
			f.whole()
			key := snapshot.Key{Namespace: "plain", Name: "a1"}
			why := f.change(func(f *fleet) []snapshot.Key {
				o := f.members[key].DeepCopy()
				tt.change(o)
				f.put(o)
				return []snapshot.Key{key}
			})
			if why != tt.why || why == nothingWrong && f.edge.Debt != tt.debt {
				t.Errorf("%q, debt %v", why, f.edge.Debt)
			}
			if why != nothingWrong {
				return
			}
			require.Empty(t, f.differences(f.translate(f.shared, f.members, f.keys())))
		})
	}
}

// TestACertificateGoes has hosts leave a certificate: its server would go on to answer for them.
func TestACertificateGoes(t *testing.T) {
	f := &fleet{t: t, shared: snapshot.New(), members: map[snapshot.Key]*inputs.Ingress{}}
	f.options = translate.Options{ObjectsOnly: true, Target: emit.Options{GuardToken: "t", DefaultCertificate: "edge", HostList: true}}
	f.shared.HasClasses = true
	f.shared.Classes["nginx"] = &snapshot.Class{Name: "nginx", Controller: "k8s.io/ingress-nginx"}
	for i := range 9 {
		o := ingress(fmt.Sprintf("a%d", i), fmt.Sprintf("a%d.test", i))
		if i < 3 {
			o.Spec.TLS = []netv1.IngressTLS{{Hosts: []string{o.Spec.Rules[0].Host}, SecretName: "theirs"}}
		}
		f.put(o)
	}
	f.whole()
	for i, want := range []string{Moved, Moved, nothingWrong} { // of several, of two, of one that has it
		key := snapshot.Key{Namespace: "plain", Name: fmt.Sprintf("a%d", i)}
		why := f.change(func(f *fleet) []snapshot.Key {
			o := f.members[key].DeepCopy()
			o.Spec.TLS = nil
			f.put(o)
			return []snapshot.Key{key}
		})
		require.Equal(t, want, why)
		if why != nothingWrong {
			f.whole()
		}
		require.Empty(t, f.differences(f.translate(f.shared, f.members, f.keys())))
	}
}
