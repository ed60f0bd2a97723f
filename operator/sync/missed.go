package sync

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/phase"
)

// keepForgotten makes sure that objects are not removed because nothing is known of their Ingresses any more: the operator's own kinds
// may be about to be removed from the cluster.
func (r *round) keepForgotten(ctx context.Context, p *apply.Plan) {
	if len(p.Remove) == 0 {
		r.m.forgot = false
		return
	}
	if why := r.forgotten(ctx, p); why != "" {
		r.problems, r.braked = append(r.problems, problem{v1alpha1.ReasonSourceGone, why}), true
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

// forgot tells whether there is nothing that remembers a Migration's Ingresses, as after its kinds were removed and came back.
func forgot(in *input, o *v1alpha1.Migration) bool {
	if c := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReady); c != nil && c.Reason == v1alpha1.ReasonSourceGone {
		return true // an operator before this one did not get further
	}
	for _, t := range in.translations {
		if t.Spec.Migration == o.Name {
			return false
		}
	}
	return true
}

// forgotten says of objects that are to be removed whether they serve hosts of Ingresses that nothing remembers, and of which nobody
// said that they are to go: "" if not. The objects say of what Migration and gateway they are and what hosts they serve; that is enough to
// keep them, and not to make anew what they share with others.
func (r *round) forgotten(ctx context.Context, p *apply.Plan) string {
	if !r.m.forgot || !r.m.keeps() {
		return ""
	}
	leaves := map[string]bool{}
	for _, it := range r.items {
		for _, h := range it.source.Hosts {
			leaves[h] = leaves[h] || phase.Rank(it.wanted) < phase.Rank(v1alpha1.PhaseLive)
		}
	}
	const advice = ": nothing is changed, but protections are repaired. Make its Ingress again, or delete it, or say onIngressDelete: prune until it is gone"
	roots, delegate := 0, ""
	for i := range p.Remove {
		l := &p.Remove[i]
		if l.Kind != "VirtualService" || l.Edge != r.m.live.name || !l.Ours {
			continue
		}
		if !l.Root {
			delegate = l.String()
			continue
		}
		roots++
		u := &unstructured.Unstructured{}
		u.SetGroupVersionKind(l.GVK())
		if err := r.Direct.Get(ctx, client.ObjectKey{Namespace: l.Namespace, Name: l.Name}, u); err != nil {
			if apierrors.IsNotFound(err) {
				continue
			}
			return fmt.Sprintf("%s cannot be looked at, and may serve a host of an Ingress that is not known any more: %v", l.Ref, err)
		}
		hosts, _, _ := unstructured.NestedStringSlice(u.Object, "spec", "hosts")
		for _, h := range hosts {
			if !leaves[h] {
				return fmt.Sprintf("%s serves host %s, of whose Ingress nothing is known any more%s", l.Ref, h, advice)
			}
		}
	}
	if delegate != "" && roots == 0 {
		return fmt.Sprintf("%s serves a part of a host, of whose Ingress nothing is known any more%s", delegate, advice)
	}
	r.m.forgot = false
	return ""
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
