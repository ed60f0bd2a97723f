package sync

import (
	"cmp"
	"slices"

	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// item is an Ingress of a Migration.
type item struct {
	key     snapshot.Key
	cluster *netv1.Ingress // nil if it is gone, or is not selected any more
	source  *inputs.Ingress
	version string // of source
	stamp   string // of all that a translation of it depends on; made when it is asked for
	it      *v1alpha1.IngressTranslation
	// gone: only what is remembered of it is left.
	gone, suspended bool
	wanted, was     v1alpha1.Phase
	explicit        bool
	word            string // what its annotation says, if that is no phase
	decision        phase.Decision
	// back: what was handed over is taken back before the Ingress goes to the phase target. kept says why that cannot be.
	back   bool
	target v1alpha1.Phase
	// leaving: it is to be handed over, and is live until everything is there.
	leaving          bool
	kept, keptReason string
	refused          string // why it cannot be remembered
	ready            bool   // as was reported
}

// items are the Ingresses that a Migration selects, and those that it still serves, in order.
func (l *Loop) items(in *input, m *migration) []*item {
	selected := l.selected(in, m)
	var out []*item
	for key := range selected {
		out = append(out, l.item(in, m, key))
	}
	for key, t := range in.translations {
		if t.Spec.Migration != m.name || selected[key] || in.remembered[key] == nil {
			continue
		}
		was := m.was(key, t)
		if phase.Rank(was) < phase.Rank(v1alpha1.PhaseLive) {
			was = v1alpha1.PhaseLive // it was about to be
		}
		if was == v1alpha1.PhaseLive && !m.keeps() {
			continue
		}
		out = append(out, &item{
			key: key, source: in.remembered[key], version: versionOf(t), it: t, gone: true, wanted: was, was: was, explicit: true,
		})
	}
	slices.SortFunc(out, func(a, b *item) int { return cmp.Compare(a.key.String(), b.key.String()) })
	return out
}

// was is how far an Ingress is.
func (m *migration) was(key snapshot.Key, t *v1alpha1.IngressTranslation) v1alpha1.Phase {
	return cmp.Or(m.phases[key], t.Status.Phase)
}

// selected are the Ingresses that a Migration is about.
func (l *Loop) selected(in *input, m *migration) map[snapshot.Key]bool {
	candidates := make([]*snapshot.Ingress, 0, len(in.read))
	for key := range in.read {
		if l.eligible(in, m, key) {
			candidates = append(candidates, in.read[key].Ingress)
		}
	}
	out := make(map[snapshot.Key]bool, len(candidates))
	for _, x := range m.takes(in, candidates) {
		out[snapshot.Key{Namespace: x.Namespace, Name: x.Name}] = true
	}
	return out
}

// eligible tells whether an Ingress is one that a Migration may be about, whatever its class.
func (l *Loop) eligible(in *input, m *migration, key snapshot.Key) bool {
	x, o, t := in.read[key], in.ingresses[key], in.translations[key]
	if x == nil || x.Ingress == nil || o.DeletionTimestamp != nil ||
		!m.settings.Namespaces.Matches(in.namespaces[key.Namespace]) || !m.settings.Ingresses.Matches(labels.Set(o.Labels)) {
		return false
	}
	// Else an older one has it.
	return t == nil || t.Spec.Migration == "" || t.Spec.Migration == m.name || l.migrations[t.Spec.Migration] == nil
}

// takes are those of some Ingresses that the Migration's controller takes: each by itself.
func (m *migration) takes(in *input, some []*snapshot.Ingress) []*snapshot.Ingress {
	s := snapshot.New()
	s.Classes, s.HasClasses, s.Ingresses = in.shared.Classes, true, some
	return translate.Selected(s, m.settings.Live.Source)
}

func (l *Loop) item(in *input, m *migration, key snapshot.Key) *item {
	o := in.ingresses[key]
	x := &item{key: key, cluster: o, source: in.read[key], version: versionOf(o), it: in.translations[key], wanted: m.settings.Default}
	x.was = m.phases[key]
	if x.it != nil && x.it.Spec.Migration == m.name {
		x.was = m.was(key, x.it)
	}
	if word, ok := o.Annotations[v1alpha1.AnnotationPhase]; ok {
		p := v1alpha1.Phase(word)
		switch {
		case phase.Known(p):
			x.wanted = p
		default: // a misspelt word moves nothing
			x.word = word
			x.wanted = cmp.Or(x.was, v1alpha1.PhasePreview)
		}
		x.explicit = true
	}
	if o.Annotations[v1alpha1.AnnotationSuspend] == "true" {
		x.suspended, x.explicit, x.wanted = true, true, cmp.Or(x.was, v1alpha1.PhasePreview)
		if old := in.remembered[key]; old != nil {
			x.source, x.version = old, versionOf(x.it)
		}
	}
	if why, ok := m.refusals[key]; ok {
		x.limit(why, in.remembered[key])
	}
	return x
}

// outside tells whether the Ingress is no part of its hosts.
func (it *item) outside() bool {
	return it.wanted == v1alpha1.PhaseExcluded && phase.Rank(it.was) < phase.Rank(v1alpha1.PhaseLive)
}
