package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/metrics"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// report writes what became of the Ingresses, and of the Migration, where it changed.
func (r *round) report(ctx context.Context) error {
	t := r.troubles()
	total := v1alpha1.Totals{Selected: int32(len(r.items))}
	for _, it := range r.items {
		switch it.decision.Phase {
		case v1alpha1.PhaseExcluded:
			total.Excluded++
		case v1alpha1.PhasePreview:
			total.Preview++
		case v1alpha1.PhaseShadow:
			total.Shadow++
		case v1alpha1.PhaseLive:
			total.Live++
		case v1alpha1.PhaseReleased:
			total.Released++
		}
		if r.infoOf(it).blockingCount > 0 {
			total.Blocked++
		}
	}
	r.m.totals, r.m.unready = total, 0
	for _, it := range r.items {
		it.ready = true
	}
	err := r.reportSome(ctx, r.items, &t)
	if apierrors.IsForbidden(err) {
		r.problems = append(r.problems, problemOf(err))
	}
	return errors.Join(err, r.reportMigration(ctx, &t, total, r.m.unready))
}

// reports are what is to be said of some Ingresses.
type reports struct {
	r       *round
	items   []*item
	states  []v1alpha1.IngressTranslationStatus
	was     []*v1alpha1.IngressTranslation
	news    []bool
	written []string // versions of those that were
}

// reports makes them.
func (r *round) reports(items []*item, t *troubles) *reports {
	x := &reports{r, items, make([]v1alpha1.IngressTranslationStatus, len(items)), make([]*v1alpha1.IngressTranslation, len(items)), make([]bool, len(items)), make([]string, len(items))}
	for i, it := range items {
		it.it = r.m.reported.correct(it.it)
		x.states[i], x.was[i] = r.status(it, t), it.it
		now := meta.FindStatusCondition(x.states[i].Conditions, v1alpha1.ConditionReady)
		x.news[i] = it.news(&x.states[i], now)
		switch ready := now.Status == metav1.ConditionTrue; {
		case it.ready == ready:
		case it.ready:
			it.ready = false
			r.m.unready++
		default:
			it.ready = true
			r.m.unready--
		}
	}
	return x
}

// write writes them, where that changes anything. It may be called while the loop goes on.
func (x *reports) write(ctx context.Context) error {
	index := make(map[snapshot.Key]int, len(x.items))
	for i, it := range x.items {
		index[it.key] = i
	}
	return x.r.each(ctx, x.items, func(ctx context.Context, it *item) (err error) {
		i := index[it.key]
		if x.was[i] != nil && sameStatus(x.was[i].Status, x.states[i]) {
			return nil
		}
		if x.written[i], err = x.r.applyStatus(ctx, translationRef(it.key), x.states[i]); err != nil {
			return fmt.Errorf("writing the status of IngressTranslation %s: %w", it.key, err)
		}
		return nil
	})
}

// reportSome says what became of some Ingresses.
func (r *round) reportSome(ctx context.Context, items []*item, t *troubles) error {
	x := r.reports(items, t)
	err := x.write(ctx)
	x.tell()
	return err
}

// mostEvents is how many Ingresses a round records events for. More say nothing to anybody, and cost the API server as much as all the rest.
const mostEvents = 100

// tell records events about Ingresses that moved, or came to be ready or not. Of many it sums up all but the first: those that are not ready
// come first.
func (x *reports) tell() {
	r := x.r
	var bad, good []int
	few := len(x.items) <= mostReported
	for i := range x.items {
		if x.written[i] == "" {
			continue
		}
		if few {
			r.m.reported.note(x.items[i].key, x.written[i], &x.states[i])
		}
		switch now := meta.FindStatusCondition(x.states[i].Conditions, v1alpha1.ConditionReady); {
		case !x.news[i]:
		case now.Status != metav1.ConditionTrue:
			bad = append(bad, i)
		default:
			good = append(good, i)
		}
	}
	all := slices.Concat(bad, good)
	for _, i := range all[:min(len(all), mostEvents)] {
		x.items[i].tell(r.Loop, &x.states[i])
	}
	if rest := len(all) - mostEvents; rest > 0 {
		r.event(r.o, corev1.EventTypeNormal, "Summary", "Translate", fmt.Sprintf("%d more Ingresses moved, or are ready or not now: their IngressTranslations say so", rest))
	}
}

// news tells whether an Ingress moved, or came to be ready or not.
func (it *item) news(s *v1alpha1.IngressTranslationStatus, now *metav1.Condition) bool {
	if it.it == nil || it.was != s.Phase {
		return it.it != nil || it.cluster != nil
	}
	old := meta.FindStatusCondition(it.it.Status.Conditions, v1alpha1.ConditionReady)
	return old == nil || old.Status != now.Status || old.Reason != now.Reason
}

