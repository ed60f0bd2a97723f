package docs

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// FindingsPage lists every code.
func FindingsPage() []byte {
	p := newPage("Findings")
	p.WriteString(`
Everything that a run has to say about its input is a finding with one of these codes. ` + "`ingress2gw explain CODE`" + ` says the same.

- **Severity** decides the exit code: ` + "`--fail-on`" + `, errors by default.
- **Class** says what became of one value. Codes without a class are not about one value.
- **Blocks** marks codes about a protection that was withheld or lost. The run ends with 1 whatever ` + "`--fail-on`" + ` says, until
  ` + "`--waive CODE`" + ` or ` + "`--waive 'CODE=Ingress NAMESPACE/NAME'`" + ` accepts it.

An ellipsis stands for what a finding names: an object, a key, a reason.
`)
	p.header("class", "meaning")
	for _, c := range []finding.Class{finding.Exact, finding.Approximate, finding.Noop, finding.Manual, finding.Refused, finding.Invalid, finding.Unknown} {
		p.row(string(c), Meaning(c))
	}
	for _, l := range finding.Layers() {
		p.printf("\n## [%s](findings/%s.md)\n", l.Title, l.Page)
		p.header("code", "name", "severity", "class", "message")
		for _, e := range finding.Catalogue {
			if !l.In(e.Code) {
				continue
			}
			severity := e.Severity.String()
			if e.Protective {
				severity += ", **blocks**"
			}
			p.row(string(e.Code), "["+e.Name+"](findings/"+l.Page+".md#"+strings.ToLower(string(e.Code)+"-"+e.Name)+")", severity, string(e.Class), prose(Template(e)))
		}
	}
	return []byte(p.String())
}

// FindingPages are the pages of the layers, by name: of every code, what it means and what to do.
func FindingPages() map[string][]byte {
	out := map[string][]byte{}
	for _, l := range finding.Layers() {
		p := newPage("Findings: " + l.Title)
		p.printf("\nCodes I2G%sxxx. [All codes](../findings.md)\n", l.Digit)
		for _, e := range finding.Catalogue {
			if l.In(e.Code) {
				entry(p, e)
			}
		}
		out[l.Page+".md"] = []byte(p.String())
	}
	return out
}

func entry(p *page, e finding.Entry) {
	p.printf("\n## %s %s\n\n%s", e.Code, e.Name, e.Severity)
	if e.Class != "" {
		p.printf(", class %s", e.Class)
	}
	if e.Protective {
		p.WriteString(", **blocks**")
	}
	p.printf("\n\n> %s\n", prose(Template(e)))
	if e.Advice != "Nothing." {
		p.printf("\nWhat to do: %s\n", prose(e.Advice))
	}
}

// Template is the message of a code with ellipses for what a finding names.
func Template(e finding.Entry) string { return strings.ReplaceAll(e.Message, "%s", "…") }
