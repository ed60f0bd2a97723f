package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// asTable is how kubectl asks for lists.
const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io"

// kubectl prints a command and what it prints: path is where the API server has the list.
func (w *walk) kubectl(command, path string) error {
	data, err := w.rest.Get().AbsPath(path).SetHeader("Accept", asTable).DoRaw(w.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\n  $ kubectl %s\n", command)
	return printTable(w.out, data)
}

// printTable prints a list with namespaces, as kubectl does with -A.
func printTable(out io.Writer, data []byte) error {
	var t metav1.Table
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	fmt.Fprint(tw, "  NAMESPACE")
	for _, c := range t.ColumnDefinitions {
		if c.Priority == 0 {
			fmt.Fprintf(tw, "\t%s", strings.ToUpper(c.Name))
		}
	}
	fmt.Fprintln(tw)
	for _, r := range t.Rows {
		var o metav1.PartialObjectMetadata
		if err := json.Unmarshal(r.Object.Raw, &o); err != nil {
			return err
		}
		fmt.Fprintf(tw, "  %s", o.Namespace)
		for i, c := range t.ColumnDefinitions {
			if c.Priority == 0 {
				fmt.Fprintf(tw, "\t%v", cell(r.Cells[i]))
			}
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

func cell(v any) any {
	if v == nil {
		return ""
	}
	return v
}
