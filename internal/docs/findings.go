package docs

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// layers are the first digits of codes, with what they are about.
func layers() []struct{ Digit, Title string } {
	return []struct{ Digit, Title string }{
		{"1", "Input and selection"},
		{"2", "Annotations and settings"},
		{"3", "What Istio cannot express"},
		{"4", "Protections"},
		{"5", "Certificates and hosts"},
		{"6", "What the platform has to do"},
		{"9", "Bugs of ingress2gw"},
	}
}

// FindingsPage says of every code what it means and what to do.
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
	for _, l := range layers() {
		p.printf("\n## %sxxx: %s\n", l.Digit, l.Title)
		for _, e := range finding.Catalogue {
			if strings.HasPrefix(string(e.Code), "I2G"+l.Digit) {
				entry(p, e)
			}
		}
	}
	return []byte(p.String())
}

func entry(p *page, e finding.Entry) {
	p.printf("\n### %s %s\n\n%s", e.Code, e.Name, e.Severity)
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
