package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/internal/docs"
)

type annotationsOptions struct {
	streams    Streams
	controller string
	output     string
}

func newAnnotations(streams Streams) *cobra.Command {
	o := &annotationsOptions{streams: streams}
	cmd := &cobra.Command{
		Use:   "annotations [flags]",
		Short: "List the annotations and settings of a controller and what becomes of them",
		Long: `Annotations lists what a controller reads, and what becomes of it: its annotations, the keys of its ConfigMap and its
command line flags. Those that the controller no longer reads are marked with the release that stopped.`,
		Example: `  # Everything about rate limits
  ingress2gw annotations -o wide | grep limit

  # What has to be done by hand, for a script
  ingress2gw annotations -o json | jq -r '.items[] | select(.class == "manual") | .name'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("annotations takes no arguments; 'explain %s' tells about one", args[0])
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return o.run() },
	}
	g := newGroup("Flags")
	addChoice(g, &o.controller, "controller", "Controller.", docs.Controllers()...)
	g.flags.VarP(choice{[]string{"table", "wide", "json", "markdown"}, &o.output}, "output", "o", "Format.")
	o.output = "table"
	g.flags.Lookup("output").DefValue = o.output
	useGroups(cmd, g)
	completeChoices(cmd)
	return cmd
}

func (o *annotationsOptions) run() error {
	var data []byte
	var err error
	switch o.output {
	case "json":
		data, err = annotationsJSON(o.controller)
	case "markdown":
		data = bytes.TrimPrefix(docs.AnnotationsPage(), []byte(docs.Generated+"\n"))
	default:
		data, err = annotationsTable(o.output == "wide")
	}
	if err != nil {
		return err
	}
	if _, err := o.streams.Out.Write(data); err != nil {
		return ioError{err}
	}
	return nil
}

// sortedItems lists annotations first, then keys of the ConfigMap, then flags, each by name.
func sortedItems() []docs.Item {
	items := docs.Items()
	rank := []docs.Kind{docs.Annotation, docs.ConfigMap, docs.Flag}
	slices.SortStableFunc(items, func(a, b docs.Item) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Kind), slices.Index(rank, b.Kind)), cmp.Compare(a.Name, b.Name))
	})
	return items
}

func annotationsJSON(controller string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(struct {
		APIVersion string      `json:"apiVersion"`
		Kind       string      `json:"kind"`
		Controller string      `json:"controller"`
		Items      []docs.Item `json:"items"`
	}{"ingress2gw.io/v1alpha1", "AnnotationList", controller, sortedItems()})
	return b.Bytes(), err
}

func annotationsTable(wide bool) ([]byte, error) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	row := func(cells ...string) {
		for i, c := range cells {
			cells[i] = cmp.Or(c, "-")
		}
		fmt.Fprintln(w, strings.Join(cells, "\t")) // a buffer takes everything
	}
	head := []string{"NAME", "KIND", "CLASS"}
	if wide {
		head = append(head, "PROTECTS", "DEAD SINCE", "SCOPE", "RISK", "SETTING", "DEFAULT", "SYNTAX")
	}
	row(append(head, "BECOMES")...)
	for _, i := range sortedItems() {
		cells := []string{i.Name, string(i.Kind), string(i.Class)}
		if wide {
			protects := ""
			if i.Protects {
				protects = "yes"
			}
			cells = append(cells, protects, i.Since, i.Scope, i.Risk, i.Setting, i.Default, i.Syntax)
		}
		row(append(cells, i.Becomes)...)
	}
	err := w.Flush()
	return b.Bytes(), err
}
