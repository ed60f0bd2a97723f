package sync

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func TestWhatWasSaidIsKnownBeforeAWatchTellsOfIt(t *testing.T) {
	key := snapshot.Key{Namespace: "shop", Name: "a"}
	cached := func(version string) *v1alpha1.IngressTranslation {
		return &v1alpha1.IngressTranslation{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a", ResourceVersion: version}, Status: v1alpha1.IngressTranslationStatus{Phase: v1alpha1.PhasePreview}}
	}
	var r reported
	r.note(key, "7", &v1alpha1.IngressTranslationStatus{Phase: v1alpha1.PhaseLive})
	old := cached("6")
	if got := r.correct(old); got.Status.Phase != v1alpha1.PhaseLive || old.Status.Phase != v1alpha1.PhasePreview {
		t.Errorf("an older one is %s, and what is cached became %s", got.Status.Phase, old.Status.Phase)
	}
	for _, version := range []string{"7", "8"} {
		if got := r.correct(cached(version)); got.Status.Phase != v1alpha1.PhasePreview {
			t.Errorf("version %s became %s", version, got.Status.Phase)
		}
	}
	if r.correct(nil) != nil {
		t.Error("what is not there came to be")
	}
	r.purged = time.Now().Add(-2 * longestLag)
	r.said[key] = said{"9", old.Status.DeepCopy(), r.purged}
	r.note(snapshot.Key{Namespace: "shop", Name: "b"}, "10", &v1alpha1.IngressTranslationStatus{})
	if _, there := r.said[key]; there || len(r.said) != 1 {
		t.Errorf("what is old is kept: %v", r.said)
	}
}
