package diff

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/ingress2gw/ingress2gw/reports"
)

// How long the cells of a table may be.
const (
	pathLength  = 72
	valueLength = 40
)

// WriteTable writes a line for each field that differs: where, what is there, what is wanted, who manages it, what causes it.
// Objects that come or go have one line. Below stands what else there is to know.
func WriteTable(w io.Writer, d *Diff) error {
	var rows [][]string
	var notes []string
	for i := range d.Changes {
		c := &d.Changes[i]
		rows = append(rows, c.rows()...)
		for _, r := range c.notes() {
			notes = append(notes, fmt.Sprintf("%s: %s", c.title(), r))
		}
	}
	var b bytes.Buffer
	if len(rows) > 0 {
		if err := writeRows(&b, rows); err != nil {
			return err
		}
	}
	for i, n := range notes {
		if i == 0 && len(rows) > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(reports.Clean(n, 0) + "\n")
	}
	_, err := b.WriteTo(w)
	return err
}

func writeRows(b *bytes.Buffer, rows [][]string) error {
	var out bytes.Buffer
	table := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off}},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
	)
	header := []string{"Action", "Object", "Path", "Live", "Wanted", "Manager", "From"}
	const manager = 5
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[manager] != "" }) { // files have none
		header = slices.Delete(header, manager, manager+1)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], manager, manager+1)
		}
	}
	table.Header(header)
	if err := table.Bulk(rows); err != nil {
		return err
	}
	if err := table.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(out.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return nil
}

// notes are the remarks that have no column.
func (c *Change) notes() []string {
	var out []string
	for _, r := range c.remarks() {
		if !strings.HasPrefix(r, "from ") {
			out = append(out, r)
		}
	}
	return out
}

func (c *Change) rows() [][]string {
	row := func(path, live, wanted string, managers []string, causes []Cause) []string {
		return []string{
			string(c.Action), reports.Clean(c.ID.String(), 0), reports.Clean(middle(path), 0), reports.Clean(live, valueLength), reports.Clean(wanted, valueLength),
			reports.Clean(strings.Join(managers, ", "), valueLength), reports.Clean(from(causes), 0),
		}
	}
	switch c.Action {
	case Created:
		return [][]string{row("", "", "(all)", nil, c.Causes)}
	case Pruned:
		return [][]string{row("", "(all)", "", c.managers, c.Causes)}
	case Configured:
		var out [][]string
		for _, f := range c.Fields {
			causes := f.Causes
			if len(causes) == 0 {
				causes = c.Causes
			}
			out = append(out, row(f.Path.String(), shown(f.Live, f.LiveThere), shown(f.Wanted, f.WantedHere), f.Managers, causes))
		}
		return out
	case Skipped:
		return [][]string{row("", "", "", nil, nil)}
	}
	return nil
}

// middle leaves out the middle of a long path: where it begins and where it ends say more.
func middle(path string) string {
	r := []rune(path)
	if len(r) <= pathLength {
		return path
	}
	const begin = pathLength / 3
	return string(r[:begin]) + "…" + string(r[len(r)-(pathLength-begin-1):])
}

// from names the first cause, without its place, and how many there are besides.
func from(causes []Cause) string {
	sortCauses(causes)
	seen := map[string]bool{}
	first := ""
	for _, c := range causes {
		text := strings.TrimSpace(c.Origin.Object.Ref() + " " + c.Origin.Field)
		if len(seen) == 0 {
			first = text
		}
		seen[text] = true
	}
	if len(seen) > 1 {
		return fmt.Sprintf("%s, %d more", first, len(seen)-1)
	}
	return first
}

// shown is a value in a table: text as it is, the rest as JSON.
func shown(v any, there bool) string {
	if !there {
		return ""
	}
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	return oneLine(v)
}
