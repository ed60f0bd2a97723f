// Package reports accounts for a translation to people and to machines: what was converted, what became of every value, and
// what has to be done by hand.
package reports

import (
	"cmp"
	"io"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Report is what a run has to say. Lists are sorted: equal runs give equal reports.
type Report struct {
	Version    string // of this program
	Counts     Counts
	Classes    []ClassCount
	Objects    []ObjectCount
	Findings   []finding.Finding
	Suppressed int              // findings that the user does not want to see
	Known      int              // findings that the baseline has; they are marked
	Compared   bool             // with a baseline
	Threshold  finding.Severity // at and above it the run fails; above all severities: it never does
	Details    *Details         // nil unless a format wants them

	hidden []finding.Finding // those that are suppressed
}

// Counts account for every Ingress met: In = Converted + Skipped + Failed.
type Counts struct {
	In        int `json:"in"`
	Converted int `json:"converted"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
}

// ClassCount is the number of values that ended in a class.
type ClassCount struct {
	Class finding.Class
	Count int
}

// ObjectCount is the number of objects of a kind that were made, by who owns them.
type ObjectCount struct {
	Kind            string
	Platform, Teams int
}

// Classes lists the finding classes in the order in which reports show them.
func Classes() []finding.Class {
	return []finding.Class{finding.Exact, finding.Approximate, finding.Noop, finding.Manual, finding.Refused, finding.Invalid, finding.Unknown}
}

// New makes the report of a run. It takes over the findings: there may be many.
func New(version string, counts Counts, objects []*manifest.Object, findings []finding.Finding) *Report {
	r := &Report{Version: version, Counts: counts, Objects: countObjects(objects), Findings: finding.Take(findings).Sorted()}
	byClass := map[finding.Class]int{}
	for i := range r.Findings {
		byClass[r.Findings[i].Class]++
	}
	for _, c := range Classes() {
		r.Classes = append(r.Classes, ClassCount{c, byClass[c]})
	}
	return r
}

func countObjects(objects []*manifest.Object) []ObjectCount {
	byKind := map[string]*ObjectCount{}
	for _, o := range objects {
		c := byKind[o.Kind]
		if c == nil {
			c = &ObjectCount{Kind: o.Kind}
			byKind[o.Kind] = c
		}
		if o.Owner == "" {
			c.Platform++
		} else {
			c.Teams++
		}
	}
	out := make([]ObjectCount, 0, len(byKind))
	for _, c := range byKind {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b ObjectCount) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// Suppress takes findings out of the report's lists; their number stays, and so do the counts by class. What blocks cannot be
// suppressed, only waived. nil: nothing is unwanted.
func (r *Report) Suppress(unwanted func(finding.Finding) bool) {
	if unwanted == nil {
		return
	}
	kept := r.Findings[:0]
	for _, f := range r.Findings {
		if !f.Blocking() && unwanted(f) {
			r.Suppressed++
			r.hidden = append(r.hidden, f)
			continue
		}
		kept = append(kept, f)
	}
	clear(r.Findings[len(kept):])
	r.Findings = kept
}

// Reached counts the findings that are at or above a severity and not in the baseline.
func (r *Report) Reached(s finding.Severity) int {
	return r.count(func(f finding.Finding) bool { return f.Severity() >= s && !f.Known })
}

// Blocking counts the findings about a protection that was withheld or lost without the user's consent, and that the baseline
// does not have.
func (r *Report) Blocking() int {
	return r.count(func(f finding.Finding) bool { return f.Blocking() && !f.Known })
}

// blocking counts all that blocks, known or not.
func (r *Report) blocking() int { return r.count(finding.Finding.Blocking) }

func (r *Report) count(is func(finding.Finding) bool) int {
	n := 0
	for _, f := range r.Findings {
		if is(f) {
			n++
		}
	}
	return n
}

// Format is a way to write a report to a file.
type Format struct {
	Name    string
	Details bool // wants a report with details
	Sources bool // wants to show where parts of objects come from
	Write   func(io.Writer, *Report) error
}

// Formats lists the formats of this package.
func Formats() []Format {
	return []Format{
		{Name: "text", Details: true, Write: func(w io.Writer, r *Report) error { return WriteText(w, r, TextOptions{All: true}) }},
		{Name: "table", Details: true, Write: func(w io.Writer, r *Report) error { return WriteRows(w, r, RowOptions{}) }},
		{Name: "wide", Details: true, Write: func(w io.Writer, r *Report) error { return WriteRows(w, r, RowOptions{Wide: true}) }},
		{Name: "json", Details: true, Write: WriteJSON},
		{Name: "yaml", Details: true, Write: WriteYAML},
		{Name: "markdown", Details: true, Write: WriteMarkdown},
		{Name: "sarif", Write: WriteSARIF},
		{Name: "junit", Details: true, Write: WriteJUnit},
	}
}
