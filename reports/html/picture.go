package html

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/ingress2gw/ingress2gw/reports"
)

// bar is a horizontal bar of states.
type bar struct {
	Class, Label string
	Pieces       []piece
}

// piece is a part of a bar or column. Places and sizes are in the picture's own units.
type piece struct {
	State    reports.State
	At, Size string
}

// barUnits is the width of a full bar.
const barUnits = 1000

// newBar draws states as shares of whole.
func newBar(r reports.Readiness, whole int) bar {
	var b bar
	at := 0
	for _, s := range reports.States() {
		n := r.Of(s)
		if n == 0 {
			continue
		}
		b.Pieces = append(b.Pieces, piece{s, units(at, whole, barUnits), units(n, whole, barUnits)})
		at += n
	}
	return b
}

func units(n, whole, of int) string {
	if whole == 0 {
		return "0"
	}
	return strconv.FormatFloat(float64(n)*float64(of)/float64(whole), 'f', -1, 32)
}

// skyline draws every namespace as a column: as high as it has Ingresses, with its states one above the other.
type skyline struct {
	Title, Label string
	Most         int
	Columns      []column
}

type column struct {
	Title, At, Size string
	Pieces          []piece
}

// fewest is how many namespaces a skyline needs to say more than the table below it.
const fewest = 6

func newSkyline(namespaces []*reports.Group) *skyline {
	if len(namespaces) < fewest {
		return nil
	}
	sorted := byWork(namespaces)
	s := &skyline{Title: "Namespaces", Label: fmt.Sprintf("A column for each of %s namespaces: how many Ingresses it has, by state. The table below has the numbers.", num(len(sorted)))}
	for _, g := range sorted {
		s.Most = max(s.Most, g.Ingresses)
	}
	const height, width = 100, barUnits
	step := float64(width) / float64(len(sorted))
	gap := min(step*0.18, 4)
	for i, g := range sorted {
		c := column{
			Title: fmt.Sprintf("%s: %s", show(g.Name), inWords(g.Readiness)),
			At:    strconv.FormatFloat(float64(i)*step, 'f', -1, 32), Size: strconv.FormatFloat(step-gap, 'f', -1, 32),
		}
		below := 0
		for _, state := range reports.States() {
			n := g.Readiness.Of(state)
			if n == 0 {
				continue
			}
			below += n
			c.Pieces = append(c.Pieces, piece{state, units(s.Most-below, s.Most, height), units(n, s.Most, height)})
		}
		s.Columns = append(s.Columns, c)
	}
	return s
}

// inWords lists the states that occur.
func inWords(r reports.Readiness) string {
	var out string
	for _, s := range reports.States() {
		if n := r.Of(s); n > 0 {
			if out != "" {
				out += ", "
			}
			out += num(n) + " " + string(s)
		}
	}
	return out
}

// byWork sorts groups: most that is blocked first, then most work, then the largest.
func byWork(groups []*reports.Group) []*reports.Group {
	sorted := slices.Clone(groups)
	slices.SortStableFunc(sorted, func(a, b *reports.Group) int {
		return cmp.Or(
			cmp.Compare(b.Readiness.Blocked, a.Readiness.Blocked), cmp.Compare(b.Readiness.Work, a.Readiness.Work),
			cmp.Compare(b.Readiness.Moving(), a.Readiness.Moving()), cmp.Compare(a.Name, b.Name))
	})
	return sorted
}

// grouping is the readiness of one kind of group: namespaces, teams or classes.
type grouping struct {
	Title     string
	Top, Rest groupTable
}

type groupTable struct {
	Head, Filter string
	States       []reports.State
	WithEffort   bool
	Rows         []groupRow
}

type groupRow struct {
	*reports.Group
	Shown, Href string
	Bar         bar
}

// topGroups is how many groups are shown before the others are folded away.
const topGroups = 12

func groupings(f *fleet) []grouping {
	states := statesIn(f.details.Readiness)
	table := func(title, head, filter string, effort bool, groups []*reports.Group, href func(string) string) grouping {
		t := groupTable{Head: head, Filter: filter, States: states, WithEffort: effort}
		for _, g := range byWork(groups) {
			t.Rows = append(t.Rows, groupRow{g, shownName(g.Name), href(g.Name), newBar(g.Readiness, g.Ingresses)})
		}
		rest := t
		if len(t.Rows) > topGroups+1 {
			t.Rows, rest.Rows = t.Rows[:topGroups], rest.Rows[topGroups:]
		} else {
			rest.Rows = nil
		}
		return grouping{title, t, rest}
	}
	list := func(string) string { return "#ingresses" }
	out := []grouping{table("By namespace", "Namespace", "namespace", !f.teams, f.details.Namespaces, f.namespaceHref)}
	if f.teams {
		out = append(out, table("By team", "Team", "team", true, f.details.Teams, list))
	} else {
		minutesOfTeams(out[0], f.details.Teams)
	}
	return append(out, table("By class", "Class", "class", false, f.details.ByClass, list))
}

// minutesOfTeams gives namespaces the effort of the teams of the same name.
func minutesOfTeams(g grouping, teams []*reports.Group) {
	byName := map[string]int{}
	for _, t := range teams {
		byName[t.Name] = t.Minutes
	}
	for _, rows := range [][]groupRow{g.Top.Rows, g.Rest.Rows} {
		for i := range rows {
			c := *rows[i].Group
			c.Minutes = byName[c.Name]
			rows[i].Group = &c
		}
	}
}

func shownName(s string) string {
	if s == "" {
		return "(none)"
	}
	return reports.Clean(s, 120)
}
