package html

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

type hostRow struct {
	Name        string
	Aliases     []string
	Namespaces  string
	Ingresses   string
	Certificate string
	Note        string
	Servers     []string
}

type certificateRow struct{ Secret, Credential, Hosts, Validity, Issuer string }

// inventoryRows is how many rows one table has: a browser lays out only the tables in sight.
const inventoryRows = 100

// paged makes rows of a list, a table's worth at a time.
func paged[T, R any](all []T, rowOf func(T) R) iter.Seq2[int, []R] {
	return func(yield func(int, []R) bool) {
		i := 0
		for chunk := range slices.Chunk(all, inventoryRows) {
			rows := make([]R, len(chunk))
			for j, x := range chunk {
				rows[j] = rowOf(x)
			}
			if !yield(i, rows) {
				return
			}
			i++
		}
	}
}

func newHostRow(h *reports.Host) hostRow {
	r := hostRow{Name: shownName(h.Name), Namespaces: list(h.Namespaces), Certificate: show(h.Secret)}
	for _, a := range h.Aliases {
		r.Aliases = append(r.Aliases, show(a))
	}
	if n := len(h.Ingresses); n > 1 {
		r.Ingresses = counted(n)
	}
	switch {
	case h.Passthrough:
		r.Certificate, r.Note = "the backend's own", "TLS is passed through"
	case h.Default:
		r.Certificate = "the default certificate"
		if h.Unfit != "" {
			r.Note = show(h.Unfit) + " is missing or not for this name"
		}
	case h.Secret == "":
		r.Certificate = "none: HTTP only"
	}
	if h.ClientCerts {
		r.Note = strings.TrimPrefix(r.Note+"; clients are asked for certificates", "; ")
	}
	for _, s := range h.Servers {
		r.Servers = append(r.Servers, fmt.Sprintf("%s %d · %s", show(s.Protocol), s.Port, show(s.Gateway)))
	}
	if len(h.Servers) == 0 {
		r.Servers = []string{"nothing"}
	}
	return r
}

func newCertificateRow(c *reports.Certificate) certificateRow {
	var credentials []string
	for _, s := range c.Servers {
		if !slices.Contains(credentials, s.Credential) {
			credentials = append(credentials, s.Credential)
		}
	}
	r := certificateRow{Secret: shownName(c.Secret), Credential: list(credentials), Hosts: list(c.Hosts), Issuer: show(c.Issuer)}
	switch {
	case c.Problem != "":
		r.Validity = "unreadable: " + show(c.Problem)
	case !c.Known:
		r.Validity = "not in the input"
	default:
		r.Validity = day(c.NotBefore) + " to " + day(c.NotAfter)
	}
	return r
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

const listed = 5

// list joins names; of many, the first ones.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	shown := make([]string, 0, listed)
	for _, n := range names[:min(len(names), listed)] {
		shown = append(shown, shownName(n))
	}
	out := strings.Join(shown, ", ")
	if more := len(names) - listed; more > 0 {
		out += fmt.Sprintf(" and %s more", num(more))
	}
	return out
}

// sharedRow is an object that belongs to no Ingress; its text is among the data.
type sharedRow struct {
	N                 int
	Kind, Name, Owner string
}

func sharedRows(all []*manifest.Object) []sharedRow {
	out := make([]sharedRow, len(all))
	for i, o := range all {
		out[i] = sharedRow{i, o.Kind, objectName(o), ownerWord(o)}
	}
	return out
}

func objectName(o *manifest.Object) string {
	if o.Namespace == "" {
		return show(o.Name)
	}
	return show(o.Namespace + "/" + o.Name)
}

func ownerWord(o *manifest.Object) string {
	if o.Owner == "" {
		return "platform"
	}
	return "team " + show(o.Owner)
}
