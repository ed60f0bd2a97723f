package cli

import (
	"bufio"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/ingress2gw/ingress2gw/reports"
)

// newReport makes the command that tells what a conversion would do. It takes the options of convert, because what becomes of
// an Ingress depends on them.
func newReport(streams Streams, deps Dependencies) *cobra.Command {
	o := &convertOptions{streams: streams, deps: deps, config: genericclioptions.NewConfigFlags(true)}
	cmd := &cobra.Command{
		Use:   "report [-f FILE | -k DIRECTORY] [flags]",
		Short: "Tell what would become of Ingresses, who has to do what, and how much work it is",
		Long: `Report reads what convert reads, translates it with the same options, and writes a report instead of the objects: how many
Ingresses can move as they are, what has to be done by the platform and by each team, what differs, hosts and certificates.

The report goes to standard output; --report FORMAT=FILE writes further formats of the same run. Nothing is written to a
cluster.

Exit codes: 0 done, 1 findings at or above --fail-on or a protection withheld, 2 wrong usage or unreadable input, 3 cluster
or I/O failed, 70 a bug of ours.`,
		Example: `  # What would become of the Ingresses of the cluster, for people
  ingress2gw report -A

  # One line for each Ingress of a folder
  ingress2gw report -f manifests/ -R -o wide

  # A comment for a pull request, and annotations in its code; fail only for what is new
  ingress2gw report -f manifests/ -R -o markdown --report sarif=report.sarif --baseline main.json`,
		Args: onlyFlags("report"),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.runReport(cmd) },
	}
	useGroups(cmd, o.inputFlags(), o.sourceFlags(), o.targetFlags(), o.reportOutputFlags(), o.reportFlags(), o.clusterFlags())
	completeChoices(cmd)
	completeCluster(cmd, o.config)
	complete(cmd, "output", formatNames(""))
	completeReports(cmd)
	return cmd
}

func (o *convertOptions) reportOutputFlags() flagGroup {
	g := newGroup("Output")
	o.output = formatNames("")[0]
	g.flags.BoolVar(&o.noHeaders, "no-headers", false, "With -o table and wide: no line of headers.")
	g.flags.VarP(choice{formatNames(""), &o.output}, "output", "o", "Format of the report on standard output.")
	addChoice(g, &o.color, "color", "Colors of the format text.", "auto", "always", "never")
	addChoice(g, &o.validate, "validate", "How the objects are checked: fast, or also against the schemas and CEL rules of the CRDs (full).", "fast", "full")
	return g
}

func (o *convertOptions) runReport(cmd *cobra.Command) error {
	format, _ := lookupFormat(o.output) // the flag takes no other
	o.output = "yaml"                   // of the objects, which nobody sees
	p, err := o.plan()
	if err != nil {
		return err
	}
	p.format = format
	_, r, err := o.translate(cmd.Context(), p)
	if err != nil {
		return err
	}
	if err := o.writeReports(r, p); err != nil {
		return err
	}
	out := bufio.NewWriterSize(o.streams.Out, 1<<16)
	switch format.Name {
	case "text":
		err = reports.WriteText(out, r, reports.TextOptions{All: true, Color: colored(o.color, o.streams.OutTerminal, o.deps.Getenv)})
	case "table", "wide":
		err = reports.WriteRows(out, r, reports.RowOptions{Wide: format.Name == "wide", NoHeaders: o.noHeaders})
	default:
		err = format.Write(out, r)
	}
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		return ioError{err}
	}
	return o.verdict()
}
