//go:build envtest

package operator

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// TestWhatSomebodyMakesInTheMeantimeIsNotTouched makes an object after the operator found out that there is none, and before it applies its own.
func TestWhatSomebodyMakesInTheMeantimeIsNotTouched(t *testing.T) {
	s := shared(t).site(t, "meantime", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("shop", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	object := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	var once sync.Once
	config := rest.CopyConfig(shared(t).config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/virtualservices/i2g-a.test") && r.URL.Query().Get("dryRun") == "" {
				once.Do(func() { s.create(strings.ReplaceAll(foreignService, "LABEL: x", "team: x")) })
			}
			return next.RoundTrip(r)
		})
	})
	shared(t).operatorAs(t, config, nil)
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonForeignObject)
	})
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	got := s.get(object)
	if diff := cmp.Diff([]string{"other.test"}, hosts(got)); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
	if got.GetGeneration() != 1 || len(got.GetManagedFields()) != 1 || len(got.GetAnnotations()) > 0 {
		t.Errorf("it was touched: %+v", got.Object["metadata"])
	}
}

func TestWhatTheServerDoesNotKnowIsRefusedWhenItIsTried(t *testing.T) {
	s := shared(t).site(t, "strict", nil)
	c, err := rest.HTTPClientFor(shared(t).config)
	require.NoError(t, err)
	writer, err := apply.NewClient(shared(t).config, c, shared(t).admin)
	require.NoError(t, err)
	ref := apply.Ref{APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: s.ns("shop"), Name: "x"}
	body := []byte(`{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "x"}, "spec": {"hosts": ["x.test"], "protection": true}}`)
	for _, patch := range []types.PatchType{"", types.ApplyPatchType} {
		_, err = writer.Do(t.Context(), apply.Write{Ref: ref, Body: body, Manager: "x", Patch: patch, Dry: true, Strict: true})
		if err == nil || !strings.Contains(err.Error(), "spec.protection") {
			t.Errorf("patch %q: %v", patch, err)
		}
	}
	o, err := writer.Do(t.Context(), apply.Write{Ref: ref, Body: body, Manager: "x"})
	require.NoError(t, err)
	if o.UID == "" || o.ResourceVersion == "" || len(o.ManagedFields) != 1 {
		t.Errorf("what it is now is not told: %+v", o)
	}
	_, err = writer.Do(t.Context(), apply.Write{Ref: ref, Body: body, Manager: "x", Dry: true})
	if !apierrors.IsAlreadyExists(err) {
		t.Errorf("a second one: %v", err)
	}
	ref.Kind = "Nonsense"
	if _, err = writer.Do(t.Context(), apply.Write{Ref: ref, Body: body, Manager: "x"}); err == nil {
		t.Error("there is such a kind")
	}
	it := apply.Ref{APIVersion: v1alpha1.GroupVersion().String(), Kind: "IngressTranslation", Namespace: s.ns("shop"), Name: "none"}
	_, err = writer.Do(t.Context(), apply.Write{Ref: it, Body: []byte(`[]`), Manager: "x", Patch: types.JSONPatchType})
	if !apierrors.IsNotFound(err) || apierrors.ReasonForError(err) != metav1.StatusReasonNotFound {
		t.Errorf("what is not there: %v", err)
	}
}
