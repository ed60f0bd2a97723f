package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/group"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/operator/settings"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// migration is what is remembered of a Migration between rounds.
type migration struct {
	name     string
	uid      string
	settings *settings.Settings
	token    string
	infos    map[snapshot.Key]*info
	live     edge
	shadow   edge
	applied  applied
	mesh     manifest.Map
	// blocking are protections of the whole edge that cannot be carried over.
	blocking []v1alpha1.BlockingFinding
	totals   v1alpha1.Totals
	unready  int                       // Ingresses that are not ready
	groups   group.Index[snapshot.Key] // of Ingresses that are not excluded
	wild     map[string]bool           // their wildcards
	retry    backoff
	written  map[snapshot.Key]string // versions of Ingresses that their IngressTranslations remember
	// phases are those that were decided on: what the cache says of them may be older.
	phases map[snapshot.Key]v1alpha1.Phase
	// routes are the names of the routes of VirtualServices that stay as they are.
	routes map[apply.Ref][]string
	handed map[apply.Ref]verdict // of objects that are to be taken back
	forgot bool                  // what is live may be of Ingresses of which nothing is known any more
	// flights are plans of quick rounds under way, waiting is what is to be planned when they have landed.
	flights []*flight
	waiting *touched
	// reported is what was said of Ingresses.
	reported reported
	// refusals are of Ingresses that cannot be remembered.
	refusals map[snapshot.Key]refusal
	// ask is after how long Secrets that may not be read are asked for again; 0: there are none.
	ask time.Duration
}

// problem is why a Migration cannot go on.
type problem struct{ reason, message string }

// problemOf says what an error of the API server means.
func problemOf(err error) problem {
	if apierrors.IsForbidden(err) {
		return problem{v1alpha1.ReasonForbidden, err.Error()}
	}
	return problem{v1alpha1.ReasonFailed, err.Error()}
}

// migrate takes one Migration a step further.
func (l *Loop) migrate(ctx context.Context, in *input, o *v1alpha1.Migration) (time.Duration, error) {
	m := l.migrations[o.Name]
	if m == nil || m.uid != string(o.UID) {
		m = &migration{name: o.Name, uid: string(o.UID), infos: map[snapshot.Key]*info{}, written: map[snapshot.Key]string{}, phases: map[snapshot.Key]v1alpha1.Phase{}}
		m.live.name, m.shadow.name = "live", "shadow"
		m.forgot = forgot(in, o)
		l.migrations[o.Name] = m
	}
	if o.DeletionTimestamp != nil {
		err := l.dismantle(ctx, in, m, o)
		return 0, errors.Join(err, l.forbidden(ctx, o, err))
	}
	var lacks []problem
	switch err := l.finalizer(ctx, o); {
	case apierrors.IsForbidden(err): // what it does then is the same
		lacks = append(lacks, problemOf(err))
	case err != nil:
		return 0, err
	}
	var err error
	if m.settings, err = settings.Of(o); err != nil {
		return 0, l.stuck(ctx, o, problem{v1alpha1.ReasonInvalid, err.Error()})
	}
	if p := overlap(in, o); p != nil {
		return 0, l.stuck(ctx, o, *p)
	}
	if p := l.unguarded(o); p != nil {
		return 0, l.stuck(ctx, o, *p)
	}
	if p := unreadSettings(in, o); p != nil {
		return retryBlocked, l.stuck(ctx, o, *p)
	}
	ok, p, err := l.follow(ctx, m)
	if p != nil {
		return l.Watch.Again, l.stuck(ctx, o, *p)
	}
	if !ok || err != nil {
		return time.Second / 5, err
	}
	tokenErr := l.guardToken(ctx, m)
	m.settings.WithToken(m.token)

	were := m.phases
	r, again, err := l.take(ctx, in, m, o, tokenErr, lacks)
	if errors.Is(err, errRefused) { // nothing was applied
		m.phases = were
		r, again, err = l.take(ctx, in, m, o, tokenErr, lacks)
	}
	again = sooner(sooner(again, m.again(time.Now())), m.ask)
	if err == nil && r.tokenErr == nil {
		l.rounds = append(l.rounds, r)
	}
	return again, err
}

// take decides how far the Ingresses of a Migration go, and takes them there.
func (l *Loop) take(ctx context.Context, in *input, m *migration, o *v1alpha1.Migration, tokenErr error, lacks []problem) (*round, time.Duration, error) {
	items := l.items(in, m)
	secrets, broken, err := l.contents(ctx, in, m, items)
	if err != nil {
		return nil, 0, err
	}
	r := &round{Loop: l, in: in, m: m, o: o, items: items, byKey: make(map[snapshot.Key]*item, len(items)), secrets: secrets, broken: broken, tokenErr: tokenErr, problems: lacks}
	for _, it := range items {
		r.byKey[it.key] = it
	}
	maps.DeleteFunc(m.refusals, func(k snapshot.Key, _ refusal) bool { return r.byKey[k] == nil })
	again, err := r.run(ctx)
	if len(r.problems) > 0 {
		again = sooner(again, retryBlocked)
	}
	return r, again, err
}

