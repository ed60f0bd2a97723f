package sync

import (
	"maps"
	"time"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// reported is what was said of Ingresses a moment ago, of which a watch may not have told yet.
type reported struct {
	said   map[snapshot.Key]said
	purged time.Time
}

type said struct {
	version string // of the IngressTranslation after it
	status  *v1alpha1.IngressTranslationStatus
	at      time.Time
}

// longestLag is how long it is remembered. A watch that is further behind has ended, and begins anew with what is there. mostReported is of
// how many at once it is: the next round is behind all watches then.
const (
	longestLag   = time.Minute
	mostReported = 1000
)

// note notes what was said.
func (r *reported) note(key snapshot.Key, version string, status *v1alpha1.IngressTranslationStatus) {
	now := time.Now()
	if now.Sub(r.purged) > longestLag {
		maps.DeleteFunc(r.said, func(_ snapshot.Key, s said) bool { return now.Sub(s.at) > longestLag })
		r.purged = now
	}
	if r.said == nil {
		r.said = map[snapshot.Key]said{}
	}
	r.said[key] = said{version, status, now}
}

// correct gives an IngressTranslation as it is by now.
func (r *reported) correct(t *v1alpha1.IngressTranslation) *v1alpha1.IngressTranslation {
	if t == nil {
		return nil
	}
	s, ok := r.said[snapshot.Key{Namespace: t.Namespace, Name: t.Name}]
	if !ok || !apply.Newer(s.version, t.ResourceVersion) {
		return t
	}
	c := *t
	c.Status = *s.status
	return &c
}
