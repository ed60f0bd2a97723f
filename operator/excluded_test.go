//go:build envtest

package operator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// A host with one Ingress goes between excluded and the gateway in one step.
func TestExcludedInOneStep(t *testing.T) {
	s := shared(t).site(t, "excluded", nil)
	s.ingress("shop", "a", "a.test", allowList)
	shared(t).operator(t, nil)
	states := map[v1alpha1.Phase]map[string]string{}
	for _, p := range []v1alpha1.Phase{
		v1alpha1.PhaseExcluded, v1alpha1.PhaseLive, v1alpha1.PhaseExcluded, v1alpha1.PhaseReleased, v1alpha1.PhaseExcluded, v1alpha1.PhaseLive,
		v1alpha1.PhaseReleased, v1alpha1.PhaseExcluded,
	} {
		s.phase("shop", "a", p)
		reason := v1alpha1.ReasonDone
		if p == v1alpha1.PhaseExcluded {
			reason = v1alpha1.ReasonExcluded
		}
		s.becomes("shop", "a", p, reason)
		if p == v1alpha1.PhaseExcluded {
			s.empty()
			continue
		}
		now := s.bytes()
		if was, known := states[p]; known && cmp.Diff(was, now) != "" {
			t.Errorf("%s for the second time (-first +second):\n%s", p, cmp.Diff(was, now))
		}
		states[p] = now
	}
}

// On a host of several, what an Ingress serves would fall to the others without it. So it is excluded with the last of them.
func TestExcludedFromASharedHost(t *testing.T) {
	for _, p := range []v1alpha1.Phase{v1alpha1.PhaseLive, v1alpha1.PhaseReleased} {
		t.Run(string(p), func(t *testing.T) {
			s := shared(t).site(t, "excluded-"+string(p), nil)
			s.ingress("shop", "a", "a.test", phaseNote(p))
			s.ingress("shop", "b", "a.test", phaseNote(p), allowList)
			s.ingress("blog", "c", "a.test", phaseNote(p), allowList)
			stop := shared(t).operator(t, nil)
			defer stop()
			all := [][2]string{{"shop", "a"}, {"shop", "b"}, {"blog", "c"}}
			for _, x := range all {
				s.becomes(x[0], x[1], p, v1alpha1.ReasonDone)
			}
			want := s.rest()
			for _, x := range all[1:] {
				s.phase(x[0], x[1], v1alpha1.PhaseExcluded)
				s.becomes(x[0], x[1], p, v1alpha1.ReasonWaiting)
			}
			if diff := cmp.Diff(want, s.rest()); diff != "" {
				t.Errorf("some of its Ingresses are to be excluded (-before +after):\n%s", diff)
			}
			s.phase("shop", "a", v1alpha1.PhaseExcluded)
			for _, x := range all {
				s.becomes(x[0], x[1], v1alpha1.PhaseExcluded, v1alpha1.ReasonExcluded)
			}
			s.empty()
			for _, x := range all {
				s.phase(x[0], x[1], v1alpha1.PhasePreview)
			}
			for _, x := range all {
				s.phase(x[0], x[1], p)
			}
			for _, x := range all {
				s.becomes(x[0], x[1], p, v1alpha1.ReasonDone)
			}
			if diff := cmp.Diff(want, s.rest()); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}

// Who goes live without an excluded Ingress of its host is told so.
func TestLiveWithoutAnExcludedOne(t *testing.T) {
	s := shared(t).site(t, "excluded-part", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("shop", "b", "a.test", phaseNote(v1alpha1.PhaseExcluded), allowList)
	shared(t).operator(t, nil)
	told := func(part string) {
		t.Helper()
		s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
		s.eventually(func() error {
			it, err := s.translation("shop", "a")
			if err != nil {
				return err
			}
			if m := meta.FindStatusCondition(it.Status.Conditions, v1alpha1.ConditionReady).Message; m != part && (part == "" || !strings.Contains(m, part)) {
				return fmt.Errorf("it says %q", m)
			}
			return nil
		})
	}
	told("Ingress " + s.ns("shop") + "/b, which has host a.test in common with it, is excluded")
	s.phase("shop", "b", v1alpha1.PhaseLive)
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	told("")
}