// overlap tells whether an older Migration has the gateway: both would write the same objects. Neither may its gateway be somebody's shadow.
func overlap(in *input, o *v1alpha1.Migration) *problem {
	mine := gatewaysOf(o)
	for i := range in.migrations {
		older := &in.migrations[i]
		if older.Name == o.Name {
			return nil
		}
		for _, ns := range gatewaysOf(older) {
			if slices.Contains(mine, ns) {
				return &problem{v1alpha1.ReasonOverlap, fmt.Sprintf("Migration %s has the gateway in namespace %s already: it needs one of its own", older.Name, ns)}
			}
		}
		if shadows(o, older) {
			return &problem{v1alpha1.ReasonOverlap, "its shadow may select pods of the gateway of Migration " + older.Name + ", which has public traffic: spec.shadow.selector needs a label of that gateway's selector with another value"}
		}
		if shadows(older, o) {
			return &problem{v1alpha1.ReasonOverlap, "its gateway may select pods of the shadow of Migration " + older.Name + ", or the other way round: spec.gateway.selector needs a label of that shadow's selector with another value"}
		}
	}
	return nil
}

// shadows tells whether the shadow of a Migration may be the gateway of another.
func shadows(a, b *v1alpha1.Migration) bool {
	public := b.Spec.Gateway.Selector
	if len(public) == 0 {
		public = emit.Options{}.Defaults().Gateway.Selector
	}
	return a.Spec.Shadow != nil && settings.SamePods(a.Spec.Shadow.Selector, public)
}

func gatewaysOf(o *v1alpha1.Migration) []string {
	ns := []string{o.Spec.Gateway.Namespace}
	if ns[0] == "" {
		ns[0] = "istio-system"
	}
	if o.Spec.Shadow != nil {
		ns = append(ns, o.Spec.Shadow.Namespace)
	}
	return ns
}

// round is one step of one Migration.
type round struct {
	*Loop
	in       *input
	m        *migration
	o        *v1alpha1.Migration
	items    []*item // in order
	byKey    map[snapshot.Key]*item
	secrets  map[snapshot.Key]*snapshot.Secret
	broken   map[snapshot.Key]string // Secrets that must not reach the gateway, with why
	tokenErr error
	problems []problem
	again    time.Duration

	previewBase string              // what translations before an Ingress is live depend on
	others      []*snapshot.Gateway // for these translations
	leave       map[apply.Ref]bool  // objects that were handed over and that need not be taken back
	braked      bool                // only protections are repaired
	acted       bool                // something was changed
	held        phases              // of suspended and released Ingresses
	excluded    map[string]string   // which Ingress, by host: the last of several
	changed     bool                // the gateways are as the plan wanted them, but for what is in the results
}

func (r *round) run(ctx context.Context) (time.Duration, error) {
	if err := r.preview(ctx); err != nil {
		return 0, err
	}
	r.decide()
	if err := r.remember(ctx); err != nil {
		if apply.NoKind(err) {
			err = errors.Join(err, r.stuck(ctx, r.o, problem{v1alpha1.ReasonKindMissing, "kind IngressTranslation is not installed: nothing is changed"}))
		}
		return 0, errors.Join(err, r.forbidden(ctx, r.o, err))
	}
	if r.tokenErr == nil {
		if err := r.applyEdges(ctx); err != nil {
			return 0, err
		}
	} else { // guards must not go because their token is not known
		r.problems, r.again = append(r.problems, problemOf(r.tokenErr)), r.m.retry.next()
	}
	r.settle()
	forgetting := r.forget(ctx)
	if apierrors.IsForbidden(forgetting) {
		r.problems, forgetting = append(r.problems, problemOf(forgetting)), nil
	}
	return r.again, errors.Join(r.report(ctx), forgetting)
}

// decide says how far each Ingress goes.
func (r *round) decide() {
	all := make([]phase.Ingress, 0, len(r.items))
	for _, it := range r.items {
		x := phase.Ingress{Key: it.key.String(), Hosts: it.source.Hosts, Wanted: it.wanted, Explicit: it.explicit, Was: it.was}
		if i := r.m.infos[it.key]; i != nil {
			x.Blocked = i.blockingCount > 0
		}
		all = append(all, x)
	}
	decisions := phase.Decide(all, r.m.settings.Shadow != nil)
	r.m.phases = make(map[snapshot.Key]v1alpha1.Phase, len(all))
	for _, it := range r.items {
		it.decision = decisions[it.key.String()]
		if !r.Apply { // nothing can be changed: what is applied stays
			if phase.Rank(it.was) >= phase.Rank(v1alpha1.PhaseShadow) {
				it.decision.Phase = it.was
			} else if phase.Rank(it.decision.Phase) > phase.Rank(v1alpha1.PhasePreview) {
				it.decision.Phase = v1alpha1.PhasePreview
			}
		}
	}
	r.returning()
	r.leaving()
	r.excluded = map[string]string{}
	for _, it := range r.items {
		if it.decision.Phase == v1alpha1.PhaseExcluded {
			for _, h := range it.source.Hosts {
				r.excluded[h] = it.key.String()
			}
		}
		if r.m.phases[it.key] = it.decision.Phase; it.back {
			r.m.phases[it.key] = it.was // until it is
		}
	}
}

// paused tells whether nothing may be changed at the gateways.
func (r *round) paused() bool { return !r.Apply || r.m.settings.Spec.Suspend }

func (m *migration) shadowNamespace() string {
	if m.settings.Shadow == nil {
		return ""
	}
	return m.settings.Shadow.Target.Gateway.Namespace
}

func (m *migration) repairs() bool { return m.settings.Spec.Drift != "report" }
func (m *migration) keeps() bool   { return m.settings.Spec.OnIngressDelete != "prune" }
