package diff

import (
	"cmp"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Translation is what Explain needs to know of the wanted objects, and how to make others.
type Translation struct {
	Snapshot *snapshot.Snapshot
	// Before is the input of the other side, if that is a translation, too.
	Before    *snapshot.Snapshot
	Findings  []finding.Finding
	Translate func(*snapshot.Snapshot) []*manifest.Object
	// Work bounds how many Ingresses are translated once more, counted each time; 0 means 10,000.
	Work int
}

const defaultWork = 10_000

// Explain finds what causes the changes: the Ingresses that an object was made from, and of those the annotation or setting
// without which the place would be another. That is tried, not guessed: the input is translated again without it (or, if there
// is an input to compare with, with what it says there), and what differs then is caused by it.
func Explain(d *Diff, t Translation) {
	var changed []*Change
	for i := range d.Changes {
		c := &d.Changes[i]
		if c.Changed() {
			c.Causes = ofIngresses(c.Origins)
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 || t.Translate == nil {
		return
	}
	x := &explanation{Translation: t, changes: changed, targets: worthExplaining(d), budget: cmp.Or(t.Work, defaultWork)}
	if len(x.targets) == 0 {
		return
	}
	if x.edits = x.candidates(); x.cost() > x.budget {
		x.narrow()
		x.edits = x.candidates()
	}
	if x.cost() > x.budget && x.Before == nil {
		x.edits = grouped(x.effective()) // what Ingresses as a whole cause is less worth knowing
	}
	if !x.run() {
		d.Notices = append(d.Notices, "There is too much input to find out which annotations cause the changes: the Ingresses are named only. Fewer at a time are explained: -n, -l, -f.")
	}
	for _, c := range changed {
		c.settle(t.Before != nil)
	}
}

// worthExplaining are the changes of which the Ingress is not all there is to say: where everything that an Ingress makes is
// new, the Ingress is.
func worthExplaining(d *Diff) []*Change {
	known := map[*finding.Object]bool{}
	anything := false
	for i := range d.Changes {
		if c := &d.Changes[i]; c.Action != Created && c.Action != Skipped {
			anything = true
			for _, o := range c.Origins {
				known[o.Object] = true
			}
		}
	}
	var out []*Change
	for i := range d.Changes {
		c := &d.Changes[i]
		fresh := c.Action == Created && (!anything || len(c.Origins) > 0) &&
			!slices.ContainsFunc(c.Origins, func(o finding.Origin) bool { return known[o.Object] })
		if c.Changed() && !fresh {
			out = append(out, c)
		}
	}
	return out
}

// ofIngresses are origins without their fields, each object once.
func ofIngresses(origins []finding.Origin) []Cause {
	var out []Cause
	for _, o := range origins {
		if o.Object != nil && !slices.ContainsFunc(out, func(c Cause) bool { return c.Origin.Object == o.Object }) {
			out = append(out, Cause{finding.Origin{Object: o.Object}})
		}
	}
	return out
}

type explanation struct {
	Translation
	changes []*Change
	targets []*Change // of these, those to explain
	edits   []group
	budget  int
	base    map[string]*manifest.Object
}

// group are edits of the same key in several objects: they are tried together first.
type group struct {
	field string
	edits []edit
}

// edit makes an input that lacks one thing, or has it as it was.
type edit struct {
	origin finding.Origin
	apply  func(*snapshot.Snapshot)
}

// size is the cost of translating once.
func (x *explanation) size() int { return max(len(x.Snapshot.Ingresses), 1) }

// cost is that of trying every group once.
func (x *explanation) cost() int { return (len(x.edits) + 1) * x.size() }

// run tries the edits, and says false if there was not enough budget for all.
func (x *explanation) run() bool {
	if x.cost() > x.budget {
		return false
	}
	x.base = byKey(x.translate(nil))
	complete := true
	for _, g := range x.edits {
		hits := x.try(g.edits)
		if len(hits) == 0 {
			continue
		}
		if len(g.edits) == 1 {
			x.blame(hits, g.edits[0].origin)
			continue
		}
		for _, e := range g.edits {
			if x.size() > x.budget {
				complete = false
				break
			}
			x.blame(x.try([]edit{e}), e.origin)
		}
	}
	return complete
}

// place is a place of a change: a field of it, or all of it (-1).
type place struct {
	change *Change
	field  int
	around bool // what differs is something that the place is in
}

// try translates an edited input and says what differs by it among the changes.
func (x *explanation) try(edits []edit) []place {
	other := byKey(x.translate(edits))
	var out []place
	for _, c := range x.targets {
		key := c.ID.Key()
		a, b := other[key], x.base[key]
		switch {
		case a == nil && b == nil:
		case c.Action != Configured:
			if a == nil || b == nil {
				out = append(out, place{c, -1, false})
			}
		case a == nil || b == nil: // it is there with all that is in it, or not at all
			for i := range c.Fields {
				out = append(out, place{c, i, true})
			}
		default:
			differing := Fields(tree(a), tree(b))
			for i := range c.Fields {
				if in, around := touches(differing, c.Fields[i].Path); in || around {
					out = append(out, place{c, i, !in})
				}
			}
		}
	}
	return out
}

// touches tells whether something differs in a place, or around it.
func touches(fields []Field, p Path) (in, around bool) {
	for _, f := range fields {
		in = in || f.Path.Within(p)
		around = around || p.Within(f.Path)
	}
	return in, around
}

func (x *explanation) blame(places []place, o finding.Origin) {
	for _, p := range places {
		if o.Field == "" && len(p.change.Origins) > 0 && x.Before == nil {
			continue // its Ingresses are known
		}
		if p.field < 0 {
			p.change.decisive = append(p.change.decisive, Cause{o})
			continue
		}
		f := &p.change.Fields[p.field]
		if p.around {
			f.around = append(f.around, Cause{o})
			continue
		}
		f.Causes = append(f.Causes, Cause{o})
	}
}

func (x *explanation) translate(edits []edit) []*manifest.Object {
	x.budget -= x.size()
	s := *x.Snapshot
	s.Ingresses = slices.Clone(s.Ingresses)
	for _, e := range edits {
		e.apply(&s)
	}
	return x.Translate(&s)
}

func byKey(objects []*manifest.Object) map[string]*manifest.Object {
	out := make(map[string]*manifest.Object, len(objects))
	for _, o := range objects {
		out[IDOf(o).Key()] = o
	}
	return out
}

// tree is an object of a translation in the form in which objects are compared.
func tree(o *manifest.Object) map[string]any { return tidy(manifest.Unstructured(o).Object) }

// settle leaves out what is said more exactly elsewhere: Ingresses if it is known what decides whether the object is there at
// all, an Ingress of which an annotation is named, and Ingresses where every field has causes of its own.
//
// That a thing would not be there at all without an annotation explains why there is a value in it, but not why there is none
// any more; unless the annotations that were tried are those that are known to have changed.
func (c *Change) settle(known bool) {
	for i := range c.Fields {
		if f := &c.Fields[i]; len(f.Causes) == 0 && (known || f.WantedHere) {
			f.Causes = f.around
		}
	}
	if len(c.decisive) > 0 {
		c.Causes = c.decisive
	}
	c.Causes = exactest(c.Causes)
	for i := range c.Fields {
		c.Fields[i].Causes = exactest(c.Fields[i].Causes)
	}
	explained := c.Action == Configured && !slices.ContainsFunc(c.Fields, func(f Field) bool { return len(f.Causes) == 0 })
	if explained {
		c.Causes = nil
	}
}

func exactest(causes []Cause) []Cause {
	sortCauses(causes)
	return slices.DeleteFunc(causes, func(c Cause) bool {
		return c.Origin.Field == "" && slices.ContainsFunc(causes, func(o Cause) bool { return o.Origin.Object == c.Origin.Object && o.Origin.Field != "" })
	})
}

func sortCauses(causes []Cause) {
	slices.SortStableFunc(causes, func(a, b Cause) int {
		return finding.Compare(&finding.Finding{Origin: a.Origin}, &finding.Finding{Origin: b.Origin})
	})
}
