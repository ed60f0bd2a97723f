package cli

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/html"
)

// formats are the formats of reports, in the order in which help shows them.
func formats() []reports.Format {
	page := reports.Format{Name: "html", Details: true, Sources: true, Write: html.Write}
	all := reports.Formats()
	at := slices.IndexFunc(all, func(f reports.Format) bool { return f.Name == "markdown" })
	return slices.Insert(all, at+1, page)
}

func lookupFormat(name string) (reports.Format, bool) {
	for _, f := range formats() {
		if f.Name == name {
			return f, true
		}
	}
	return reports.Format{}, false
}

func formatNames(suffix string) []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.Name+suffix)
	}
	return out
}
