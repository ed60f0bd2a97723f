package reports

import (
	"fmt"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Effort says how work is estimated. It is a rule of thumb that gives teams an order of magnitude and makes them comparable; the
// formula is shown wherever its result is.
type Effort struct {
	Text    string
	Move    int // minutes for each Ingress that is moved
	Weights []Weight
}

// Weight is what findings of one class cost: the first of its kind (code and field) in a team has to be understood, the
// others only to be done.
type Weight struct {
	Of           string // a class, "blocking" for protections that were withheld, "other" for findings without a class, and for notes
	First, Again int    // minutes
}

const (
	weightBlocking = "blocking"
	weightOther    = "other"
)

func effort() Effort {
	e := Effort{Move: 10, Weights: []Weight{
		{weightBlocking, 240, 30},
		{string(finding.Refused), 240, 30},
		{string(finding.Manual), 120, 10},
		{string(finding.Approximate), 30, 1},
		{string(finding.Invalid), 15, 2},
		{string(finding.Unknown), 15, 2},
		{weightOther, 30, 2},
	}}
	parts := make([]string, len(e.Weights))
	for i, w := range e.Weights {
		parts[i] = fmt.Sprintf("%s %d/%d", w.Of, w.First, w.Again)
	}
	e.Text = fmt.Sprintf("%d minutes for each Ingress that is moved; and for each kind of finding (code and field) of a team, minutes for the first and for each further one: %s.",
		e.Move, strings.Join(parts, ", "))
	return e
}

func (e *Effort) task(t *Task) int {
	of := string(t.class)
	switch {
	case t.Blocking:
		of = weightBlocking
	case of == "" || t.Severity == finding.Info:
		of = weightOther
	}
	for _, w := range e.Weights {
		if w.Of == of {
			return w.First + w.Again*(t.Count-1)
		}
	}
	return 0
}

// addEffort gives teams their effort, and counts what blocks.
func (b *describer) addEffort(all []finding.Finding) {
	teams, namespaces := map[string]*Group{}, map[string]*Group{}
	for _, g := range b.Namespaces {
		namespaces[g.Name] = g
	}
	for _, g := range b.Teams {
		teams[g.Name] = g
		g.Minutes = b.Effort.Move * g.Readiness.Moving()
	}
	for _, w := range b.Work {
		if g := teams[w.Owner]; g != nil {
			g.Minutes += w.Minutes
		}
	}
	for i := range all {
		if in := b.byObject[all[i].Origin.Object]; in != nil && all[i].Blocking() {
			teams[in.Team].Blocking++
			namespaces[in.Object.Namespace].Blocking++
		}
	}
}
