package docs

import (
	"fmt"
	"strings"
)

// page builds a page of Markdown.
type page struct{ strings.Builder }

func newPage(title string) *page {
	p := &page{}
	p.WriteString(Generated)
	p.printf("\n# %s\n", title)
	return p
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *page) row(cells ...string) { p.printf("| %s |\n", strings.Join(cells, " | ")) }

func (p *page) header(cells ...string) {
	p.WriteString("\n")
	p.row(cells...)
	p.row(strings.Split(strings.Repeat("--- ", len(cells))[:4*len(cells)-1], " ")...)
}

// prose makes a text safe to stand in Markdown, tables included.
func prose(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;", ">", "&gt;", "`", "\\`", "[", `\[`, "]", `\]`).Replace(s)
}

// code makes a text stand as code, tables included.
func code(s string) string {
	s = strings.ReplaceAll(s, "|", `\|`)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}
