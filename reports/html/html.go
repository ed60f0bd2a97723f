// Package html writes a report as one HTML page for people who decide: it needs no network and no other file, reads without
// scripts, prints, and stays usable for ten thousand Ingresses.
//
// Texts of the input are hostile. The page is made by html/template, which escapes by context; the page's policy allows the one
// style and the two scripts by their hashes and nothing else; the scripts put texts into the page as text. The one markup that
// they use is the page's own for readers without scripts, for paper.
package html

import (
	"bufio"
	"embed"
	"html/template"
	"io"

	"github.com/ingress2gw/ingress2gw/reports"
)

//go:embed templates/*.gohtml
var templates embed.FS

// Write writes the report, whose details must be there.
func Write(w io.Writer, r *reports.Report) error {
	t, err := template.New("page.gohtml").Funcs(functions()).ParseFS(templates, "templates/*.gohtml")
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	p, err := newPage(r)
	if err != nil {
		return err
	}
	if err := t.Execute(out, p); err != nil {
		return err
	}
	return out.Flush()
}
