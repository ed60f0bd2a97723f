package html

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// pageRows is how many rows make a page: a browser lays out only the pages in sight.
const pageRows = 50

// namespaceRows are the Ingresses of a namespace.
type namespaceRows struct {
	N         int
	Name      string
	Ingresses int
	Pages     iter.Seq[rowPage]
}

type rowPage struct {
	Few  bool
	Rows iter.Seq[row]
}

// row is an Ingress in the list, with what is found about it for readers without scripts.
type row struct {
	N                  int
	State              reports.State
	Name, Hosts, Class string
	Sum                string
	Findings           []findingRow
	Quiet              string // how many values need no attention
}

type findingRow struct {
	Class, Word, Message, Advice, Code, At, Href string // with Href the words stand elsewhere
}

// rows lists the Ingresses by namespace, page by page.
func (f *fleet) rows() iter.Seq[namespaceRows] {
	return func(yield func(namespaceRows) bool) {
		all := f.details.Ingresses
		for first := 0; first < len(all); {
			namespace, end := all[first].Object.Namespace, first+1
			for end < len(all) && all[end].Object.Namespace == namespace {
				end++
			}
			ns := namespaceRows{N: f.namespaces[namespace], Name: shownName(namespace), Ingresses: end - first, Pages: f.pages(first, all[first:end])}
			if !yield(ns) {
				return
			}
			first = end
		}
	}
}

func (f *fleet) pages(first int, ingresses []*reports.Ingress) iter.Seq[rowPage] {
	return func(yield func(rowPage) bool) {
		n := first
		for chunk := range slices.Chunk(ingresses, pageRows) {
			start := n
			n += len(chunk)
			rows := func(yield func(row) bool) {
				for i, in := range chunk {
					if !yield(f.row(start+i, in)) {
						return
					}
				}
			}
			if !yield(rowPage{len(chunk) < pageRows/2, rows}) {
				return
			}
		}
	}
}

func (f *fleet) row(n int, in *reports.Ingress) row {
	r := row{N: n, State: in.State, Name: shownName(in.Object.Name), Class: shownName(in.Class), Sum: sum(in.Classes), Hosts: "no host"}
	if len(in.Hosts) > 0 {
		r.Hosts = show(in.Hosts[0])
		if more := len(in.Hosts) - 1; more > 0 {
			r.Hosts += fmt.Sprintf(" +%d", more)
		}
	}
	for i := range in.Findings {
		if fd := &in.Findings[i]; loud(fd) {
			r.Findings = append(r.Findings, f.findingRow(fd))
		}
	}
	r.Quiet = quiet(in)
	return r
}

// loud tells findings that people should read from those that say that all is well.
func loud(f *finding.Finding) bool { return f.Class != finding.Exact && f.Class != finding.Noop }

func (f *fleet) findingRow(found *finding.Finding) findingRow {
	word := string(found.Class)
	class := word
	switch {
	case found.Blocking():
		class, word = "blocking", "blocking"
	case found.Waived:
		word = "accepted"
	case word == "":
		class, word = "note", found.Severity().String()
	}
	r := findingRow{Class: class, Word: word, Message: show(found.Message()), Advice: found.Code.Entry().Advice, Code: string(found.Code), At: show(found.Origin.Field)}
	if n, ok := f.sentences.number[newSentence(found)]; ok {
		r.Href, r.Message, r.Advice = fmt.Sprintf("#m%d", n), shownKey(cmp.Or(found.Origin.Field, r.Code)), ""
		r.At = ""
	}
	if found.Origin.Line > 0 {
		r.At = strings.TrimSpace(fmt.Sprintf("%s line %d", r.At, found.Origin.Line))
	}
	return r
}

// bySeverity are the classes in the order in which a row sums them up.
var bySeverity = [...]finding.Class{finding.Refused, finding.Manual, finding.Invalid, finding.Approximate, finding.Unknown}

// sum says what became of an Ingress's values, the worst first.
func sum(c reports.ClassCounts) string {
	var parts []string
	for _, class := range bySeverity {
		if n := c.Of(class); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, class))
		}
	}
	if len(parts) == 0 {
		if n := c.Of(finding.Exact) + c.Of(finding.Noop); n > 0 {
			return fmt.Sprintf("%d as before", n)
		}
		return "as before"
	}
	return strings.Join(parts, ", ")
}

// quiet counts what needs no attention.
func quiet(in *reports.Ingress) string {
	var parts []string
	if n := in.Classes.Of(finding.Exact); n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s as before", n, plural(n, "value behaves", "values behave")))
	}
	if n := in.Classes.Of(finding.Noop); n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s nothing", n, plural(n, "needs", "need")))
	}
	if n := in.Suppressed; n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s suppressed", n, plural(n, "finding is", "findings are")))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "."
}

// selection is a list of choices of the filters.
type selection struct {
	ID, Title, All string
	Options        []option
}

type option struct{ Value, Text string }

func selections(f *fleet) []selection {
	groups := func(id, title, all string, gs []*reports.Group) selection {
		s := selection{ID: id, Title: title, All: all}
		for _, g := range gs {
			s.Options = append(s.Options, option{g.Name, shownName(g.Name)})
		}
		return s
	}
	out := []selection{groups("namespace", "Namespace", "All namespaces", f.details.Namespaces)}
	if f.teams {
		out = append(out, groups("team", "Team", "All teams", f.details.Teams))
	}
	out = append(out, groups("class", "Class", "All classes", f.details.ByClass))
	codes := selection{ID: "code", Title: "Finding", All: "All findings"}
	for _, c := range codeRows(f) {
		codes.Options = append(codes.Options, option{string(c.Code), string(c.Code) + " " + c.Name})
	}
	keys := selection{ID: "field", Title: "Annotation", All: "All annotations"}
	for _, h := range f.details.Heat {
		keys.Options = append(keys.Options, option{h.Key, shownKey(h.Key)})
	}
	return append(out, codes, keys)
}

// shownKey is an annotation's key without the part that most share.
func shownKey(key string) string {
	return show(strings.TrimPrefix(key, "nginx.ingress.kubernetes.io/"))
}
