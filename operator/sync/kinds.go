package sync

import (
	"context"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// The kinds of which a Migration makes objects only with one policy for certificates.
var policyKinds = [...]struct {
	policy string
	gvk    schema.GroupVersionKind
}{
	{"copy", schema.GroupVersionKind{Version: "v1", Kind: "Secret"}},
	{"cert-manager", schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"}},
	{"reference-grant", schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1beta1", Kind: "ReferenceGrant"}},
}

// kinds are those that a Migration may apply, and those of which there may be objects from a time when it had another policy.
func (m *migration) kinds() (wanted, left []schema.GroupVersionKind) {
	wanted = []schema.GroupVersionKind{
		istioKind("EnvoyFilter"), istioKind("DestinationRule"), istioKind("Gateway"), istioKind("VirtualService"), istioKind("ServiceEntry"),
		{Group: "telemetry.istio.io", Version: "v1", Kind: "Telemetry"},
	}
	wanted[0].Version = "v1alpha3"
	for _, k := range policyKinds {
		if m.settings.Spec.TLS.Policy == k.policy {
			wanted = append(wanted, k.gvk)
		} else {
			left = append(left, k.gvk)
		}
	}
	return wanted, left
}

// follow watches what the Migration reads and writes, as far as it is installed. It says false while that is not known yet, and what is
// wrong if it may not.
func (l *Loop) follow(ctx context.Context, m *migration) (bool, *problem, error) {
	for _, kind := range [...]string{"Gateway", "DestinationRule"} {
		gvk := istioKind(kind)
		if l.Watch.Following(gvk) {
			continue
		}
		if has, err := l.Watch.Find(gvk); err != nil {
			return false, nil, err
		} else if !has {
			continue
		}
		if p, _, err := l.mayRead(ctx, gvk); p != nil || err != nil {
			return false, p, err
		}
		l.stale = true
		if err := l.Watch.FollowKind(ctx, gvk); err != nil {
			return false, nil, err
		}
	}
	if l.Apply {
		if p, err := l.followApplied(ctx, m); p != nil || err != nil {
			return false, p, err
		}
	}
	ok, _ := l.Watch.Synced()
	return ok && !l.stale, nil, nil
}

func (l *Loop) followApplied(ctx context.Context, m *migration) (*problem, error) {
	wanted, left := m.kinds()
	if m.settings.Spec.TLS.Policy == "copy" && !l.Secrets {
		return &problem{v1alpha1.ReasonInvalid, "tls.policy: copy needs the operator's flag --watch-secrets: nothing is changed"}, nil
	}
	for _, gvk := range wanted {
		if l.Watch.FollowingApplied(gvk) {
			continue
		}
		if has, err := l.Watch.Find(gvk); err != nil {
			return nil, err
		} else if !has {
			continue
		}
		if p, _, err := l.mayRead(ctx, gvk); p != nil || err != nil {
			return p, err
		}
		if _, err := l.Watch.FollowApplied(ctx, gvk); err != nil {
			return nil, err
		}
	}
	for _, gvk := range left {
		if l.Watch.FollowingApplied(gvk) || gvk.Kind == "Secret" && !l.Secrets || !l.lookAgain(gvk) || !l.Watch.Installed(gvk) {
			continue
		}
		if p, asked, err := l.mayRead(ctx, gvk); p != nil || err != nil || !asked {
			continue // without the right to list them they stay
		}
		if _, err := l.Watch.FollowApplied(ctx, gvk); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// lookEvery is how often it is looked whether a kind that nothing is made of any more can be read.
const lookEvery = 10 * time.Minute

func (l *Loop) lookAgain(gvk schema.GroupVersionKind) bool {
	now := time.Now()
	if last, looked := l.looked[gvk]; looked && now.Sub(last) < lookEvery {
		return false
	}
	if l.looked == nil {
		l.looked = map[schema.GroupVersionKind]time.Time{}
	}
	l.looked[gvk] = now
	return true
}

// mayRead tells whether the operator may watch a kind, before it tries: a watch that is refused would keep everything waiting. Where
// it may not even ask, that is not known.
func (l *Loop) mayRead(ctx context.Context, gvk schema.GroupVersionKind) (p *problem, asked bool, err error) {
	mapped, err := l.Direct.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
	if meta.IsNoMatchError(err) {
		return nil, false, nil // gone again
	}
	if err != nil {
		return nil, false, fmt.Errorf("asking what %s is called: %w", gvk, err)
	}
	resource := mapped.Resource
	for _, verb := range [...]string{"list", "watch"} {
		q := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Group: resource.Group, Version: resource.Version, Resource: resource.Resource, Verb: verb},
		}}
		err := l.Direct.Create(ctx, q)
		switch {
		case apierrors.IsForbidden(err):
			return nil, false, nil
		case err != nil:
			return nil, false, fmt.Errorf("asking whether the operator may %s %s: %w", verb, resource.GroupResource(), err)
		case !q.Status.Allowed:
			return &problem{v1alpha1.ReasonForbidden, fmt.Sprintf("the operator may not %s %s, which this Migration needs: nothing is changed", verb, resource.GroupResource())}, true, nil
		}
	}
	return nil, true, nil
}
