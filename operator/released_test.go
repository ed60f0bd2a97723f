//go:build envtest

package operator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// settles waits until the site's objects are these.
func (s *site) settles(want map[string]string) {
	s.t.Helper()
	s.eventually(func() error {
		if diff := cmp.Diff(want, s.bytes()); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
}

// From released straight back to each earlier phase there is exactly what was there in it, also when nobody looks in between.
func TestFromReleasedStraightBack(t *testing.T) {
	s := shared(t).site(t, "straight", nil)
	s.ingress("shop", "a", "a.test", allowList, mirrored)
	s.ingress("blog", "b", "a.test")
	s.ingress("blog", "other", "other.test", phaseNote(v1alpha1.PhaseLive))
	stop := shared(t).operator(t, nil)
	both := func(p v1alpha1.Phase) {
		s.phase("shop", "a", p)
		s.phase("blog", "b", p)
	}
	states := map[v1alpha1.Phase]map[string]string{}
	for _, p := range []v1alpha1.Phase{v1alpha1.PhaseExcluded, v1alpha1.PhasePreview, v1alpha1.PhaseShadow, v1alpha1.PhaseLive} {
		both(p)
		reason := v1alpha1.ReasonDone
		if p == v1alpha1.PhaseExcluded {
			reason = v1alpha1.ReasonExcluded
		}
		s.becomes("shop", "a", p, reason)
		s.becomes("blog", "b", p, reason)
		s.becomes("blog", "other", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
		states[p] = s.bytes()
	}
	for i, p := range []v1alpha1.Phase{v1alpha1.PhaseShadow, v1alpha1.PhasePreview, v1alpha1.PhaseExcluded, v1alpha1.PhasePreview} {
		both(v1alpha1.PhaseLive)
		s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
		both(v1alpha1.PhaseReleased)
		s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
		s.becomes("blog", "b", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
		if restart := i == 3; restart {
			stop()
			both(p)
			stop = shared(t).operator(t, nil)
		} else {
			both(p)
		}
		s.settles(states[p])
		s.eventually(func() error { return s.is("shop", "a", p, v1alpha1.ConditionDrifted, v1alpha1.ReasonNoDrift) })
		s.eventually(func() error { return s.is("blog", "b", p, v1alpha1.ConditionDrifted, v1alpha1.ReasonNoDrift) })
	}
}

// Nobody owns a field of what was handed over: whoever applies it from a file gets it without force.
func TestWhatWasHandedOverIsNobodys(t *testing.T) {
	s := shared(t).site(t, "nobodys", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseReleased), allowList)
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	theirs := s.parse(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: i2g-a.test, namespace: NAME-shop}
spec: {hosts: [a.test, www.a.test], gateways: [NAME-edge/i2g-http], http: [{name: mine, redirect: {uri: /}}]}`)[0]
	require.NoError(t, s.admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(theirs), client.FieldOwner("gitops")))
	if diff := cmp.Diff([]string{"gitops", v1alpha1.ManagerStatus}, managers(s.get("VirtualService "+s.ns("shop")+"/i2g-a.test"))); diff != "" {
		t.Errorf("managers (-want +got):\n%s", diff)
	}
}

// One who goes back takes the host back with everybody on it, as from live.
func TestOneGoesBackFromReleasedForAll(t *testing.T) {
	s := shared(t).site(t, "together", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseReleased))
	s.ingress("blog", "b", "a.test", phaseNote(v1alpha1.PhaseReleased))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	s.phase("shop", "a", v1alpha1.PhasePreview)
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonWaiting)
	s.empty()
}

// What the team changed since, or keeps itself, is the team's: then the host stays as it is, and it is said what to do.
func TestWhatTheTeamChangedIsTheTeams(t *testing.T) {
	for name, change := range map[string]func(s *site, name string){
		"edited": func(s *site, name string) {
			s.edit(name, `{"spec": {"http": [{"name": "mine", "redirect": {"uri": "/"}}]}}`)
		},
		"kept": func(s *site, name string) {
			u := s.get(name)
			kept := &unstructured.Unstructured{Object: map[string]any{"apiVersion": u.GetAPIVersion(), "kind": u.GetKind(), "spec": u.Object["spec"]}}
			kept.SetNamespace(u.GetNamespace())
			kept.SetName(u.GetName())
			require.NoError(s.t, s.admin.Apply(s.t.Context(), client.ApplyConfigurationFromUnstructured(kept), client.FieldOwner("gitops")))
		},
		"anew": func(s *site, name string) {
			u := s.get(name)
			require.NoError(s.t, s.admin.Delete(s.t.Context(), u))
			u.SetResourceVersion("")
			u.SetAnnotations(nil)
			u.SetManagedFields(nil)
			require.NoError(s.t, s.admin.Create(s.t.Context(), u, client.FieldOwner("kubectl-create")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, "team-"+name, nil)
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseReleased), allowList)
			s.ingress("shop", "b", "a.test", phaseNote(v1alpha1.PhaseReleased))
			stop := shared(t).operator(t, nil)
			s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
			s.becomes("shop", "b", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
			service := "VirtualService " + s.ns("shop") + "/i2g-a.test"
			change(s, service)
			want := s.bytes()
			s.phase("shop", "a", v1alpha1.PhasePreview)
			s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonChangedByTeam)
			it, err := s.translation("shop", "a")
			require.NoError(t, err)
			c := meta.FindStatusCondition(it.Status.Conditions, v1alpha1.ConditionReady)
			who := map[string]string{"edited": "kubectl-edit", "kept": "gitops", "anew": "kubectl-create"}[name]
			for _, part := range []string{service, who, "Delete the object", "live"} {
				if !strings.Contains(c.Message, part) {
					t.Errorf("the condition does not say %q: %s", part, c.Message)
				}
			}
			if diff := cmp.Diff(want, s.bytes()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			stop()
			shared(t).operator(t, nil) // it is still so for another one
			s.say("shop", "a", "example.com/look", "again")
			s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonChangedByTeam)
			if diff := cmp.Diff(want, s.bytes()); diff != "" {
				t.Errorf("another operator (-want +got):\n%s", diff)
			}
			if name == "edited" { // one way out
				s.phase("shop", "a", v1alpha1.PhaseLive)
				s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
				s.phase("shop", "a", v1alpha1.PhasePreview)
			} else { // the other
				require.NoError(t, s.admin.Delete(t.Context(), s.get(service)))
			}
			s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
			s.empty()
		})
	}
}

// What several hosts got together is taken back when the last of them goes.
func TestWhatSeveralHostsGotStaysForTheLast(t *testing.T) {
	s := shared(t).site(t, "several", nil)
	subset := `nginx.ingress.kubernetes.io/proxy-connect-timeout: "7"` // of a DestinationRule of the Service, which both share
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseReleased), subset)
	s.ingress("shop", "b", "b.test", phaseNote(v1alpha1.PhaseReleased), subset)
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	s.becomes("shop", "b", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	var rules []string
	for name, o := range s.objects() {
		if o.GetKind() == "DestinationRule" {
			rules = append(rules, name)
		}
	}
	require.NotEmpty(t, rules, "the test needs an object that both share")
	s.phase("shop", "b", v1alpha1.PhaseLive) // its route is taken back, and what it shares is not
	s.applied("shop", "b", v1alpha1.ReasonForeignObject, "was handed over for several Ingresses")
	s.phase("shop", "b", v1alpha1.PhasePreview)
	s.becomes("shop", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	left := keys(s.objects())
	for _, name := range append(rules, "VirtualService "+s.ns("shop")+"/i2g-a.test") {
		if !slices.Contains(left, name) {
			t.Errorf("%s of the host that stays is gone: %v", name, left)
		}
	}
	if slices.Contains(left, "VirtualService "+s.ns("shop")+"/i2g-b.test") {
		t.Errorf("the route of the host that went is there: %v", left)
	}
	s.phase("shop", "a", v1alpha1.PhasePreview)
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.empty()
}

// Without the right to look at what was handed over nothing of the host goes, it is said, and all others go on.
func TestWithoutTheRightToLookAtWhatWasHandedOver(t *testing.T) {
	s := shared(t).site(t, "blind", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseReleased))
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	stop()
	want := s.bytes()
	s.phase("shop", "a", v1alpha1.PhasePreview)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	config, give := shared(t).account(t, "apply", func(r *rbacv1.ClusterRole) {
		i := slices.IndexFunc(r.Rules, func(x rbacv1.PolicyRule) bool { return slices.Contains(x.Resources, "virtualservices") })
		if i < 0 {
			return // another role
		}
		blind := r.Rules[i].DeepCopy()
		blind.Resources = []string{"virtualservices"}
		blind.Verbs = slices.DeleteFunc(blind.Verbs, func(v string) bool { return v == "get" })
		r.Rules[i].Resources = slices.DeleteFunc(r.Rules[i].Resources, func(x string) bool { return x == "virtualservices" })
		r.Rules = append(r.Rules, *blind)
	})
	stop = shared(t).operatorAs(t, config, asInChart)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonNotApplied)
	name := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	if diff := cmp.Diff(want[name], s.bytes()[name]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	give()
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	stop()
}
