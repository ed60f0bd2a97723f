//go:build envtest

package operator

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	eventsv1 "k8s.io/api/events/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// waited tells whether `kubectl wait --for=condition=Ready`, and others who follow the same convention, take an object for ready: what is
// observed must not be older than the object.
func waited(u *unstructured.Unstructured) bool {
	observed, known, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		c := c.(map[string]any)
		if own, ok := c["observedGeneration"].(int64); ok {
			observed, known = own, true
		}
		if c["type"] == v1alpha1.ConditionReady {
			return c["status"] == "True" && (!known || observed >= u.GetGeneration())
		}
	}
	return false
}

// An IngressTranslation has more generations than its Ingress.
func TestReadyIsAsKubectlWaitsForIt(t *testing.T) {
	s := shared(t).site(t, "waited", nil)
	s.ingress("shop", "a", "a.test")
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.phase("shop", "a", v1alpha1.PhaseLive)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	read := func(kind, namespace, name string) *unstructured.Unstructured {
		t.Helper()
		u := &unstructured.Unstructured{}
		u.SetGroupVersionKind(v1alpha1.GroupVersion().WithKind(kind))
		require.NoError(t, s.admin.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, u))
		return u
	}
	it := read("IngressTranslation", s.ns("shop"), "a")
	require.Greater(t, it.GetGeneration(), int64(1))
	if !waited(it) {
		t.Errorf("kubectl waits for ever: generation %d, %v", it.GetGeneration(), it.Object["status"])
	}
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Drift = "report" })
	s.eventually(func() error {
		if m := read("Migration", "", s.name); m.GetGeneration() < 2 || !waited(m) {
			return fmt.Errorf("generation %d, %v", m.GetGeneration(), m.Object["status"])
		}
		return nil
	})
}

// Nobody is told twice of the same, and not of changes that change nothing for them.
func TestEventsTellOfChangesOnly(t *testing.T) {
	s := shared(t).site(t, "events", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	stop := shared(t).operator(t, nil)
	told := func() (notes []string) {
		t.Helper()
		list := &eventsv1.EventList{}
		require.NoError(t, s.admin.List(t.Context(), list, client.InNamespace(s.ns("shop"))))
		for _, e := range list.Items {
			if e.ReportingController != name { // the API server tells of addresses
				continue
			}
			note := fmt.Sprintf("%s %s %s: %s %s: %s", e.Type, e.Regarding.Kind, e.Regarding.Name, e.Action, e.Reason, e.Note)
			if e.Series != nil {
				note += fmt.Sprintf(" (%d times)", e.Series.Count)
			}
			notes = append(notes, note)
		}
		return notes
	}
	are := func(want ...string) {
		t.Helper()
		s.eventually(func() error {
			if diff := cmp.Diff(want, told()); diff != "" {
				return fmt.Errorf("(-want +got):\n%s", diff)
			}
			return nil
		})
	}
	const live = "Normal Ingress a: Translate UpToDate: Phase live"
	are(live)
	// Another path is translated and applied, and the Ingress is as ready as before.
	o := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: "a"}}
	require.NoError(t, s.admin.Patch(t.Context(), o, client.RawPatch("application/json-patch+json", []byte(`[{"op": "replace", "path": "/spec/rules/0/http/paths/0/path", "value": "/b"}]`))))
	s.eventually(func() error {
		it, err := s.translation("shop", "a")
		if err == nil && it.Status.IngressGeneration != o.Generation {
			err = fmt.Errorf("generation %d is not looked at", o.Generation)
		}
		return err
	})
	stop()
	shared(t).operator(t, nil) // one that knows nothing of the other
	s.say("shop", "a", v1alpha1.AnnotationPhase, "lvie")
	are(live, `Warning Ingress a: Translate Invalid: Phase live: ingress2gw.io/phase: "lvie" is none of excluded, preview, shadow, live, released`)
}
