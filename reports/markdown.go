package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// A comment on GitHub takes 65,536 characters; what does not fit is counted.
const (
	markdownTeams   = 25
	markdownOwners  = 10
	markdownKinds   = 10
	markdownTasks   = 6
	markdownBlocked = 20
	markdownMessage = 200
	markdownName    = 90
	markdownObjects = 3
)

// WriteMarkdown writes a comment for a pull request: numbers, the kinds of findings that occur most, and details that are
// folded. What comes from the input stands in code spans, where nothing of it is markup.
func WriteMarkdown(w io.Writer, r *Report) error {
	m := markdown{bufio.NewWriter(w)}
	m.summary(r)
	if d := r.Details; d != nil {
		m.readiness(d)
		m.blocked(d)
		m.kinds(r)
		m.teams(d)
		m.work(d)
		m.certificates(d)
	}
	m.footer(r)
	return m.w.Flush()
}

type markdown struct{ w *bufio.Writer }

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(m.w, format, args...) }

func (m *markdown) table(header ...string) {
	m.printf("\n| %s |\n|", strings.Join(header, " | "))
	for i := range header {
		if i == 0 {
			m.printf(" --- |")
		} else {
			m.printf(" ---: |")
		}
	}
	m.printf("\n")
}

func (m *markdown) row(cells ...any) {
	m.printf("|")
	for _, c := range cells {
		m.printf(" %v |", c)
	}
	m.printf("\n")
}

func (m *markdown) fold(title string, body func()) {
	m.printf("\n<details><summary>%s</summary>\n", title)
	body()
	m.printf("\n</details>\n")
}

func (m *markdown) summary(r *Report) {
	m.printf("## From Ingress to Istio\n\n")
	verdict := "nothing fails"
	if n := r.Blocking(); n > 0 {
		verdict = plural(n, "protection") + " withheld"
	} else if n := r.Reached(r.Threshold); n > 0 {
		verdict = plural(n, "finding") + " at or above " + r.Threshold.String()
	}
	c := r.Counts
	m.printf("**%s**: %d converted, %d of other controllers, %d failed; %s.\n", plural(c.In, "Ingress"), c.Converted, c.Skipped, c.Failed, verdict)
}

func (m *markdown) readiness(d *Details) {
	m.table("", "Ingresses")
	for _, s := range States() {
		if n := d.Readiness.Of(s); n > 0 {
			m.row(s.Meaning(), n)
		}
	}
}

// blocked lists what is closed: it is what a reviewer has to see.
func (m *markdown) blocked(d *Details) {
	var lines []string
	for _, in := range d.Ingresses {
		for i := range in.Findings {
			if f := &in.Findings[i]; f.Blocking() && !f.Known {
				lines = append(lines, fmt.Sprintf("- %s %s: %s\n", f.Code, codeSpan(describe(f.Origin), markdownName), codeSpan(f.Message(), markdownMessage)))
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	m.printf("\n### Protections withheld\n\n")
	for i, line := range lines {
		if i == markdownBlocked {
			m.printf("- and %d more\n", len(lines)-i)
			break
		}
		m.w.WriteString(line)
	}
}

// kinds lists the gravest kinds of findings, of equal ones those that occur most.
func (m *markdown) kinds(r *Report) {
	groups := groupFindings(r.Findings, func(f finding.Finding) bool { return !f.Known && !f.Blocking() && telling(&f) })
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(b.count, a.count))
	})
	if len(groups) == 0 {
		return
	}
	m.printf("\n### Top findings\n")
	m.table("finding", "severity", "times")
	for i, g := range groups {
		if i == markdownKinds {
			m.row(fmt.Sprintf("and %s", plural(len(groups)-i, "further kind")), "", "")
			break
		}
		m.row(strings.TrimSpace(fmt.Sprintf("%s %s %s", g.code, g.code.Entry().Name, cellCode(g.field, markdownName))), g.severity, g.count)
	}
}

// telling tells whether a finding says more than that a value was translated.
func telling(f *finding.Finding) bool {
	return f.Class != finding.Exact && f.Class != finding.Noop && (f.Severity() > finding.Info || f.Class != "")
}

func (m *markdown) teams(d *Details) {
	teams := slices.Clone(d.Teams)
	slices.SortStableFunc(teams, func(a, b *Group) int { return cmp.Compare(b.Minutes, a.Minutes) })
	m.fold(plural(len(teams), "team"), func() {
		m.table("team", "Ingresses", "ready", "differs", "work", "blocked", "effort")
		for i, t := range teams {
			if i == markdownTeams {
				m.row(fmt.Sprintf("and %d more", len(teams)-i), "", "", "", "", "", "")
				break
			}
			m.row(cellCode(t.Name, markdownName), t.Ingresses, t.Readiness.Ready, t.Readiness.Differs, t.Readiness.Work, t.Readiness.Blocked, duration(t.Minutes))
		}
		m.printf("\nEffort is estimated: %s\n", d.Effort.Text)
	})
}

func (m *markdown) work(d *Details) {
	for i, w := range d.Work {
		title := "What the platform has to do"
		if w.Owner != "" {
			title = "What team <code>" + html.EscapeString(Clean(w.Owner, markdownName)) + "</code> has to do"
		}
		if i > markdownOwners {
			m.printf("\nAnd %s with work of their own.\n", plural(len(d.Work)-i, "further team"))
			return
		}
		m.fold(fmt.Sprintf("%s (%s, %s)", title, plural(len(w.Tasks), "task"), duration(w.Minutes)), func() {
			m.printf("\n")
			for i, t := range w.Tasks {
				if i == markdownTasks {
					m.printf("- and %d more\n", len(w.Tasks)-i)
					return
				}
				m.task(t)
			}
		})
	}
}

func (m *markdown) task(t *Task) {
	times := ""
	if t.Count > 1 {
		times = fmt.Sprintf(" (%d times)", t.Count)
	}
	m.printf("- **%s %s**%s: %s", t.Code, t.Code.Entry().Name, times, codeSpan(t.Message, markdownMessage))
	if t.Advice != "" && t.Advice != "Nothing." {
		m.printf(" %s", t.Advice)
	}
	for i, o := range t.Objects {
		switch {
		case i == markdownObjects:
			m.printf(", …")
		case i > markdownObjects:
		case i == 0:
			m.printf(" In %s", codeSpan(o.Ref(), markdownName))
		default:
			m.printf(", %s", codeSpan(o.Ref(), markdownName))
		}
	}
	m.printf("\n")
}

func (m *markdown) certificates(d *Details) {
	if len(d.Certificates) == 0 {
		return
	}
	m.fold(fmt.Sprintf("%s of %s", plural(len(d.Certificates), "certificate"), plural(len(d.Hosts), "host")), func() {
		m.table("Secret", "hosts", "valid until")
		for i, c := range d.Certificates {
			if i == markdownTeams {
				m.row(fmt.Sprintf("and %d more", len(d.Certificates)-i), "", "")
				break
			}
			until := "not known"
			if !c.NotAfter.IsZero() {
				until = c.NotAfter.Format("2006-01-02")
			}
			m.row(cellCode(c.Secret, markdownName), len(c.Hosts), until)
		}
	})
}

func (m *markdown) footer(r *Report) {
	var notes []string
	if r.Known > 0 {
		notes = append(notes, plural(r.Known, "finding")+" of the baseline not listed")
	}
	if r.Suppressed > 0 {
		notes = append(notes, plural(r.Suppressed, "finding")+" suppressed")
	}
	if len(notes) > 0 {
		m.printf("\n%s.\n", strings.Join(notes, "; "))
	}
}