func (it *item) tell(l *Loop, s *v1alpha1.IngressTranslationStatus) {
	var about runtime.Object = it.it
	if it.cluster != nil {
		about = it.cluster
	}
	now := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady)
	kind, note := corev1.EventTypeNormal, fmt.Sprintf("Phase %s", s.Phase)
	if now.Status != metav1.ConditionTrue {
		kind = corev1.EventTypeWarning
	}
	if now.Message != "" {
		note += ": " + now.Message
	}
	l.event(about, kind, now.Reason, "Translate", note)
}

func (r *round) reportMigration(ctx context.Context, t *troubles, total v1alpha1.Totals, unready int) error {
	a := &r.m.applied
	s := v1alpha1.MigrationStatus{
		ObservedGeneration: r.o.Generation, Ingresses: total, Objects: int32(a.count), Drifted: int32(len(a.drifted)), MeshConfig: meshYAML(r.m.mesh),
		Conditions: slices.Clone(r.o.Status.Conditions),
	}
	applied := condition(v1alpha1.ConditionApplied, true, v1alpha1.ReasonApplied, fmt.Sprintf("%d objects", a.count))
	switch {
	case len(r.problems) > 0:
		applied = condition(v1alpha1.ConditionApplied, false, r.problems[0].reason, r.problems[0].message)
	case r.paused():
		applied = condition(v1alpha1.ConditionApplied, false, v1alpha1.ReasonSuspended, "Nothing is changed at the gateways")
	case len(t.shared) > 0:
		applied = failed(t.shared)
	case len(t.left) > 0:
		applied = failed([]apply.Result{t.first})
	}
	drifted := condition(v1alpha1.ConditionDrifted, false, v1alpha1.ReasonNoDrift, "")
	if len(a.drifted) > 0 {
		reason := v1alpha1.ReasonChanged
		for _, why := range a.drifted {
			if why == v1alpha1.ReasonProtection {
				reason = why
			}
		}
		drifted = condition(v1alpha1.ConditionDrifted, true, reason, fmt.Sprintf("%d objects are not as they were applied", len(a.drifted)))
	}
	ready := condition(v1alpha1.ConditionReady, true, v1alpha1.ReasonDone, "")
	switch {
	case applied.Status != metav1.ConditionTrue && applied.Reason != v1alpha1.ReasonSuspended:
		ready = condition(v1alpha1.ConditionReady, false, applied.Reason, applied.Message)
	case len(r.m.blocking) > 0:
		ready = condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonBlocked, r.m.blocking[0].Code+": "+r.m.blocking[0].Message)
	case unready > 0:
		ready = condition(v1alpha1.ConditionReady, false, v1alpha1.ReasonNotEveryIngress, fmt.Sprintf("%d of %d Ingresses are not ready", unready, len(r.items)))
	}
	return r.writeMigration(ctx, r.o, s, ready, applied, drifted)
}

func (l *Loop) writeMigration(ctx context.Context, o *v1alpha1.Migration, s v1alpha1.MigrationStatus, conditions ...metav1.Condition) error {
	old := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReady)
	for _, c := range conditions {
		c.ObservedGeneration = o.Generation
		meta.SetStatusCondition(&s.Conditions, c)
	}
	if sameStatus(o.Status, s) {
		return nil
	}
	if _, err := l.applyStatus(ctx, own("Migration", "", o.Name), s); err != nil {
		return fmt.Errorf("writing the status of Migration %s: %w", o.Name, err)
	}
	o.Status = s // what is read may be older
	now := meta.FindStatusCondition(s.Conditions, v1alpha1.ConditionReady)
	if old == nil || old.Status != now.Status || old.Reason != now.Reason {
		kind := corev1.EventTypeNormal
		if now.Status != metav1.ConditionTrue {
			kind = corev1.EventTypeWarning
		}
		l.event(o, kind, now.Reason, "Migrate", now.Message)
	}
	return nil
}

// stuck says why a Migration cannot go on. What it applied stays.
func (l *Loop) stuck(ctx context.Context, o *v1alpha1.Migration, p problem) error {
	s := o.Status
	s.ObservedGeneration, s.Conditions = o.Generation, slices.Clone(o.Status.Conditions)
	return l.writeMigration(ctx, o, s, condition(v1alpha1.ConditionReady, false, p.reason, p.message))
}

// show updates the metrics.
func (l *Loop) show(in *input) {
	l.shown = time.Now()
	var s metrics.State
	for i := range in.migrations {
		m := l.migrations[in.migrations[i].Name]
		if c := meta.FindStatusCondition(in.migrations[i].Status.Conditions, v1alpha1.ConditionReady); c != nil {
			s.Migration(c.Reason)
		}
		if m == nil {
			continue
		}
		for _, reason := range m.applied.drifted {
			s.Drifted(reason)
		}
		for _, res := range m.applied.results {
			s.Unapplied(string(res.State))
		}
		for _, d := range m.applied.desired {
			s.Object(d.Kind, d.Team())
		}
		for key, i := range m.infos {
			for f, n := range i.codes {
				s.Findings(f, key.Namespace, n)
			}
		}
		s.Phases(m.totals)
	}
	l.Metrics.Show(&s)
}
