package html

import (
	"cmp"
	"fmt"
	"html/template"
	"iter"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// page is what the templates show. Long lists are sequences: nothing of them is kept.
type page struct {
	code
	*reports.Report
	D *reports.Details

	Total           int
	Sections        []entry
	Verdict, Nuance string
	Hero            bar
	Legend          []legendEntry
	Skyline         *skyline
	Groupings       []grouping

	Minutes, PlatformMinutes, TeamMinutes int
	Platform                              owner
	Teams                                 []owner

	Selects          []selection
	Rows             iter.Seq[namespaceRows]
	Heat             heat
	HostPages        iter.Seq2[int, []hostRow]
	CertificatePages iter.Seq2[int, []certificateRow]
	Shared           []sharedRow
	Codes, CalmCodes []codeRow // that need attention, and the others
	Waivers          []waiverRow

	Index  template.JS
	Chunks iter.Seq[chunk]
}

// entry is a line of the table of contents.
type entry struct {
	ID, Title string
	Count     int
}

type legendEntry struct {
	State                reports.State
	Title, Hint, Meaning string
	Count                int
}

func newPage(r *reports.Report) (*page, error) {
	c, err := loadCode()
	if err != nil {
		return nil, err
	}
	f := newFleet(r)
	p := &page{code: c, Report: r, D: r.Details, Total: r.Details.Readiness.Total()}
	p.Verdict, p.Nuance = verdict(r.Details.Readiness)
	p.Hero = newBar(r.Details.Readiness, r.Details.Readiness.Total())
	p.Hero.Class, p.Hero.Label = "hero", p.Verdict
	p.Legend = legend(r.Details.Readiness)
	p.Skyline = newSkyline(r.Details.Namespaces)
	p.Groupings = groupings(f)
	p.Platform, p.Teams = owners(f)
	p.PlatformMinutes = p.Platform.Minutes
	for _, t := range r.Details.Teams {
		p.TeamMinutes += t.Minutes
	}
	p.Minutes = p.PlatformMinutes + p.TeamMinutes
	p.Selects, p.Rows = selections(f), f.rows()
	p.Heat = newHeat(f)
	p.HostPages, p.CertificatePages = paged(r.Details.Hosts, newHostRow), paged(r.Details.Certificates, newCertificateRow)
	p.Shared, p.Waivers = sharedRows(r.Details.Shared), waiverRows(r.Details.Waivers)
	p.Codes, p.CalmCodes = attention(codeRows(f))
	p.Sections = p.sections()
	d := newData(f)
	if p.Index, err = d.index(); err != nil {
		return nil, err
	}
	p.Chunks = d.chunks()
	return p, nil
}

func (p *page) sections() []entry {
	all := []entry{
		{"overview", "Overview", 0}, {"platform", "Platform team", len(p.Platform.Tasks)}, {"teams", "Teams", len(p.Teams)},
		{"ingresses", "Ingresses", p.Total}, {"annotations", "Annotations", len(p.Heat.Keys)}, {"hosts", "Hosts", len(p.D.Hosts)},
		{"certificates", "Certificates", len(p.D.Certificates)}, {"shared", "Shared objects", len(p.Shared)},
		{"findings", "Findings", len(p.Codes) + len(p.CalmCodes)}, {"about", "How to read this", 0},
	}
	return slices.DeleteFunc(all, func(e entry) bool { return e.ID == "shared" && e.Count == 0 })
}

// verdict says in two sentences where the fleet stands.
func verdict(r reports.Readiness) (string, string) {
	moving := r.Moving()
	can := r.Ready + r.Differs
	var first string
	switch {
	case moving == 0:
		return "No Ingress is to be moved.", "Nothing that was read belongs to the controller."
	case can == moving:
		first = fmt.Sprintf("All %s can move now.", counted(moving))
	case can == 0:
		first = fmt.Sprintf("None of %s can move yet.", counted(moving))
	default:
		first = fmt.Sprintf("%s of %s can move now.", num(can), counted(moving))
	}
	verb := func(n int, one, many string) string { return num(n) + " " + plural(n, one, many) }
	second := verb(r.Ready, "behaves", "behave") + " as before, " + verb(r.Differs, "differs", "differ") + " in ways that the findings name"
	if r.Work > 0 {
		second += "; " + verb(r.Work, "needs", "need") + " work by hand"
	}
	if r.Blocked > 0 {
		second += "; " + verb(r.Blocked, "stays", "stay") + " closed until somebody acts"
	}
	return first, second + "."
}

func counted(n int) string { return num(n) + " " + plural(n, "Ingress", "Ingresses") }

func legend(r reports.Readiness) []legendEntry {
	var out []legendEntry
	for _, s := range statesIn(r) {
		w := stateWords(s)
		out = append(out, legendEntry{s, w.title, w.hint, w.meaning, r.Of(s)})
	}
	return out
}

// statesIn are the states that a page speaks of: those of Ingresses that move, and the others as far as there are any.
func statesIn(r reports.Readiness) []reports.State {
	return slices.DeleteFunc(reports.States(), func(s reports.State) bool {
		return (s == reports.Skipped || s == reports.Failed) && r.Of(s) == 0
	})
}

// codeRow explains one code.
type codeRow struct {
	*finding.Entry
	Message string
	Count   int
	Often   []often
	Among   bool // in the list of Ingresses
}

func codeRows(f *fleet) []codeRow {
	all := f.report.Findings
	counts := map[finding.Code]int{}
	for i := range all {
		counts[all[i].Code]++
	}
	out := make([]codeRow, 0, len(counts))
	for c, n := range counts {
		e := c.Entry()
		out = append(out, codeRow{e, blanks(e.Message), n, f.sentences.of(c), f.codes[c]})
	}
	slices.SortFunc(out, func(a, b codeRow) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// attention sorts codes that say that all is well out of the others.
func attention(all []codeRow) (loud, calm []codeRow) {
	for _, c := range all {
		if c.Advice == "Nothing." {
			calm = append(calm, c)
		} else {
			loud = append(loud, c)
		}
	}
	return loud, calm
}

// blanks shows a code's message with its gaps; "" if it has no words of its own.
func blanks(message string) string {
	if strings.Trim(message, "%s:, ") == "" {
		return ""
	}
	return strings.ReplaceAll(message, "%s", "…")
}

type waiverRow struct{ Ref, Code, Effect, Reason string }

func waiverRows(all []reports.Waiver) []waiverRow {
	out := make([]waiverRow, 0, len(all))
	for _, w := range all {
		effect := "accepted"
		if w.Suppress {
			effect = "left out of lists"
		}
		out = append(out, waiverRow{show(w.Object.Ref()), string(w.Code), effect, show(w.Reason)})
	}
	return out
}
