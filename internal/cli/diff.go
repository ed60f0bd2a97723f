package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// diffOptions are the flags of diff: those of convert that say what is wanted, and what it is compared with.
type diffOptions struct {
	convertOptions

	against        string
	againstInput   []string
	prune          bool
	serverSide     bool
	fieldManager   string
	forceConflicts bool
	concurrency    int
	format         string
	formatGiven    bool
}

func newDiff(streams Streams, deps Dependencies) *cobra.Command {
	o := &diffOptions{convertOptions: convertOptions{streams: streams, deps: deps, config: genericclioptions.NewConfigFlags(true)}}
	cmd := &cobra.Command{
		Use:   "diff [-f FILE | -k DIRECTORY] [--against DIRECTORY | --against-input FILE] [flags]",
		Short: "Compare what convert would write with a cluster, a folder or another input",
		Long: `Diff translates the same inputs as convert, and compares the result with what there is: with the cluster of the kubeconfig,
with a folder of manifests (--against), or with the translation of another input (--against-input).

A cluster is asked to apply every object as a dry run on the server, so that its defaults, its admission and the managers of
fields have their say. Nothing is written. Each difference names the Ingress and, where one makes it, the annotation that it
comes from. What Secrets hold is never shown.

Differences go to standard output, the summary to standard error. KUBECTL_EXTERNAL_DIFF names a program to show them, as for
kubectl diff: it gets a folder with what is there and one with what is wanted.

Exit codes: 0 no difference, 1 differences, 2 wrong usage or unreadable input, 3 the cluster failed or some objects could not
be compared, 70 a bug of ours.`,
		Example: `  # What would change in the cluster
  ingress2gw diff -A

  # Which field, what is there, what is wanted, who manages it, which annotation makes it so
  ingress2gw diff -A -o table

  # What a change of an Ingress means for a GitOps repository
  ingress2gw diff -f manifests/ -R --against gitops

  # What a change of an Ingress means, with no output at hand
  git show main:ingress.yaml | ingress2gw diff -f ingress.yaml --against-input -`,
		Args: onlyFlags("diff"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.formatGiven = cmd.Flags().Changed("output")
			return o.run(cmd)
		},
	}
	useGroups(cmd, o.inputFlags(), o.comparisonFlags(), o.sourceFlags(), o.targetFlags(), o.clusterFlags())
	completeChoices(cmd)
	completeCluster(cmd, o.config)
	complete(cmd, "waive", codes())
	return cmd
}

func (o *diffOptions) comparisonFlags() flagGroup {
	g := newGroup("Comparison")
	f := g.flags
	f.StringVar(&o.against, "against", "", "`DIRECTORY` to compare with: one that convert -o dir= wrote, or any with manifests in it.")
	f.StringArrayVar(&o.againstInput, "against-input", nil, "`FILE`, folder or URL whose translation to compare with, or - for standard input; can be repeated.")
	addChoice(g, &o.format, "output", "Format of the differences. table has a line for each field, and who manages it.", "unified", "table", "json")
	f.Lookup("output").Shorthand = "o"
	f.BoolVar(&o.prune, "prune", false, "Also show objects of ours in the cluster that are no longer wanted. Against a folder or an input they always are shown.")
	f.BoolVar(&o.serverSide, "server-side", true, "Let the server work out what applying would do. false needs the right to read only, and knows no defaults and no admission.")
	f.StringVar(&o.fieldManager, "field-manager", "", "Name to apply under. Default: ours that manages the object already, else ingress2gw.")
	f.BoolVar(&o.forceConflicts, "force-conflicts", false, "Do not report fields that others manage with another value.")
	f.IntVar(&o.concurrency, "concurrency", 8, "How many objects to ask the cluster about at a time.")
	f.StringArrayVar(&o.waive, "waive", nil, "As for convert: accept what findings say, `CODE[=KIND NAMESPACE/NAME]`; can be repeated.")
	addChoice(g, &o.color, "color", "Colors.", "auto", "always", "never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "Print no summary.")
	return g
}

// plan checks the flags and says what they mean.
func (o *diffOptions) plan() (*plan, error) {
	p := &plan{}
	return p, o.follow(p, o.planInput, o.planSource, o.planTarget, o.planGateway, o.planWaivers, o.planComparison)
}

func (o *diffOptions) planComparison(*plan) error {
	stdin := 0
	for _, name := range append(append([]string{}, o.filenames...), o.againstInput...) {
		if name == "-" {
			stdin++
		}
	}
	cluster := o.against == "" && len(o.againstInput) == 0
	switch {
	case o.to == "model":
		return fmt.Errorf("--to model cannot be compared: diff compares objects")
	case o.against != "" && len(o.againstInput) > 0:
		return fmt.Errorf("--against cannot be used together with --against-input")
	case stdin > 1:
		return fmt.Errorf("standard input can be read once only")
	case o.concurrency < 1:
		return fmt.Errorf("--concurrency must be at least 1")
	case o.prune && cluster && o.selector != "":
		return fmt.Errorf("--prune cannot be used together with -l: what belongs to other Ingresses would look unwanted")
	case o.prune && cluster && *o.config.Namespace == o.gatewayNamespace:
		return fmt.Errorf("--prune cannot be used together with the gateway's namespace alone: what belongs to others would look unwanted")
	}
	return nil
}
