package diff

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// yaml is a side of a change as it is shown; "" for none.
func yaml(tree map[string]any) (string, error) {
	if tree == nil {
		return "", nil
	}
	text, err := manifest.YAML(tree)
	return string(text), err
}

// YAML gives both sides of a change as they are shown; "" where there is none.
func (c *Change) YAML() (live, wanted string, err error) {
	if live, err = yaml(c.Live); err != nil {
		return "", "", err
	}
	wanted, err = yaml(c.Wanted)
	return live, wanted, err
}

// oneLine is a value as JSON with its keys in order.
func oneLine(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// FileName is Group.Version.Kind.Namespace.Name, as kubectl names the files that it gives to a diff program.
func (i ID) FileName() string {
	group, version, ok := strings.Cut(i.APIVersion, "/")
	if !ok {
		group, version = "", i.APIVersion
	}
	parts := []string{group, version, i.Kind, i.Namespace, i.Name}
	if group == "" {
		parts = parts[1:]
	}
	var b strings.Builder
	for _, r := range strings.Join(parts, ".") {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.' && b.Len() > 0:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "%%%x", r)
		}
	}
	return b.String()
}

// Style is how a unified difference looks.
type Style struct{ Color bool }

const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)

// WriteUnified writes a unified difference of every object that would change. What is to be known of it stands before it, in
// lines that patch(1) passes over.
func WriteUnified(w io.Writer, d *Diff, style Style) error {
	out := bufio.NewWriter(w)
	for i := range d.Changes {
		c := &d.Changes[i]
		remarks := c.remarks()
		if !c.Changed() && len(remarks) == 0 {
			continue
		}
		fmt.Fprintln(out, style.paint(bold, "# "+c.title()))
		for _, r := range remarks {
			fmt.Fprintln(out, style.paint(cyan, "#   "+reports.Clean(r, 0)))
		}
		if !c.Changed() {
			continue
		}
		live, wanted, err := c.YAML()
		if err != nil {
			return err
		}
		text, err := unified(c.ID.FileName(), live, wanted)
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			fmt.Fprintln(out, style.line(strings.TrimSuffix(line, "\n")))
		}
	}
	return out.Flush()
}

// unified is a unified difference. go-udiff 0.4.1 forgets lines between changes of one hunk when it counts where the next hunk
// begins on the wanted side, so that is counted here.
func unified(name, live, wanted string) (string, error) {
	u, err := udiff.ToUnifiedDiff("live/"+name, "wanted/"+name, live, udiff.Lines(live, wanted), udiff.DefaultContextLines)
	if err != nil {
		return "", err
	}
	longer := 0
	for _, h := range u.Hunks {
		h.ToLine = h.FromLine + longer
		for _, line := range h.Lines {
			switch line.Kind {
			case udiff.Insert:
				longer++
			case udiff.Delete:
				longer--
			}
		}
	}
	return u.String(), nil
}

func (s Style) paint(color, text string) string {
	if !s.Color {
		return text
	}
	return color + text + reset
}

func (s Style) line(line string) string {
	text := reports.Clean(line, 0)
	switch {
	case strings.HasPrefix(line, "@@"):
		return s.paint(cyan, text)
	case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
		return s.paint(bold, text)
	case strings.HasPrefix(line, "-"):
		return s.paint(red, text)
	case strings.HasPrefix(line, "+"):
		return s.paint(green, text)
	}
	return text
}

// title says what happens to which object, and whose it is.
func (c *Change) title() string {
	owner := "platform"
	if c.Owner != "" {
		owner = "team " + c.Owner
	}
	if c.Action == Pruned {
		return fmt.Sprintf("%s %s", c.Action, reports.Clean(c.ID.String(), 0))
	}
	return fmt.Sprintf("%s %s (%s)", c.Action, reports.Clean(c.ID.String(), 0), reports.Clean(owner, 0))
}

// remarks are what else there is to say of an object, a line each.
func (c *Change) remarks() []string {
	var out []string
	if c.Reason != "" {
		out = append(out, c.Reason)
	}
	if c.Changed() {
		for _, f := range c.groupedCauses() {
			out = append(out, "from "+f)
		}
	}
	for _, x := range c.Conflicts {
		out = append(out, fmt.Sprintf("conflict: %s is managed by %s with another value", x.Field, x.Manager))
	}
	return append(out, c.Notices...)
}

// mostCauses is how many causes are shown of one object.
const mostCauses = 6

// groupedCauses are the causes of an object and of its fields, each once.
func (c *Change) groupedCauses() []string {
	all := slices.Clone(c.Causes)
	for _, f := range c.Fields {
		all = append(all, f.Causes...)
	}
	return causeTexts(exactest(all), mostCauses)
}

// causeTexts spell causes, each once, in the order of the input; of many the first ones.
func causeTexts(causes []Cause, most int) []string {
	sortCauses(causes)
	var out []string
	for _, x := range causes {
		if text := x.String(); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if n := len(out) - most; n > 0 {
		out = append(out[:most], fmt.Sprintf("%d more places", n))
	}
	return out
}

// String is "Ingress shop/web KEY (file:line)".
func (x Cause) String() string {
	parts := []string{x.Origin.Object.Ref(), x.Origin.Field}
	if place := x.Origin.Place(); place != "" {
		parts = append(parts, "("+place+")")
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Summary counts in one line.
func (d *Diff) Summary() string {
	parts := make([]string, 0, 5)
	for _, a := range Actions() {
		parts = append(parts, fmt.Sprintf("%d %s", d.Count(a), a))
	}
	return strings.Join(parts, ", ") + "."
}
