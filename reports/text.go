package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// TextOptions say how a report for people looks.
type TextOptions struct {
	Color bool
	All   bool // also details, warnings and notes; without, only what blocks, errors, and what the platform has to do
}

// The most groups a section shows. What is left out is counted, and is in the JSON report.
const (
	groupsShown    = 60
	allGroupsShown = 250
)

// WriteText writes the report for people: tables of what was converted, with All also who has to do what, then findings in groups.
// Texts from the input are cleaned of everything that a terminal would obey.
func WriteText(w io.Writer, r *Report, opts TextOptions) error {
	t := textWriter{w: bufio.NewWriter(w), opts: opts}
	if err := writeTables(t.w, r); err != nil {
		return err
	}
	if opts.All && r.Details != nil {
		if err := t.details(r.Details); err != nil {
			return err
		}
	}
	t.findings(r)
	if r.Known > 0 {
		t.printf("\n%s of the baseline not shown.\n", plural(r.Known, "finding"))
	}
	if r.Suppressed > 0 {
		t.printf("\n%s suppressed.\n", plural(r.Suppressed, "finding"))
	}
	return t.w.Flush()
}

// findings writes the sections, each finding that the baseline does not have in one of them.
func (t *textWriter) findings(r *Report) {
	fresh := func(is func(finding.Finding) bool) []*group {
		return groupFindings(r.Findings, func(f finding.Finding) bool { return !f.Known && is(f) })
	}
	platform := func(f finding.Finding) bool { return strings.HasPrefix(string(f.Code), "I2G6") }
	t.section("Blocking", red, fresh(finding.Finding.Blocking))
	t.section("Errors", red, fresh(func(f finding.Finding) bool {
		return !f.Blocking() && !platform(f) && f.Severity() == finding.Error
	}))
	t.section("For the platform team", cyan, fresh(func(f finding.Finding) bool {
		return !f.Blocking() && platform(f) && (t.opts.All || f.Severity() > finding.Info)
	}))
	warning := func(f finding.Finding) bool { return !f.Blocking() && !platform(f) && f.Severity() == finding.Warning }
	info := func(f finding.Finding) bool { return !platform(f) && f.Severity() == finding.Info && !f.Blocking() }
	if t.opts.All {
		t.section("Warnings", yellow, fresh(warning))
		t.section("Notes", "", fresh(info))
	} else if n := r.count(func(f finding.Finding) bool { return !f.Known && warning(f) }); n > 0 {
		t.printf("\n%s of %s: --report text=FILE or json=FILE has them all.\n", plural(n, "warning"), plural(len(fresh(warning)), "kind"))
	}
}

const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
	bold   = "\x1b[1m"
	reset  = "\x1b[0m"
)

// textWriter writes lines; the first error of the underlying writer comes back from Flush.
type textWriter struct {
	w    *bufio.Writer
	opts TextOptions
}

func (t *textWriter) printf(format string, args ...any) { fmt.Fprintf(t.w, format, args...) }

func (t *textWriter) paint(style, s string) string {
	if !t.opts.Color || style == "" {
		return s
	}
	return style + s + reset
}

func (t *textWriter) section(title, color string, groups []*group) {
	if len(groups) == 0 {
		return
	}
	total := 0
	for _, g := range groups {
		total += g.count
	}
	t.printf("\n%s\n", t.paint(bold+color, fmt.Sprintf("%s (%d)", title, total)))
	shown := groupsShown
	if t.opts.All {
		shown = allGroupsShown
	}
	for i, g := range groups {
		if i == shown {
			t.printf("  ... and %s more: --report json=FILE has them all.\n", plural(len(groups)-i, "kind"))
			return
		}
		t.group(g, color)
	}
}

func (t *textWriter) group(g *group, color string) {
	entry := g.code.Entry()
	head := t.paint(color, string(g.code)) + " " + entry.Name
	if g.field != "" {
		head += " " + Clean(g.field, fieldLength)
	}
	if g.count > 1 {
		head += fmt.Sprintf(" (%d times)", g.count)
	}
	if g.waived {
		head += " (waived)"
	}
	t.printf("  %s\n", head)
	message := Clean(g.message, messageLength)
	if g.varied {
		message = "for example: " + message
	}
	t.printf("    %s\n", message)
	if len(g.objects) > 0 {
		refs := make([]string, len(g.objects))
		for i, o := range g.objects {
			refs[i] = Clean(o, objectLength)
		}
		line := strings.Join(refs, ", ")
		if g.more > 0 {
			line += fmt.Sprintf(", ... and %d more", g.more)
		}
		t.printf("    in %s\n", line)
	}
	if entry.Advice != "" && entry.Advice != "Nothing." {
		t.printf("    > %s\n", entry.Advice)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
