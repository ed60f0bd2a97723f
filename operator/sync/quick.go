package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/watch"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// A quick round looks at single objects that changed, and not at the others. It begins where the last round ended and does nothing but
// what a round would do; whatever it is not sure of, it leaves to one: hosts that come and go, phases that change, what is new.

// mostQuickly is the size of Ingresses up to which it is certain that they can be remembered, so that it may be done while they are applied.
const mostQuickly = 100_000

// errLeft says that a change is not for a quick round.
var errLeft = errors.New("a whole round is needed")

// quick looks at some objects. It says false if a whole round is needed, which then looks at everything.
func (l *Loop) quick(ctx context.Context, objects map[watch.Noted]bool) (bool, error) {
	switch {
	case l.in == nil:
		return false, nil
	case len(objects) > mostChanged:
		return false, ignoreLeft(ctx, left("much changed"))
	}
	changed := map[snapshot.Key]bool{} // Ingresses
	for n := range objects {
		var err error
		key := snapshot.Key{Namespace: n.Namespace, Name: n.Name}
		switch n.Kind {
		case watch.Ingresses:
			changed[key] = true
		case watch.Services:
			err = l.quickService(ctx, key, changed)
		case watch.Secrets:
			err = l.quickSecret(ctx, key)
		case watch.Translations:
			err = l.quickTranslation(ctx, key)
		}
		if err != nil {
			return false, ignoreLeft(ctx, err)
		}
	}
	byMigration := map[*round][]*item{}
	for key := range changed {
		r, it, err := l.quickIngress(ctx, key)
		switch {
		case err != nil:
			return false, ignoreLeft(ctx, err)
		case it != nil:
			byMigration[r] = append(byMigration[r], it)
		}
	}
	for _, r := range l.rounds {
		if items := byMigration[r]; len(items) > 0 {
			slices.SortFunc(items, func(a, b *item) int { return compareKeys(a.key, b.key) })
			if err := r.quick(ctx, items); err != nil {
				return false, ignoreLeft(ctx, err)
			}
		}
	}
	return true, nil
}

func left(why string) error { return fmt.Errorf("%w: %s", errLeft, why) }

// ignoreLeft drops errLeft.
func ignoreLeft(ctx context.Context, err error) error {
	if errors.Is(err, errLeft) {
		log.FromContext(ctx).WithName("sync").V(1).Info("Everything is looked at", "because", err.Error())
		return nil
	}
	return err
}

// quickService takes a Service, and adds the Ingresses that may refer to it.
func (l *Loop) quickService(ctx context.Context, key snapshot.Key, changed map[snapshot.Key]bool) error {
	o := &corev1.Service{}
	err := l.Cache.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, o, client.UnsafeDisableDeepCopy)
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	var read *snapshot.Service
	if err == nil {
		if l.store.Services.Version(key) == versionOf(o) {
			return nil
		}
		if read, err = inputs.ReadService(o); err != nil {
			return err
		}
		l.store.Services.Set(key, versionOf(o), read)
	} else {
		l.store.Services.Drop(key)
	}
	shared := *l.in.shared // what was translated before still refers to the old one
	shared.Services = make(map[snapshot.Key]*snapshot.Service, len(l.in.shared.Services)+1)
	for k, s := range l.in.shared.Services {
		if k != key {
			shared.Services[k] = s
		}
	}
	if read != nil {
		shared.Services[key] = read
	}
	l.in.shared = &shared
	for _, it := range l.needing(key) {
		if it.gone || it.suspended {
			return left("an Ingress of the Service is gone or suspended")
		}
		changed[it.key] = true
	}
	return nil
}

// needing are the Ingresses that may refer to an object.
func (l *Loop) needing(key snapshot.Key) (some []*item) {
	for _, r := range l.rounds {
		for _, it := range r.items {
			if slices.Contains(it.source.Needs, key) {
				some = append(some, it)
			}
		}
	}
	return some
}

// quickSecret takes a Secret that no Ingress refers to, as nearly all are.
func (l *Loop) quickSecret(ctx context.Context, key snapshot.Key) error {
	o := metadataOf("Secret")
	err := l.Cache.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, o, client.UnsafeDisableDeepCopy)
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	if len(l.needing(key)) > 0 || len(l.rounds) < len(l.migrations) || l.named(key) {
		return left("an Ingress refers to the Secret")
	}
	if apierrors.IsNotFound(err) {
		delete(l.in.secrets, key)
		delete(l.in.shared.Secrets, key)
		l.store.Secrets.Drop(key)
		return nil
	}
	x, err := l.store.Secrets.Get(key, string(o.UID), func() (*snapshot.Secret, error) { return inputs.NewSecret(key, "", nil), nil })
	l.in.shared.Secrets[key], l.in.secrets[key] = x, versionOf(o)
	return err
}

