package reports

import (
	"io"
	"strconv"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// writeTables writes the numbers of a report.
func writeTables(w io.Writer, r *Report) error {
	n := strconv.Itoa
	err := writeTable(w, []string{"Ingresses", "Converted", "Skipped", "Failed"}, [][]string{{n(r.Counts.In), n(r.Counts.Converted), n(r.Counts.Skipped), n(r.Counts.Failed)}})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, o := range r.Objects {
		rows = append(rows, []string{Clean(o.Kind, objectLength), n(o.Platform), n(o.Teams)})
	}
	if len(rows) > 0 {
		if err := blankAndTable(w, []string{"Objects", "Platform", "Teams"}, rows); err != nil {
			return err
		}
	}
	header, counts := []string{"Findings"}, []string{n(len(r.Findings) + r.Suppressed)}
	for _, c := range r.Classes {
		header, counts = append(header, string(c.Class)), append(counts, n(c.Count))
	}
	return blankAndTable(w, header, [][]string{counts})
}

func blankAndTable(w io.Writer, header []string, rows [][]string) error {
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return writeTable(w, header, rows)
}

// writeTable writes a table with a line below its header and no frame. Numbers stand to the right.
func writeTable(w io.Writer, header []string, rows [][]string) error {
	align := make([]tw.Align, len(header))
	for i := range align {
		align[i] = tw.AlignRight
		if len(rows) > 0 && rows[0][i] != "" && (rows[0][i][0] < '0' || rows[0][i][0] > '9') {
			align[i] = tw.AlignLeft
		}
	}
	table := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off}},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
	)
	table.Header(header)
	if err := table.Bulk(rows); err != nil {
		return err
	}
	return table.Render()
}
