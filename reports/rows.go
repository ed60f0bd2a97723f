package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// RowOptions say how a list of Ingresses looks.
type RowOptions struct{ Wide, NoHeaders bool }

// WriteRows writes one line for each Ingress, as kubectl get does.
func WriteRows(w io.Writer, r *Report, o RowOptions) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	head := []string{"NAMESPACE", "NAME", "STATE", "BLOCKING"}
	for _, c := range Classes() {
		head = append(head, strings.ToUpper(string(c)))
	}
	if o.Wide {
		head = append(head, "TEAM", "CLASS", "OBJECTS", "HOSTS", "PLACE")
	}
	if !o.NoHeaders {
		fmt.Fprintln(t, strings.Join(head, "\t")) // errors come back from Flush
	}
	for _, in := range r.Details.Ingresses {
		cells := []string{in.Object.Namespace, in.Object.Name, string(in.State), strconv.Itoa(in.blocking())}
		for _, n := range in.Classes {
			cells = append(cells, strconv.Itoa(n))
		}
		if o.Wide {
			cells = append(cells, in.Team, in.Class, strconv.Itoa(len(in.Objects)), strings.Join(in.Hosts, ","), finding.Origin{Object: in.Object}.Place())
		}
		for i, c := range cells {
			if c = Clean(c, objectLength); c == "" {
				c = "-"
			}
			cells[i] = c
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}

func (in *Ingress) blocking() int {
	n := 0
	for i := range in.Findings {
		if in.Findings[i].Blocking() {
			n++
		}
	}
	return n
}
