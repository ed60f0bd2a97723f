//go:build envtest

package operator

import (
	"fmt"
	"maps"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// kindsOfPolicies are those of which there are objects with one policy for certificates.
var kindsOfPolicies = map[string]schema.GroupVersionKind{
	"copy":            {Version: "v1", Kind: "Secret"},
	"cert-manager":    {Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
	"reference-grant": {Group: "gateway.networking.k8s.io", Version: "v1beta1", Kind: "ReferenceGrant"},
}

// made are the objects that are a Migration's.
func (s *site) made() map[string]*unstructured.Unstructured {
	s.t.Helper()
	out := map[string]*unstructured.Unstructured{}
	for _, gvk := range append(outputs(), kindsOfPolicies["cert-manager"], kindsOfPolicies["reference-grant"]) {
		list := listOf(gvk)
		err := s.admin.List(s.t.Context(), list, client.HasLabels{v1alpha1.LabelMigration})
		if meta.IsNoMatchError(err) {
			continue
		}
		require.NoError(s.t, err)
		for i := range list.Items {
			if o := &list.Items[i]; s.has(o) {
				out[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = o
			}
		}
	}
	return out
}

// teams are Ingresses with what they are in; certified ones have a certificate.
var (
	teams     = map[string]string{"web": "shop", "later": "blog"}
	certified = map[string]string{"web-tls": "shop", "pay-tls": "blog"}
)

// goesEverywhere takes hosts through all that a Migration can do with them, with some policies for certificates.
func (s *site) goesEverywhere(guarded, shadow bool, policies []string) {
	s.t.Helper()
	first := v1alpha1.PhaseLive
	if shadow {
		first = v1alpha1.PhaseShadow
	}
	s.ingress("shop", "web", "web."+s.name+".test", phaseNote(first), allowList, mirrored, `nginx.ingress.kubernetes.io/enable-access-log: "false"`)
	s.becomes("shop", "web", first, v1alpha1.ReasonDone)
	s.ingress("blog", "later", "later."+s.name+".test", phaseNote(first), allowList)
	s.becomes("blog", "later", first, v1alpha1.ReasonDone)
	all := s.made()
	for _, p := range [...]v1alpha1.Phase{v1alpha1.PhaseLive, v1alpha1.PhaseReleased, v1alpha1.PhaseLive} {
		s.moves(p)
	}
	if guarded {
		s.listed()
	}
	if len(policies) > 0 {
		s.certify()
	}
	maps.Copy(all, s.made())
	for _, policy := range policies {
		s.issues(policy)
		maps.Copy(all, s.made())
	}
	s.comesBack(len(policies) > 0)
	s.asConvert(all)
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Adopt = "generated" })
	s.moves(first)
	s.moves(v1alpha1.PhaseLive)
	if len(policies) > 0 {
		for ingress, team := range certified {
			s.phase(team, ingress, v1alpha1.PhaseLive)
		}
	}
	for _, policy := range policies {
		s.issues(policy)
	}
	s.comesBack(len(policies) > 0)
	s.leaves()
}

// moves brings both teams to a phase.
func (s *site) moves(p v1alpha1.Phase) {
	s.t.Helper()
	for ingress, team := range teams {
		s.phase(team, ingress, p)
		s.becomes(team, ingress, p, v1alpha1.ReasonDone)
	}
}

// listed looks at the lists of hosts of both gateways.
func (s *site) listed() {
	s.t.Helper()
	want := map[string]string{}
	for ingress, team := range teams {
		want[ingress+"."+s.name+".test"] = s.ns(team)
	}
	for _, gateway := range [...]string{"edge", "shadow"} {
		list := &corev1.ConfigMap{}
		require.NoError(s.t, s.admin.Get(s.t.Context(), client.ObjectKey{Namespace: s.ns(gateway), Name: ownership.HostsName}, list))
		if diff := cmp.Diff(want, list.Data); diff != "" {
			s.t.Errorf("hosts of %s (-want +got):\n%s", gateway, diff)
		}
	}
}

// comesBack brings all Ingresses back to previews.
func (s *site) comesBack(withCertificates bool) {
	s.t.Helper()
	all := maps.Clone(teams)
	if withCertificates {
		maps.Copy(all, certified)
	}
	for ingress, team := range all {
		s.phase(team, ingress, v1alpha1.PhasePreview)
	}
	s.eventually(func() error {
		if got := keys(s.made()); len(got) > 0 {
			return fmt.Errorf("there are %v", got)
		}
		return nil
	})
}

// asConvert makes objects as `ingress2gw convert` would have made them. But a Gateway with a certificate would be one that has the host
// already.
func (s *site) asConvert(objects map[string]*unstructured.Unstructured) {
	s.t.Helper()
	for _, o := range objects {
		if o.GetKind() == "Gateway" && strings.HasSuffix(o.GetName(), "-tls") {
			continue
		}
		metadata := map[string]any{"namespace": o.GetNamespace(), "name": o.GetName(), "labels": map[string]any{"app.kubernetes.io/managed-by": "ingress2gw"}}
		o.Object["metadata"] = metadata
		require.NoError(s.t, client.IgnoreAlreadyExists(s.admin.Create(s.t.Context(), o)))
	}
}

// leaves deletes the Migration with all that it made.
func (s *site) leaves() {
	s.t.Helper()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.OnDelete = "prune" })
	m := &v1alpha1.Migration{}
	s.eventually(func() error {
		if err := s.admin.Get(s.t.Context(), client.ObjectKey{Name: s.name}, m); err != nil || len(m.Finalizers) > 0 {
			return err
		}
		return fmt.Errorf("it has no finalizer")
	})
	require.NoError(s.t, s.admin.Delete(s.t.Context(), m))
	s.gone(m)
}

// certify makes Ingresses with certificates, and one with users.
func (s *site) certify() {
	s.t.Helper()
	for name, ns := range certified {
		host := name + "." + s.name + ".test"
		s.certificate(ns, name, host)
		s.tlsIngress(ns, name, host, name)
		s.say(ns, name, "cert-manager.io/cluster-issuer", "letsencrypt")
	}
	require.NoError(s.t, s.admin.Create(s.t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: "users"}, Data: map[string][]byte{"auth": []byte("a:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=")},
	}))
	s.ingress("shop", "auth", "auth."+s.name+".test", "nginx.ingress.kubernetes.io/auth-type: basic", "nginx.ingress.kubernetes.io/auth-secret: users")
}

// issues changes the policy for certificates, and waits until its objects are there.
func (s *site) issues(policy string) {
	s.t.Helper()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = policy })
	s.eventually(func() error {
		n := 0
		for _, o := range s.made() {
			if o.GetKind() == kindsOfPolicies[policy].Kind {
				n++
			}
		}
		if n < 2 { // one for each team
			return fmt.Errorf("%d objects of policy %s", n, policy)
		}
		return nil
	})
}
