package sync

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// troubles are what is wrong with the objects of each Ingress.
type troubles struct {
	results map[snapshot.Key][]apply.Result
	drifted map[snapshot.Key][]string  // reasons and objects
	lost    map[snapshot.Key]bool      // a protection is among them
	shared  []apply.Result             // of objects that belong to no Ingress
	drift   []string                   // of those
	left    map[apply.Ref]apply.Result // of objects that are to go and do not
	first   apply.Result               // of those
}

func (r *round) troubles() troubles {
	a := &r.m.applied
	t := troubles{results: map[snapshot.Key][]apply.Result{}, drifted: map[snapshot.Key][]string{}, lost: map[snapshot.Key]bool{}, left: map[apply.Ref]apply.Result{}}
	for _, ref := range sortedRefs(a.results) {
		res, d := a.results[ref], a.desired[ref]
		if d == nil {
			if len(t.left) == 0 {
				t.first = res
			}
			t.left[ref] = res
			continue
		}
		if len(d.Origins()) == 0 {
			t.shared = append(t.shared, res)
			continue
		}
		for _, k := range d.Origins() {
			t.results[k] = append(t.results[k], res)
		}
	}
	for _, ref := range sortedRefs(a.drifted) {
		d := a.desired[ref]
		if d == nil || len(d.Origins()) == 0 {
			t.drift = append(t.drift, ref.String())
			continue
		}
		for _, k := range d.Origins() {
			t.drifted[k] = append(t.drifted[k], ref.String())
			t.lost[k] = t.lost[k] || a.drifted[ref] == v1alpha1.ReasonProtection
		}
	}
	return t
}

func sortedRefs[T any](m map[apply.Ref]T) []apply.Ref {
	refs := make([]apply.Ref, 0, len(m))
	for r := range m {
		refs = append(refs, r)
	}
	slices.SortFunc(refs, apply.Compare)
	return refs
}

func condition(kind string, is bool, reason, message string) metav1.Condition {
	c := metav1.Condition{Type: kind, Status: metav1.ConditionFalse, Reason: reason, Message: short(message)}
	if is {
		c.Status = metav1.ConditionTrue
	}
	return c
}

// status says what became of an Ingress.
func (r *round) status(it *item, t *troubles) v1alpha1.IngressTranslationStatus {
	i := r.infoOf(it)
	s := v1alpha1.IngressTranslationStatus{
		Phase: it.decision.Phase, WantedPhase: it.wanted, Hosts: it.source.Hosts[:min(len(it.source.Hosts), mostHosts)],
		Findings: i.counts, BlockingCount: i.blockingCount, Blocking: i.blocking, ObjectCount: i.objectCount, Objects: i.objects,
	}
	switch {
	case it.cluster != nil:
		s.IngressGeneration = it.cluster.Generation
	case it.it != nil:
		s.IngressGeneration = it.it.Status.IngressGeneration
	}
	translated := condition(v1alpha1.ConditionTranslated, true, v1alpha1.ReasonTranslated, "All protections are carried over")
	switch {
	case it.decision.Phase == v1alpha1.PhaseExcluded:
		translated = condition(v1alpha1.ConditionTranslated, false, v1alpha1.ReasonExcluded, "The Ingress is left alone")
	case i.dropped != "":
		translated = condition(v1alpha1.ConditionTranslated, false, v1alpha1.ReasonDropped, i.dropped)
	case i.blockingCount > 0:
		b := i.blocking[0]
		translated = condition(v1alpha1.ConditionTranslated, false, v1alpha1.ReasonBlocked, fmt.Sprintf("%s: %s%s", b.Code, b.Message, r.unreadUsers(it)))
	}
	applied := r.appliedCondition(it, i, t)
	drifted := condition(v1alpha1.ConditionDrifted, false, v1alpha1.ReasonNoDrift, "")
	if some := t.drifted[it.key]; len(some) > 0 {
		reason := v1alpha1.ReasonChanged
		if t.lost[it.key] {
			reason = v1alpha1.ReasonProtection
		}
		drifted = condition(v1alpha1.ConditionDrifted, true, reason, strings.Join(some, ", ")+" is not as it was applied")
	}
	ready := r.readyCondition(it, &translated, &applied, &drifted)
	if it.it != nil {
		s.Conditions = slices.Clone(it.it.Status.Conditions)
	}
	for _, c := range [...]metav1.Condition{ready, translated, applied, drifted} {
		meta.SetStatusCondition(&s.Conditions, c)
	}
	return s
}

// unreadUsers says which Secrets with users an Ingress names that may not be read.
func (r *round) unreadUsers(it *item) (text string) {
	for _, k := range it.source.Users {
		if why := r.broken[k]; why != "" {
			text += fmt.Sprintf("; Secret %s: %s", k, why)
		}
	}
	return text
}

// infoOf is what is said of an Ingress: by the translation that is applied, if it is.
func (r *round) infoOf(it *item) *info {
	var i *info
	switch {
	case phase.Rank(it.decision.Phase) >= phase.Rank(v1alpha1.PhaseLive):
		i = r.m.live.infos[it.key]
	case it.decision.Phase == v1alpha1.PhaseShadow:
		i = r.m.shadow.infos[it.key]
	}
	return cmp.Or(i, r.m.infos[it.key], &info{})
}

