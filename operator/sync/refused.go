package sync

import (
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// What a live Ingress says is remembered by its IngressTranslation. An Ingress can be larger than that may be, because the API server
// stores it in a shorter form; and a quota or an admission policy can be in the way. Such an Ingress does not go live, or stays as it is;
// nobody else has to wait for it.

// refusal is why what an Ingress says cannot be remembered.
type refusal struct {
	version string // of the Ingress
	message string
	until   time.Time // then it is tried again
}

// errRefused says that some Ingresses cannot be remembered, so that it is to be decided again how far they go.
var errRefused = errors.New("an IngressTranslation is refused")

// refuses tells whether the API server has something against one object, and not against the operator.
func refuses(err error) bool {
	text := err.Error()
	switch {
	case apierrors.IsRequestEntityTooLargeError(err), strings.Contains(text, "request is too large"), apierrors.IsInvalid(err):
		return true
	case apierrors.IsForbidden(err): // by a quota or by admission, not by missing rights
		return !strings.Contains(text, "cannot create resource") && !strings.Contains(text, "cannot patch resource")
	}
	return false
}

// refused notes that an Ingress cannot be remembered.
func (m *migration) refused(it *item, version string, err error) {
	if m.refusals == nil {
		m.refusals = map[snapshot.Key]refusal{}
	}
	m.refusals[it.key] = refusal{version, err.Error(), time.Now().Add(retryBlocked)}
}

// again says after how long it is to be tried again; 0: never.
func (m *migration) again(now time.Time) (first time.Duration) {
	for _, x := range m.refusals {
		if left := x.until.Sub(now); left > 0 {
			first = sooner(first, left)
		}
	}
	return first
}

// limit keeps an Ingress that cannot be remembered from going live. One that is live already stays as it is remembered.
func (it *item) limit(why refusal, remembered *inputs.Ingress) {
	if why.version != it.version || it.suspended || time.Now().After(why.until) {
		return
	}
	it.refused = why.message
	live := phase.Rank(v1alpha1.PhaseLive)
	switch wants := phase.Rank(it.wanted); {
	case phase.Rank(it.was) < live:
		it.explicit = true
		if wants >= live {
			it.wanted = v1alpha1.PhaseShadow
		}
	case wants >= live || !it.explicit:
		it.suspended, it.explicit, it.wanted = true, true, it.was
		if remembered != nil {
			it.source, it.version = remembered, versionOf(it.it)
		}
	}
}

// stuck says why an Ingress is not followed.
func (it *item) stuck() string {
	return fmt.Sprintf("It stays in phase %s, because what it says cannot be remembered: %s", it.decision.Phase, it.refused)
}

// tellRefused tells of an Ingress that cannot be remembered, where it may not even have an IngressTranslation.
func (r *round) tellRefused(it *item, err error) {
	if r.m.refusals[it.key].message != err.Error() {
		r.event(it.cluster, corev1.EventTypeWarning, v1alpha1.ReasonRejected, "Translate", err.Error())
	}
}