// named tells whether the options of a Migration name a Secret.
func (l *Loop) named(key snapshot.Key) bool {
	return slices.ContainsFunc(l.rounds, func(r *round) bool { return slices.Contains(r.m.settings.Live.Source.Secrets(), key) })
}

// quickTranslation takes an IngressTranslation that is as it should be, as after the operator has written it.
func (l *Loop) quickTranslation(ctx context.Context, key snapshot.Key) error {
	t := &v1alpha1.IngressTranslation{}
	if err := l.Cache.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, t); err != nil {
		if apierrors.IsNotFound(err) {
			return left("an IngressTranslation is gone")
		}
		return err
	}
	for _, r := range l.rounds {
		it := r.byKey[key]
		if it == nil || it.plain() != nil || t.Spec.Migration != r.m.name || t.DeletionTimestamp != nil {
			continue
		}
		if it.it != nil && it.it.UID != t.UID {
			return left("an IngressTranslation is another")
		}
		raw, err := it.raw()
		if err != nil {
			return err
		}
		if !it.remembered(t, r.m.name, raw) {
			return left("an IngressTranslation is not as it was written")
		}
		it.it = t
		l.in.translations[key] = t
		return nil
	}
	return left("an IngressTranslation is of no live Ingress")
}

// plain says errLeft of an Ingress on which something special is under way.
func (it *item) plain() error {
	if it.gone || it.suspended || it.back || it.leaving || it.keptReason != "" || it.word != "" || it.refused != "" ||
		it.decision.Phase == v1alpha1.PhaseReleased || it.cluster == nil {
		return left("something special is under way with the Ingress")
	}
	return nil
}

// quickIngress takes an Ingress. It gives nil if no Migration is about it.
func (l *Loop) quickIngress(ctx context.Context, key snapshot.Key) (*round, *item, error) {
	o := &netv1.Ingress{}
	if err := l.Cache.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, o, client.UnsafeDisableDeepCopy); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, nil, left("an Ingress is gone")
		}
		return nil, nil, err
	}
	x, err := l.store.Ingresses.Get(key, versionOf(o), func() (*inputs.Ingress, error) { return inputs.ReadIngress(o) })
	if err != nil {
		return nil, nil, err
	}
	if x.Ingress == nil || o.DeletionTimestamp != nil || o.Size() > mostQuickly {
		return nil, nil, left("an Ingress cannot be read, is large, or is being deleted")
	}
	before, known := l.in.read[key]
	l.in.ingresses[key], l.in.read[key] = o, x
	var of *round
	for _, r := range l.rounds {
		was, is := r.byKey[key], l.eligible(l.in, r.m, key) && len(r.m.takes(l.in, []*snapshot.Ingress{x.Ingress})) > 0
		if (was != nil && !was.gone) != is || was != nil && was.gone {
			return nil, nil, left("an Ingress comes or goes")
		}
		if is {
			of = r
		}
	}
	if of == nil {
		if !known || !slices.Equal(before.ConfigMaps, x.ConfigMaps) {
			return nil, nil, left("an Ingress is not known, or reads other ConfigMaps")
		}
		return nil, nil, nil
	}
	old, it := of.byKey[key], l.item(l.in, of.m, key)
	it.decision, it.it, it.ready = old.decision, old.it, old.ready
	if err := errors.Join(old.plain(), it.plain(), of.same(old, it)); err != nil {
		return nil, nil, err
	}
	return of, it, nil
}

// same says errLeft if an Ingress changed in what others depend on.
func (r *round) same(old, now *item) error {
	if !slices.Equal(old.source.Hosts, now.source.Hosts) || !slices.Equal(old.source.ConfigMaps, now.source.ConfigMaps) ||
		old.wanted != now.wanted || old.explicit != now.explicit || now.was != now.decision.Phase || now.it == nil ||
		r.readsSecrets(r.m) && (!slices.Equal(old.source.Certificates, now.source.Certificates) || !slices.Equal(old.source.Users, now.source.Users)) {
		return left("an Ingress changed in its hosts, its phase or its certificates")
	}
	return nil
}
