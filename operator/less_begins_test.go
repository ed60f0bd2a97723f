//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// Without any single right that it needs before it can begin, the operator says which, and begins when it is given.
func TestWithoutEachRightToBegin(t *testing.T) {
	l := shared(t).lesser(t, lessToBegin, "begins-")
	defer l.all()
	settings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: l.ns("shop"), Name: "settings"}}
	l.eventually(func() error {
		return l.admin.Patch(t.Context(), settings, client.RawPatch("application/merge-patch+json", []byte(`{"data": {"whitelist-source-range": "10.0.0.0/8"}}`)))
	})
	l.ingress("blog", "plain", "plain."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
	l.ingress("shop", "moves", "moves."+l.name+".test")
	l.starts(nil)
	l.done("blog", "plain", v1alpha1.PhaseLive)
	l.done("shop", "moves", v1alpha1.PhasePreview)
	require.True(t, strings.Contains(fmt.Sprint(l.bytes()), "10.0.0.0"), "what protects all hosts is not applied")
	begins := func(where, verb, resource string, before, says func(*lesser)) {
		l.part(verb+" "+resource, func(l *lesser) {
			l.stop()
			old := l.bytes()
			before(l)
			give := l.without(l.right(where, verb, resource))
			p := v1alpha1.PhaseLive // or back
			if it, err := l.translation("shop", "moves"); err == nil && it.Status.Phase == p {
				p = v1alpha1.PhasePreview
			}
			l.phase("shop", "moves", p)
			l.health = freeAddress(l.t)
			l.starts(func(o *Options) { o.HealthAddress = l.health })
			says(l)
			if diff := cmp.Diff(old, l.bytes()); diff != "" {
				l.t.Errorf("(-before +after):\n%s", diff)
			}
			give()
			l.poked()
			l.done("shop", "moves", p)
			l.answers(l.health, "/readyz", http.StatusOK)
		})
	}
	const own, everywhere = "in its own namespace", "everywhere"
	nothing := func(*lesser) {}
	begins(everywhere, "get", "configmaps", nothing, func(l *lesser) { l.said(l.right(everywhere, "get", "configmaps")) })
	begins(own, "get", "secrets", nothing, func(l *lesser) { l.said(l.right(own, "get", "secrets")) })
	begins(own, "create", "secrets", func(l *lesser) {
		require.NoError(l.t, l.admin.Delete(l.t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: l.own, Name: "ingress2gw-guard-" + l.name}}))
	}, func(l *lesser) { l.said(l.right(own, "create", "secrets")) })
	for _, verb := range [...]string{"get", "create", "update"} {
		before := nothing
		if verb == "create" {
			before = func(l *lesser) { l.unled(l.own) }
		}
		begins(own, verb, "leases", before, func(l *lesser) {
			l.unready(l.health, "lease", fmt.Sprintf("cannot %s resource \"leases\"", verb))
		})
	}
	for _, resource := range [...]string{"tokenreviews", "subjectaccessreviews"} {
		l.part(resource, func(l *lesser) {
			address := freeAddress(l.t)
			l.starts(func(o *Options) { o.MetricsAddress = address })
			give := l.without(l.right(everywhere, "create", resource))
			l.measured(address, l.config.BearerToken, http.StatusInternalServerError)
			l.goesOn()
			give()
			l.measured(address, l.config.BearerToken, http.StatusForbidden) // it knows who asks, and that he may not
		})
	}
}

// Without any single right to read a Secret that an Ingress names, that Ingress says so, and goes on when the right is given.
func TestWithoutEachRightToReadASecret(t *testing.T) {
	l := shared(t).lesser(t, lessOfSecrets, "keyless-")
	defer l.all()
	l.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = "copy" })
	l.ingress("blog", "plain", "plain."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
	l.starts(func(o *Options) { o.Again = 100 * time.Millisecond })
	l.done("blog", "plain", v1alpha1.PhaseLive)
	for secret, team := range certified {
		l.part(secret, func(l *lesser) {
			give := l.without(l.secret(secret))
			l.certificate(team, secret, secret+"."+l.name+".test")
			l.tlsIngress(team, secret, secret+"."+l.name+".test", secret)
			l.becomes(team, secret, v1alpha1.PhaseLive, v1alpha1.ReasonCertificate)
			l.tells(team, secret, `cannot get resource "secrets"`)
			l.goesOn()
			give()
			l.done(team, secret, v1alpha1.PhaseLive)
			l.eventually(func() error {
				_, err := l.copied(l.ns(team) + "." + secret)
				return err
			})
		})
	}
	l.part("users", func(l *lesser) {
		give := l.without(l.secret("users"))
		require.NoError(l.t, l.admin.Create(l.t.Context(), &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: l.ns("shop"), Name: "users"}, Data: map[string][]byte{"auth": []byte("a:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=")},
		}))
		l.ingress("shop", "users", "users."+l.name+".test", phaseNote(v1alpha1.PhaseLive), "nginx.ingress.kubernetes.io/auth-type: basic", "nginx.ingress.kubernetes.io/auth-secret: users")
		l.becomes("shop", "users", v1alpha1.PhasePreview, v1alpha1.ReasonBlocked)
		l.tells("shop", "users", `cannot get resource "secrets"`)
		l.goesOn()
		give()
		l.done("shop", "users", v1alpha1.PhaseLive)
	})
}

// secret is the right to read a Secret by its name.
func (l *lesser) secret(name string) right {
	l.t.Helper()
	for _, r := range l.rights {
		if r.resource == "secrets" && r.name == name {
			return r
		}
	}
	l.t.Fatalf("nobody may read Secret %s", name)
	return right{}
}
