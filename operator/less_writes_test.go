//go:build envtest

package operator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// outputKind is a kind of which objects are applied.
type outputKind struct {
	resource, kind string
	where          string // they may be, with the variant
	policy         string // for certificates, that makes them
	served         bool   // a host may be served without: it loses no protection, and no route leads to nothing
}

// allWritten are those of the variant that has most.
var allWritten = [...]outputKind{
	{"envoyfilters", "EnvoyFilter", "in some namespaces", "copy", false},
	{"gateways", "Gateway", "in some namespaces", "copy", true},
	{"telemetries", "Telemetry", "in some namespaces", "copy", true},
	{"secrets", "Secret", "in some namespaces", "copy", true},
	{"virtualservices", "VirtualService", "everywhere", "copy", false},
	{"destinationrules", "DestinationRule", "everywhere", "copy", false},
	{"serviceentries", "ServiceEntry", "everywhere", "copy", false},
	{"certificates", "Certificate", "in some namespaces", "cert-manager", true},
	{"referencegrants", "ReferenceGrant", "everywhere", "reference-grant", true},
}

// Without any single right to write, the Ingress that needs it says so and is not served, others are not touched, and all is well when the
// right is given.
func TestWithoutEachRightToWrite(t *testing.T) {
	l := shared(t).lesser(t, lessToWrite, "lesser-")
	defer l.all()
	l.migration(func(m *v1alpha1.MigrationSpec) { m.Adopt = "generated" })
	l.rich()
	l.ingress("blog", "plain", "plain."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
	l.starts(nil)
	l.done("blog", "plain", v1alpha1.PhaseLive)
	stays := l.made()
	h := l.record()
	made := map[string]map[string]*unstructured.Unstructured{} // by kind
	for _, w := range allWritten {
		l.part(w.resource, func(l *lesser) {
			l.issued(w.policy)
			made[w.kind] = l.changes(w)
		})
	}
	check(t, h.ends(), stays)
	l.phase("blog", "plain", v1alpha1.PhasePreview)
	l.done("blog", "plain", v1alpha1.PhasePreview)
	for _, w := range allWritten {
		l.part("adopted "+w.resource, func(l *lesser) {
			l.issued(w.policy)
			l.takesOver(w, made[w.kind])
		})
	}
}

// The same of Gateways that are in the teams' namespaces.
func TestWithoutEachRightToWriteGatewaysOfTeams(t *testing.T) {
	l := shared(t).lesser(t, lessOfTeams, "lesser-")
	defer l.all()
	l.migration(func(m *v1alpha1.MigrationSpec) { m.Adopt = "generated" })
	l.rich()
	l.ingress("blog", "plain", "plain."+l.name+".test", phaseNote(v1alpha1.PhaseLive))
	l.starts(nil)
	l.done("blog", "plain", v1alpha1.PhaseLive)
	w := outputKind{"gateways", "Gateway", "everywhere", "", true}
	made := l.changes(w)
	l.phase("blog", "plain", v1alpha1.PhasePreview)
	l.done("blog", "plain", v1alpha1.PhasePreview)
	l.takesOver(w, made)
}

// part is a part of the test.
func (l *lesser) part(name string, do func(*lesser)) {
	l.t.Run(name, func(t *testing.T) {
		c, of := *l, *l.site
		c.site, of.t = &of, t
		do(&c)
	})
}

// issued changes the policy for certificates, while no certificate is used.
func (l *lesser) issued(policy string) {
	l.t.Helper()
	l.migration(func(m *v1alpha1.MigrationSpec) { m.TLS.Policy = policy })
}

// rich makes an Ingress that leads to an object of each kind, and is a preview at first.
func (l *lesser) rich() {
	l.t.Helper()
	host := "rich." + l.name + ".test"
	l.certificate("shop", "web-tls", host)
	l.create(`{apiVersion: v1, kind: Service, metadata: {name: outside, namespace: NAME-shop}, spec: {type: ExternalName, externalName: outside.test}}`)
	l.create(fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: rich
  namespace: NAME-shop
  annotations:
    ingress2gw.io/phase: preview
    cert-manager.io/cluster-issuer: letsencrypt
    nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8
    nginx.ingress.kubernetes.io/upstream-hash-by: $request_uri
    nginx.ingress.kubernetes.io/enable-access-log: "false"
    nginx.ingress.kubernetes.io/mirror-target: https://mirror.test$request_uri
spec:
  ingressClassName: NAME
  tls: [{hosts: [%[1]s], secretName: web-tls}]
  rules:
  - host: %[1]s
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /out, pathType: Prefix, backend: {service: {name: outside, port: {number: 80}}}}`, host))
}

// changes makes and removes objects of a kind, each time without a right that it takes. It gives those that were made.
func (l *lesser) changes(w outputKind) map[string]*unstructured.Unstructured {
	l.t.Helper()
	before := l.bytes()
	lacks := func(verb string, p v1alpha1.Phase) {
		l.t.Helper()
		r := l.right(w.where, verb, w.resource)
		give := l.without(r)
		l.phase("shop", "rich", p)
		l.said(r)
		l.goesOn()
		if p == v1alpha1.PhaseLive && !w.served {
			l.unserved()
		}
		for name, text := range l.bytes() {
			if was, ok := before[name]; ok && strings.HasPrefix(name, "VirtualService ") && was != text {
				l.t.Errorf("without %s, %s (-before +after):\n%s", r, name, cmp.Diff(was, text))
			}
		}
		give()
		l.poked()
		l.done("shop", "rich", p)
	}
	asBefore := func() {
		l.t.Helper()
		l.eventually(func() error { return differ(before, l.bytes()) })
	}
	lacks("create", v1alpha1.PhaseLive)
	made := l.made()
	maps.DeleteFunc(made, func(name string, _ *unstructured.Unstructured) bool { return !strings.HasPrefix(name, w.kind+" ") })
	require.NotEmpty(l.t, made, "no %s is made", w.kind)
	lacks("delete", v1alpha1.PhasePreview)
	asBefore()
	lacks("patch", v1alpha1.PhaseLive)
	l.phase("shop", "rich", v1alpha1.PhasePreview)
	l.done("shop", "rich", v1alpha1.PhasePreview)
	asBefore()
	return made
}

// unserved shows that no route is there.
func (l *lesser) unserved() {
	l.t.Helper()
	for name, o := range l.made() {
		if o.GetKind() == "VirtualService" && slices.Contains(hosts(o), "rich."+l.name+".test") {
			l.t.Errorf("there is %s", name)
		}
	}
}

// takesOver lets convert have made objects of a kind, which are taken over and left in the end, without the right that this takes. Until
// it is given they are as they were.
func (l *lesser) takesOver(w outputKind, made map[string]*unstructured.Unstructured) {
	l.t.Helper()
	l.asConvert(made)
	theirs := l.converted(w.kind)
	require.NotEmpty(l.t, theirs)
	all := map[string]string{"rich": "shop", "plain": "blog"}
	lacks := func(verb string, p v1alpha1.Phase, same bool) {
		l.t.Helper()
		r := l.right(w.where, verb, w.resource)
		give := l.without(r)
		before := l.converted(w.kind)
		for name, team := range all {
			l.phase(team, name, p)
		}
		l.said(r)
		l.goesOn()
		if diff := cmp.Diff(before, l.converted(w.kind)); same && diff != "" {
			l.t.Errorf("without %s (-before +after):\n%s", r, diff)
		}
		give()
		l.poked()
		for name, team := range all {
			l.done(team, name, p)
		}
	}
	lacks("get", v1alpha1.PhaseLive, true)
	lacks("update", v1alpha1.PhasePreview, w.kind != "Gateway" && w.kind != "EnvoyFilter" && w.kind != "DestinationRule") // which may shrink
	l.eventually(func() error {
		if got := keys(l.made()); len(got) > 0 {
			return fmt.Errorf("there are %v", got)
		}
		return nil
	})
	if diff := cmp.Diff(keys(theirs), keys(l.converted(w.kind))); diff != "" {
		l.t.Errorf("left (-want +got):\n%s", diff)
	}
	for _, o := range made {
		require.NoError(l.t, client.IgnoreNotFound(l.admin.Delete(l.t.Context(), o)))
	}
}

// converted are the objects of a kind that are as convert makes them, or were taken over.
func (l *lesser) converted(kind string) map[string]string {
	l.t.Helper()
	out := map[string]string{}
	for _, gvk := range append(outputs(), kindsOfPolicies["cert-manager"], kindsOfPolicies["reference-grant"]) {
		if gvk.Kind != kind {
			continue
		}
		list := listOf(gvk)
		require.NoError(l.t, l.admin.List(l.t.Context(), list, client.MatchingLabels{"app.kubernetes.io/managed-by": "ingress2gw"}))
		for i := range list.Items {
			if o := &list.Items[i]; l.has(o) && (kind != "Gateway" || !strings.HasSuffix(o.GetName(), "-tls")) {
				out[o.GetNamespace()+"/"+o.GetName()] = fmt.Sprint(o.Object["spec"], o.Object["data"], o.GetLabels(), o.GetAnnotations())
			}
		}
	}
	return out
}
