package html

import (
	"fmt"
	"strconv"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// fleet is a report with the numbers that the page gives to its parts: links are made of them, never of names.
type fleet struct {
	report     *reports.Report
	details    *reports.Details
	numbers    map[*finding.Object]int // of Ingresses, in their order
	namespaces map[string]int          // in the order of the list
	teams      bool                    // teams are not just the namespaces
	sentences  sentences
	codes      map[finding.Code]bool // of findings about Ingresses of the list
}

func newFleet(r *reports.Report) *fleet {
	f := &fleet{report: r, details: r.Details, numbers: map[*finding.Object]int{}, namespaces: map[string]int{}, codes: map[finding.Code]bool{}}
	for i, in := range r.Details.Ingresses {
		f.numbers[in.Object] = i
		if in.Team != in.Object.Namespace {
			f.teams = true
		}
		if _, ok := f.namespaces[in.Object.Namespace]; !ok {
			f.namespaces[in.Object.Namespace] = len(f.namespaces)
		}
		for j := range in.Findings {
			f.sentences.hear(&in.Findings[j])
			f.codes[in.Findings[j].Code] = true
		}
	}
	f.sentences.settle()
	return f
}

// namespaceHref leads to a namespace in the list.
func (f *fleet) namespaceHref(name string) string { return fmt.Sprintf("#n%d", f.namespaces[name]) }

// link names an object and, if it is an Ingress of the list, leads to it.
type link struct{ Name, Href string }

func (f *fleet) link(o *finding.Object) link {
	if n, ok := f.numbers[o]; ok {
		return link{shownName(o.Namespace + "/" + o.Name), "#i" + strconv.Itoa(n)}
	}
	return link{Name: shownName(o.Ref())}
}

// owner is the platform or a team, and what it has to do.
type owner struct {
	ID, Name string
	Open     bool
	Tasks    []task
	Blocking int
	Minutes  int
}

type task struct {
	*reports.Task
	Team  string // "" for the platform's
	Shown []link
	Rest  int
	Among bool // the rest is in the list of Ingresses
}

const (
	taskLinks = 3
	openTeams = 3 // this many teams are shown with all that they have to do
)

func owners(f *fleet) (owner, []owner) {
	var platform owner
	var teams []owner
	for _, w := range f.details.Work {
		o := owner{Name: shownName(w.Owner), Minutes: w.Minutes}
		for _, t := range w.Tasks {
			x := task{Task: t, Team: w.Owner, Rest: t.More + max(len(t.Objects)-taskLinks, 0), Among: f.codes[t.Code]}
			for _, object := range t.Objects[:min(taskLinks, len(t.Objects))] {
				x.Shown = append(x.Shown, f.link(object))
			}
			if t.Blocking {
				o.Blocking += t.Count
			}
			o.Tasks = append(o.Tasks, x)
		}
		if w.Owner == "" {
			platform = o
			continue
		}
		o.ID = fmt.Sprintf("t%d", len(teams))
		teams = append(teams, o)
	}
	for i := range teams {
		teams[i].Open = len(teams) <= openTeams
	}
	return platform, teams
}
