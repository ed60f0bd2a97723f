//go:build envtest

package operator

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// converted applies what `convert` writes for some Ingresses, without a token for guards: nothing but its filters protects its routes.
func (s *site) converted(edge string, ingresses ...string) {
	s.t.Helper()
	in := snapshot.New()
	class := "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: NAME}\nspec: {controller: example.com/NAME}"
	load.Bytes("in.yaml", []byte(strings.ReplaceAll(class+"\n---\n"+strings.Join(ingresses, "\n---\n"), "NAME", s.name)), in)
	o := translate.Options{Source: translate.SourceOptions{IngressClass: s.name, ControllerClass: "example.com/" + s.name}}
	o.Target = emit.Options{}.Defaults()
	o.Target.Gateway.Namespace = s.ns(edge)
	r := translate.Translate(in, o)
	routes := 0
	for _, o := range r.Objects {
		if o.Kind == "VirtualService" {
			routes++
		}
		require.NoError(s.t, s.admin.Apply(s.t.Context(), client.ApplyConfigurationFromUnstructured(manifest.Unstructured(o)), client.FieldOwner("kubectl")), o.ID())
	}
	require.GreaterOrEqual(s.t, routes, len(ingresses), "it has routes for all")
}

// waitsForRoutes waits until an Ingress says that what convert wrote is still relied on, by whom, and for what.
func (s *site) waitsForRoutes(namespace, name, by, of string) {
	s.t.Helper()
	s.eventually(func() error {
		if err := s.is(namespace, name, v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonForeignObject); err != nil {
			return err
		}
		it, err := s.translation(namespace, name)
		if err != nil {
			return err
		}
		c := meta.FindStatusCondition(it.Status.Conditions, v1alpha1.ConditionReady)
		if want := fmt.Sprintf("VirtualService %s, which serves Ingress %s,", by, of); !strings.Contains(c.Message, want) {
			return fmt.Errorf("the condition does not say %q: %s", want, c.Message)
		}
		return nil
	})
}

// What convert wrote for two Ingresses is taken over when both are live, not before: the routes of the other one would lose their
// protections. Meanwhile and afterwards no route is ever without them, although what convert wrote is of another day.
func TestWhatConvertWroteIsTakenOverWhenAllOfItIsLive(t *testing.T) {
	s := shared(t).site(t, "overtaken", func(m *v1alpha1.Migration) { m.Spec.Adopt = "generated" })
	old := `nginx.ingress.kubernetes.io/proxy-body-size: "3m"`
	s.converted("edge", s.ingressText("shop", "a", "a.test", allowList, old), s.ingressText("blog", "b", "b.test", allowList, old))
	s.create("apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME-other}")
	s.create("apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME-third}")
	s.converted("other", s.ingressText("third", "c", "c.test", allowList)) // of another gateway: nobody here takes anything from it
	another := s.parse("{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {namespace: NAME-third, name: i2g-c.test}}")[0]
	t.Cleanup(func() { // where teams have gateways of their own, such a route holds back everybody
		require.NoError(t, s.admin.Delete(context.WithoutCancel(t.Context()), another))
	})
	h := s.record()
	before := s.bytes()
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhasePreview), allowList)
	shared(t).operator(t, nil)
	s.waitsForRoutes("shop", "a", s.ns("blog")+"/i2g-b.test", s.ns("blog")+"/b")
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.rest()
	s.equals(before)
	s.phase("blog", "b", v1alpha1.PhaseLive)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.rest()
	for name, o := range s.objects() {
		if o.GetLabels()[v1alpha1.LabelMigration] != s.name {
			t.Errorf("%s is not taken over", name)
		}
	}
	require.NoError(t, s.admin.Get(t.Context(), client.ObjectKeyFromObject(another), another))
	if labels := another.GetLabels(); labels[v1alpha1.LabelMigration] != "" {
		t.Errorf("what is another gateway's is taken over: %v", labels)
	}
	check(t, h.ends(), nil)
}

// Routes that nobody needs any more are deleted, and hold back nothing then.
func TestDeletedRoutesOfConvertHoldNothingBack(t *testing.T) {
	s := shared(t).site(t, "needless", func(m *v1alpha1.Migration) { m.Spec.Adopt = "generated" })
	s.converted("edge", s.ingressText("shop", "a", "a.test", allowList), s.ingressText("blog", "b", "b.test", allowList))
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList)
	shared(t).operator(t, nil)
	s.waitsForRoutes("shop", "a", s.ns("blog")+"/i2g-b.test", s.ns("blog")+"/b")
	require.NoError(t, s.admin.Delete(t.Context(), s.get("VirtualService "+s.ns("blog")+"/i2g-b.test")))
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}

// On a host of several teams the routes of each are found by the root that leads to them.
func TestRoutesOfConvertBehindARootCount(t *testing.T) {
	s := shared(t).site(t, "rooted", func(m *v1alpha1.Migration) { m.Spec.Adopt = "generated" })
	b := strings.ReplaceAll(s.ingressText("blog", "b", "a.test", allowList), "path: /,", "path: /b,")
	s.converted("edge", s.ingressText("shop", "a", "a.test", allowList), b)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList)
	shared(t).operator(t, nil)
	before := s.bytes()
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonForeignObject)
	})
	s.rest()
	if diff := cmp.Diff(before, s.bytes()); diff != "" {
		t.Errorf("(-before +then):\n%s", diff)
	}
}
