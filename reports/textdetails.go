package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What the text shows of long lists. What is left out is counted.
const (
	teamsShown = 60
	tasksShown = 12
	hostsShown = 40
)

// details writes how far the fleet is, who has how much to do, and what.
func (t *textWriter) details(d *Details) error {
	n := strconv.Itoa
	var rows [][]string
	for _, s := range States() {
		if c := d.Readiness.Of(s); c > 0 {
			rows = append(rows, []string{string(s), n(c), s.Meaning()})
		}
	}
	if len(rows) > 0 {
		if err := blankAndTable(t.w, []string{"Readiness", "Ingresses", ""}, rows); err != nil {
			return err
		}
	}
	if err := t.teams(d); err != nil {
		return err
	}
	t.work(d)
	return t.certificates(d)
}

func (t *textWriter) teams(d *Details) error {
	if len(d.Teams) == 0 {
		return nil
	}
	n := strconv.Itoa
	teams := slices.Clone(d.Teams)
	slices.SortStableFunc(teams, func(a, b *Group) int { return cmp.Compare(b.Minutes, a.Minutes) })
	rows := [][]string{}
	for i, g := range teams {
		if i == teamsShown {
			break
		}
		rows = append(rows, []string{Clean(g.Name, objectLength), n(g.Ingresses), n(g.Readiness.Ready), n(g.Readiness.Differs), n(g.Readiness.Work), n(g.Readiness.Blocked), duration(g.Minutes)})
	}
	if err := blankAndTable(t.w, []string{"Team", "Ingresses", "ready", "differs", "work", "blocked", "Effort"}, rows); err != nil {
		return err
	}
	if more := len(teams) - len(rows); more > 0 {
		t.printf(" ... and %s more.\n", plural(more, "team"))
	}
	t.printf("\n%s\n", wrap("Effort is estimated: "+d.Effort.Text, 110))
	return nil
}

// work names the tasks of each owner in one line each; what they mean stands in the sections below.
func (t *textWriter) work(d *Details) {
	for i, w := range d.Work {
		if i > teamsShown {
			t.printf("\n... and %s more with work to do.\n", plural(len(d.Work)-i, "team"))
			return
		}
		title := "To do for the platform"
		if w.Owner != "" {
			title = "To do for team " + Clean(w.Owner, objectLength)
		}
		t.printf("\n%s\n", t.paint(bold, fmt.Sprintf("%s (%s, %s)", title, plural(len(w.Tasks), "task"), duration(w.Minutes))))
		for i, k := range w.Tasks {
			if i == tasksShown {
				t.printf("  ... and %d more\n", len(w.Tasks)-i)
				break
			}
			color := ""
			if k.Blocking {
				color = red
			}
			line := fmt.Sprintf("%s %s", t.paint(color, string(k.Code)), k.Code.Entry().Name)
			if k.Field != "" {
				line += " " + Clean(k.Field, fieldLength)
			}
			if k.Count > 1 {
				line += fmt.Sprintf(" (%d times)", k.Count)
			}
			t.printf("  %s, %s\n", line, duration(k.Minutes))
		}
	}
}

func (t *textWriter) certificates(d *Details) error {
	if len(d.Certificates) == 0 {
		return nil
	}
	var rows [][]string
	for i, c := range d.Certificates {
		if i == hostsShown {
			break
		}
		until := "not known"
		if !c.NotAfter.IsZero() {
			until = c.NotAfter.Format("2006-01-02")
		}
		hosts := strings.Join(c.Hosts[:min(len(c.Hosts), objectsShown)], ", ")
		if n := len(c.Hosts) - objectsShown; n > 0 {
			hosts += fmt.Sprintf(", ... and %d more", n)
		}
		rows = append(rows, []string{Clean(c.Secret, objectLength), until, Clean(hosts, objectLength)})
	}
	if err := blankAndTable(t.w, []string{"Certificate", "valid until", "hosts"}, rows); err != nil {
		return err
	}
	if more := len(d.Certificates) - len(rows); more > 0 {
		t.printf(" ... and %s more.\n", plural(more, "certificate"))
	}
	return nil
}