func (r *round) appliedCondition(it *item, i *info, t *troubles) metav1.Condition {
	is := func(ok bool, reason, message string) metav1.Condition {
		return condition(v1alpha1.ConditionApplied, ok, reason, message)
	}
	switch it.decision.Phase {
	case v1alpha1.PhaseExcluded:
		return is(false, v1alpha1.ReasonExcluded, "The Ingress is left alone")
	case v1alpha1.PhasePreview:
		for _, o := range i.objects {
			if res, is := t.left[apply.Ref{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}]; is && o.Namespace == it.key.Namespace {
				return failed([]apply.Result{res})
			}
		}
		return is(false, v1alpha1.ReasonPreview, fmt.Sprintf("%d objects would be applied", i.objectCount))
	case v1alpha1.PhaseReleased:
		return is(true, v1alpha1.ReasonReleased, "The team's objects are the team's alone")
	}
	if some := t.results[it.key]; len(some) > 0 {
		return failed(some)
	}
	switch {
	case i.taken != "":
		return is(false, v1alpha1.ReasonHostTaken, i.taken)
	case len(t.shared) > 0:
		return failed(t.shared)
	case r.paused():
		return is(it.was == it.decision.Phase, v1alpha1.ReasonSuspended, "Nothing is changed at the gateway")
	}
	return is(true, v1alpha1.ReasonApplied, fmt.Sprintf("%d objects are applied", i.objectCount))
}

// failed says what is wrong with objects: of those that only wait for others, what became of these.
func failed(some []apply.Result) metav1.Condition {
	worst := some[max(0, slices.IndexFunc(some, func(x apply.Result) bool { return x.State != apply.Waits }))]
	return condition(v1alpha1.ConditionApplied, false, string(cmp.Or(worst.Cause, worst.State)), worst.Message)
}

func (r *round) readyCondition(it *item, translated, applied, drifted *metav1.Condition) metav1.Condition {
	is := func(ok bool, reason, message string) metav1.Condition {
		return condition(v1alpha1.ConditionReady, ok, reason, message)
	}
	d := it.decision
	switch {
	case it.word != "":
		return is(false, v1alpha1.ReasonInvalid, fmt.Sprintf("%s: %q is none of excluded, preview, shadow, live, released", v1alpha1.AnnotationPhase, it.word))
	case it.refused != "":
		return is(false, v1alpha1.ReasonRejected, it.stuck())
	case it.suspended:
		return is(false, v1alpha1.ReasonSuspended, "What is applied stays as it is, because the Ingress says "+v1alpha1.AnnotationSuspend)
	case !r.Apply && phase.Rank(it.wanted) > phase.Rank(v1alpha1.PhasePreview):
		return is(false, v1alpha1.ReasonSuspended, "The operator runs for previews only")
	case r.m.settings.Spec.Suspend:
		return is(false, v1alpha1.ReasonSuspended, "The Migration is suspended")
	case d.Phase == v1alpha1.PhaseExcluded:
		return is(true, v1alpha1.ReasonExcluded, "The Ingress is left alone")
	case it.keptReason != "":
		return is(false, it.keptReason, it.kept)
	case d.Reason != "":
		return is(false, d.Reason, it.heldBack())
	case translated.Status != metav1.ConditionTrue:
		return is(false, translated.Reason, translated.Message)
	case it.gone && d.Phase != v1alpha1.PhaseReleased:
		return is(false, v1alpha1.ReasonSourceGone, "The Ingress was deleted, or is not selected any more: what serves it is kept. Delete this object to remove it")
	case applied.Status != metav1.ConditionTrue && applied.Reason != v1alpha1.ReasonPreview:
		return is(false, v1alpha1.ReasonNotApplied, applied.Message)
	case drifted.Status == metav1.ConditionTrue:
		return is(false, drifted.Reason, drifted.Message)
	}
	for _, k := range it.source.Certificates {
		if why := r.broken[k]; why != "" {
			return is(false, v1alpha1.ReasonCertificate, fmt.Sprintf("Secret %s: %s; the gateway keeps the last good copy, if it has one", k, why))
		}
	}
	for _, h := range it.source.Hosts {
		if other := r.excluded[h]; other != "" {
			return is(true, v1alpha1.ReasonDone, fmt.Sprintf("Ingress %s, which has host %s in common with it, is excluded: at the gateway, requests for its paths get what the rest of the host has for them", other, h))
		}
	}
	return is(true, v1alpha1.ReasonDone, "")
}

// heldBack says what holds an Ingress back.
func (it *item) heldBack() string {
	d := it.decision
	switch {
	case it.wanted == v1alpha1.PhaseExcluded:
		return fmt.Sprintf("It stays in phase %s as long as Ingress %s, which has a host in common with it: without it, requests for its paths would get what the rest of the host has for them", d.Phase, d.Because)
	case d.Reason == v1alpha1.ReasonShadowImpossible:
		return "The Migration names no shadow gateway"
	case d.Reason == v1alpha1.ReasonBlocked && d.Because == "":
		return fmt.Sprintf("It stays in phase %s, because a protection cannot be carried over", d.Phase)
	case d.Reason == v1alpha1.ReasonBlocked:
		return fmt.Sprintf("It stays in phase %s, because a protection of Ingress %s, which has a host in common with it, cannot be carried over", d.Phase, d.Because)
	case d.Because == "":
		return fmt.Sprintf("It stays in phase %s", d.Phase)
	}
	return fmt.Sprintf("It stays in phase %s with Ingress %s, which has a host in common with it", d.Phase, d.Because)
}

// sameStatus tells whether nothing of a status changed.
func sameStatus[T any](a, b T) bool { return equality.Semantic.DeepEqual(a, b) }
