package sync

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/settings"
)

// finalizerPrune keeps a Migration until its objects are gone, if they are to go with it.
const finalizerPrune = v1alpha1.GroupName + "/prune"

// finalizer puts the finalizer on a Migration, or takes it off, as onDelete says.
func (l *Loop) finalizer(ctx context.Context, o *v1alpha1.Migration) error {
	wanted := o.Spec.OnDelete == "prune"
	if !l.Apply || controllerutil.ContainsFinalizer(o, finalizerPrune) == wanted {
		return nil
	}
	c := o.DeepCopy()
	if wanted {
		controllerutil.AddFinalizer(c, finalizerPrune)
	} else {
		controllerutil.RemoveFinalizer(c, finalizerPrune)
	}
	if err := l.Direct.Patch(ctx, c, client.MergeFromWithOptions(o.DeepCopy(), client.MergeFromWithOptimisticLock{}), client.FieldOwner(v1alpha1.ManagerStatus)); err != nil {
		return fmt.Errorf("writing the finalizer of Migration %s: %w", o.Name, err)
	}
	return nil
}

// dismantle removes what a Migration applied, and what says so, before it goes.
func (l *Loop) dismantle(ctx context.Context, in *input, m *migration, o *v1alpha1.Migration) error {
	if !controllerutil.ContainsFinalizer(o, finalizerPrune) {
		return nil
	}
	if !l.Apply {
		return l.stuck(ctx, o, problem{v1alpha1.ReasonSuspended, "The operator runs for previews only, and does not remove what was applied"})
	}
	var err error
	if m.settings, err = settings.Of(o); err != nil {
		return l.stuck(ctx, o, problem{v1alpha1.ReasonInvalid, err.Error()})
	}
	ok, p, err := l.follow(ctx, m)
	if p != nil {
		return l.stuck(ctx, o, *p)
	}
	if !ok || err != nil {
		l.Watch.Trigger()
		return err
	}
	engine := &apply.Engine{Client: l.Direct, Pause: l.pause, Workers: l.Workers, Migration: m.name}
	plan := apply.Plan{Remove: append(l.Watch.Live.List(m.name, "live"), l.Watch.Live.List(m.name, "shadow")...)}
	results, err := engine.Do(ctx, plan)
	if err != nil {
		return err
	}
	for ref, res := range results {
		if res.State != apply.Removed {
			return errors.Join(fmt.Errorf("removing %s: %s", ref, res.Message), l.stuck(ctx, o, problem{string(res.State), res.Message}))
		}
		l.Watch.Live.Removed(ref, res.Version)
	}
	for _, t := range in.translations {
		if t.Spec.Migration == m.name {
			if err := l.drop(ctx, t); err != nil {
				return err
			}
		}
	}
	o = o.DeepCopy()
	o.Spec.OnDelete = "keep"
	return harmless(l.finalizer(ctx, o))
}

// orphans looks after the IngressTranslations of Migrations that are gone: those of live Ingresses say so, the others go.
func (l *Loop) orphans(ctx context.Context, in *input) error {
	there := map[string]bool{}
	for i := range in.migrations {
		there[in.migrations[i].Name] = true
	}
	for name := range l.migrations {
		if !there[name] {
			delete(l.migrations, name)
		}
	}
	var errs []error
	for _, t := range in.translations {
		if t.Spec.Migration == "" || there[t.Spec.Migration] {
			continue
		}
		if t.Spec.Ingress == nil && t.Status.Phase != v1alpha1.PhaseShadow {
			errs = append(errs, l.drop(ctx, t))
			continue
		}
		s := *t.Status.DeepCopy()
		c := condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNoMigration, "Migration "+t.Spec.Migration+" is gone: what it applied stays as it is")
		if meta.SetStatusCondition(&s.Conditions, c) {
			_, err := l.applyStatus(ctx, own("IngressTranslation", t.Namespace, t.Name), s)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
