// Package diff compares what there is with what is wanted: field by field, with what causes a difference and who owns the
// field. It reads nothing and asks nobody.
package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Action is what applying the wanted objects would do to one of them, in Flux's words.
type Action string

// The actions.
const (
	Created    Action = "created"
	Configured Action = "configured"
	Unchanged  Action = "unchanged"
	Pruned     Action = "pruned"  // ours, and no longer wanted
	Skipped    Action = "skipped" // cannot be compared, see Reason
)

// Actions lists the actions in the order in which they are counted.
func Actions() []Action { return []Action{Created, Configured, Unchanged, Pruned, Skipped} }

// ID names an object.
type ID struct{ APIVersion, Kind, Namespace, Name string }

// Group is the API group; "" for core kinds.
func (i ID) Group() string {
	if group, _, ok := strings.Cut(i.APIVersion, "/"); ok {
		return group
	}
	return ""
}

// String is "Kind namespace/name".
func (i ID) String() string {
	if i.Namespace == "" {
		return i.Kind + " " + i.Name
	}
	return i.Kind + " " + i.Namespace + "/" + i.Name
}

// Key is the same for all versions of an object.
func (i ID) Key() string {
	return i.Group() + "\x00" + i.Kind + "\x00" + i.Namespace + "\x00" + i.Name
}

func compareIDs(a, b ID) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.APIVersion, b.APIVersion))
}

// IDOf names an object of a translation.
func IDOf(o *manifest.Object) ID { return ID{o.APIVersion, o.Kind, o.Namespace, o.Name} }

// TreeID names an object that was read.
func TreeID(tree map[string]any) ID {
	md, _ := tree["metadata"].(map[string]any)
	text := func(m map[string]any, key string) string { s, _ := m[key].(string); return s }
	return ID{text(tree, "apiVersion"), text(tree, "kind"), text(md, "namespace"), text(md, "name")}
}

// Pair is an object as it is and as it would be.
type Pair struct {
	ID      ID
	Owner   string           // namespace of the team that owns it; "" for the platform
	Origins []finding.Origin // what in the input made it

	Live   map[string]any // nil: there is none
	Wanted map[string]any // nil: it is no longer wanted
	// Stated is what the translation says where Wanted also holds what the server or others add; nil where they are the same.
	Stated map[string]any

	Conflicts  []Conflict
	Notices    []string // what else there is to know
	Reason     string   // why it cannot be compared; "" when it can
	Incomplete bool     // was compared, but not as the server would
}

// Conflict is a field that somebody else manages with another value.
type Conflict struct{ Manager, Field string }

// Change is a compared object.
type Change struct {
	Pair
	Action Action
	Fields []Field // that differ; for Configured only
	Causes []Cause // of the object, where it is not a matter of single fields

	managers []string // of the live object
	decisive []Cause  // without which the object would not be there, or would be
}

// Field is a difference in one place of an object.
type Field struct {
	Path                  Path
	Live, Wanted          any // masked and cleaned
	LiveThere, WantedHere bool
	Managers              []string // who manages the live field
	Causes                []Cause

	around []Cause // of what the place is in
}

// Cause is a place of the input that a difference comes from.
type Cause struct{ Origin finding.Origin }

// Diff is a comparison.
type Diff struct {
	Changes []Change // sorted by kind, namespace, name
	Notices []string // about the comparison as a whole
}

// Compare compares pairs. Their trees are not changed.
func Compare(pairs []Pair) *Diff {
	d := &Diff{Changes: make([]Change, 0, len(pairs))}
	for _, p := range pairs {
		d.Changes = append(d.Changes, compare(p))
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int { return compareIDs(a.ID, b.ID) })
	return d
}

func compare(p Pair) Change {
	c := Change{Pair: p}
	if p.Reason != "" {
		c.Action, c.Live, c.Wanted = Skipped, nil, nil
		return c
	}
	owners := managersOf(p.Live)
	c.managers = owners.names()
	c.Notices = append(slices.Clone(c.Notices), keptNotices(owners, p.Stated)...)
	c.Live, c.Wanted = tidy(p.Live), tidy(p.Wanted)
	mask(c.Live, c.Wanted)
	switch {
	case c.Live == nil:
		c.Action = Created
	case c.Wanted == nil:
		c.Action = Pruned
		if from := inMetadata(c.Live, "annotations", originAnnotation); from != "" && len(c.Origins) == 0 {
			c.Notices = append(c.Notices, "was made from "+from)
		}
		if migration := inMetadata(c.Live, "labels", migrationLabel); migration != "" {
			c.Notices = append(c.Notices, "the operator keeps it for Migration "+migration)
		}
	default:
		c.Fields = Fields(c.Live, c.Wanted)
		c.Action = Configured
		if len(c.Fields) == 0 {
			c.Action = Unchanged
		}
	}
	for i := range c.Fields {
		c.Fields[i].Managers = owners.of(c.Fields[i].Path)
	}
	return c
}

// originAnnotation is where a translation writes down which Ingresses an object comes from.
const originAnnotation = "ingress2gw.io/origin"

// migrationLabel is where the operator writes down for which Migration it keeps an object.
const migrationLabel = "ingress2gw.io/migration"

func inMetadata(tree map[string]any, part, key string) string {
	md, _ := tree["metadata"].(map[string]any)
	all, _ := md[part].(map[string]any)
	s, _ := all[key].(string)
	return s
}

// Count is the number of objects that an action is for.
func (d *Diff) Count(a Action) int {
	n := 0
	for i := range d.Changes {
		if d.Changes[i].Action == a {
			n++
		}
	}
	return n
}

// Differs tells whether anything would change.
func (d *Diff) Differs() bool { return d.Count(Created)+d.Count(Configured)+d.Count(Pruned) > 0 }

// Incomplete counts the objects about which the answer is not known, or not for certain.
func (d *Diff) Incomplete() int {
	n := 0
	for i := range d.Changes {
		if d.Changes[i].Action == Skipped || d.Changes[i].Incomplete {
			n++
		}
	}
	return n
}

// Conflicts counts the objects of which others manage fields with other values.
func (d *Diff) Conflicts() int {
	n := 0
	for i := range d.Changes {
		if len(d.Changes[i].Conflicts) > 0 {
			n++
		}
	}
	return n
}

// Changed tells whether applying would touch the object.
func (c *Change) Changed() bool {
	return c.Action == Created || c.Action == Configured || c.Action == Pruned
}
