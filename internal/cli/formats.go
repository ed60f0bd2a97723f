package cli

import "github.com/ingress2gw/ingress2gw/reports"

// formats are the formats of reports, in the order in which help shows them.
func formats() []reports.Format { return reports.Formats() }

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
