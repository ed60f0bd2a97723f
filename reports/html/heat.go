package html

import (
	"cmp"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// heat is a map of annotations: what becomes of their values, and which namespaces use them.
type heat struct {
	Keys       []string
	Classes    []finding.Class
	Namespaces []string // shown as columns
	Others     int      // namespaces that share the last column
	Rows       []heatRow
}

type heatRow struct {
	Key, Shown string
	Ingresses  int
	Classes    []cell
	Cells      []cell // of the namespaces, then of the others
}

// cell is a number and how dark it is.
type cell struct {
	Count int
	Heat  string
}

// heatColumns is how many namespaces have a column of their own.
const heatColumns = 16

func newHeat(f *fleet) heat {
	var h heat
	columns := slices.Clone(f.details.Namespaces)
	slices.SortStableFunc(columns, func(a, b *reports.Group) int { return cmp.Compare(b.Ingresses, a.Ingresses) })
	rest := 0
	if len(columns) > heatColumns+1 {
		for _, g := range columns[heatColumns:] {
			rest += g.Ingresses
		}
		h.Others = len(columns) - heatColumns
		columns = columns[:heatColumns]
	}
	for _, g := range columns {
		h.Namespaces = append(h.Namespaces, shownName(g.Name))
	}
	h.Classes = classesIn(f.details.Heat)
	for _, k := range byUse(f.details.Heat) {
		row := heatRow{Key: k.Key, Shown: shownKey(k.Key), Ingresses: k.Ingresses}
		for _, c := range h.Classes {
			n := k.Classes.Of(c)
			row.Classes = append(row.Classes, cell{n, shade(n, k.Ingresses, c != finding.Exact && c != finding.Noop)})
		}
		row.Classes[len(row.Classes)-1].Heat += " gap"
		left := k.Ingresses
		for _, g := range columns {
			n := k.Namespaces[g.Name]
			left -= n
			row.Cells = append(row.Cells, cell{n, shade(n, g.Ingresses, true)})
		}
		if h.Others > 0 {
			row.Cells = append(row.Cells, cell{left, shade(left, rest, true)})
		}
		h.Keys = append(h.Keys, k.Key)
		h.Rows = append(h.Rows, row)
	}
	return h
}

// byUse sorts keys: those used most first.
func byUse(rows []*reports.HeatRow) []*reports.HeatRow {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b *reports.HeatRow) int { return cmp.Compare(b.Ingresses, a.Ingresses) })
	return sorted
}

// classesIn are the classes that values of annotations ended in.
func classesIn(rows []*reports.HeatRow) []finding.Class {
	return slices.DeleteFunc(reports.Classes(), func(c finding.Class) bool {
		return !slices.ContainsFunc(rows, func(r *reports.HeatRow) bool { return r.Classes.Of(c) > 0 })
	})
}

// shade gives a share one of five shades. What needs no attention stays pale.
func shade(n, of int, warm bool) string {
	if n <= 0 || of <= 0 || !warm {
		return ""
	}
	return "q" + string("12345"[min(n*5/of, 4)])
}
