package sync

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
)

// keepForgotten makes sure that objects are not removed because nothing is known of their Ingresses any more: the operator's own kinds
// may be about to be removed from the cluster.
func (r *round) keepForgotten(p *apply.Plan) {
	if len(p.Remove) == 0 {
		return
	}
	ok, err := r.Watch.Writable(v1alpha1.GroupVersion().WithKind("IngressTranslation"))
	if err == nil && ok {
		return
	}
	why := problem{v1alpha1.ReasonKindMissing, fmt.Sprintf("%d objects are to be removed, but are kept: kind IngressTranslation is not installed, or is being removed", len(p.Remove))}
	if err != nil {
		why = problem{v1alpha1.ReasonFailed, fmt.Sprintf("%d objects are to be removed, but are kept: %v", len(p.Remove), err)}
	}
	r.problems, r.again, r.braked = append(r.problems, why), r.m.retry.next(), true // the others may be what these need
}

// certain looks at objects whose last change was not answered. While the API server was away, watches were, too: what they told last may be
// older than that change, and a route must not be made because its filters seem to be there, nor left because it does not. It says
// false while that cannot be known: then nothing is changed.
func (r *round) certain(ctx context.Context) bool {
	a := &r.m.applied
	for _, ref := range sortedRefs(a.doubt) {
		now, err := apply.Read(ctx, r.Direct, ref)
		switch {
		case apierrors.IsForbidden(err), meta.IsNoMatchError(err): // then it was not changed either
		case err != nil:
			why := problem{v1alpha1.ReasonFailed, fmt.Sprintf("%s cannot be looked at, and it is not known whether it was changed: %v", ref, err)}
			r.problems, r.again = append(r.problems, why), r.m.retry.next()
			return false
		case now == nil:
			r.Watch.Live.Removed(ref, "")
		default:
			r.Watch.Live.Saw(*now)
		}
		delete(a.doubt, ref)
	}
	return true
}

// confirm looks at objects that were applied and of which no watch tells.
func (l *Loop) confirm(ctx context.Context) {
	for _, known := range l.Watch.Live.Unseen(l.Watch.Again) {
		now, err := apply.Read(ctx, l.Direct, known.Ref)
		switch {
		case err != nil:
			log.FromContext(ctx).Error(err, "Object cannot be looked at", "object", known.String())
			return // whatever is wrong, it is likely to be wrong with the others, too
		case now == nil || now.Migration == "":
			l.Watch.Live.Looked(known, false)
		case now.UID == known.UID && now.Version == known.Version:
			l.Watch.Live.Looked(known, true)
		default:
			l.Watch.Live.Saw(*now)
		}
	}
}
