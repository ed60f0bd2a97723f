package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"

	"github.com/ingress2gw/ingress2gw/internal/krm"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// fnOptions are the options of a KRM function. They come with the input, not from the command line.
type fnOptions struct {
	convertOptions

	ingresses string // keep or remove
	results   string // least severity of the findings to report
}

func newFn(streams Streams, deps Dependencies) *cobra.Command {
	return &cobra.Command{
		Use:   "fn",
		Short: "Convert as a KRM function, in pipelines of kustomize and kpt",
		Long: `Fn reads a ResourceList from standard input, as kustomize and kpt send it to a KRM function, adds the objects that replace
the Ingresses among its items, and writes it to standard output with findings as results. Objects that an earlier run made
are replaced or taken out; items that are not ours are never changed.

Options are those of convert, in the functionConfig: spec of a Convert (ingress2gw.io/v1alpha1), or data of a ConfigMap.

A program that is named ingress2gw-fn does the same without an argument, for callers that give none.

Exit codes: 0 done, 1 findings at or above fail-on or a protection withheld, 2 wrong options or unreadable input, 3 I/O
failed, 70 a bug of ours.`,
		Example: `  # In a kustomization, as a transformer; see docs/krm-function.md for the file
  kustomize build --enable-alpha-plugins --enable-exec .

  # With kpt, on a package
  kpt fn eval --exec 'ingress2gw fn' -- tls=cert-manager`,
		Args: onlyFlags("fn"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := &fnOptions{convertOptions: convertOptions{streams: streams, deps: deps, config: genericclioptions.NewConfigFlags(false)}}
			return o.run(cmd)
		},
	}
}

func (o *fnOptions) run(cmd *cobra.Command) error {
	list, err := krm.Read(o.streams.In)
	if err != nil {
		return usageError{err}
	}
	results, err := o.convert(cmd, list)
	if wrong, ok := errors.AsType[*optionError](err); ok {
		results = framework.Results{wrong.result()}
		err = usageError{err}
	} else if err != nil && !errors.As(err, new(findingsError)) {
		return err
	}
	if failed := list.Write(o.streams.Out, results); failed != nil {
		return ioError{failed}
	}
	return err
}

// convert translates the items, and puts the objects among them.
func (o *fnOptions) convert(cmd *cobra.Command, list *krm.List) (framework.Results, error) {
	config, err := list.Config()
	if err != nil {
		return nil, usageError{err}
	}
	if err := o.configure(config); err != nil {
		return nil, err
	}
	input, err := list.Input()
	if err != nil {
		return nil, usageError{err}
	}
	o.streams.In = strings.NewReader(input)
	if input != "" || len(o.filenames) == 0 {
		o.filenames = append(o.filenames, "-")
	}
	p, err := o.plan()
	if err != nil {
		return nil, err
	}
	s, err := o.read(cmd.Context(), p)
	if err != nil {
		return nil, err
	}
	if s.Read == 0 {
		return nil, nil // nothing to do: a pipeline also runs where there is no Ingress yet
	}
	result, r, err := o.translateRead(s, p)
	if err != nil {
		return nil, err
	}
	taken, err := list.Replace(result.Objects)
	if err != nil {
		return nil, err
	}
	if o.ingresses == "remove" {
		list.Remove(isIngress)
	}
	annotations := map[*finding.Object]map[string]string{}
	for _, in := range s.Ingresses {
		annotations[in.Object] = in.Annotations
	}
	results := list.Results(r.Findings, threshold(o.results), func(at finding.Origin) (string, bool) {
		v, ok := annotations[at.Object][at.Field]
		return v, ok
	})
	results = append(results, takenResults(taken)...)
	o.reached.findings += len(taken)
	if err = o.verdict(); err == nil {
		for _, r := range results { // an error among the results is one that makes the run fail
			if r.Severity == framework.Error {
				r.Severity = framework.Warning
			}
		}
	}
	o.tell(results)
	return results, err
}

func isIngress(apiVersion, kind, _, _ string) bool {
	group, _, _ := strings.Cut(apiVersion, "/")
	return kind == "Ingress" && (group == "networking.k8s.io" || group == "extensions")
}

// takenResults report objects whose place is taken by something that is not ours.
func takenResults(taken []*manifest.Object) framework.Results {
	var out framework.Results
	for _, o := range taken {
		r := &framework.Result{Severity: framework.Error, Message: o.ID() + " is among the items and not ours: it is not replaced"}
		r.ResourceRef = krm.Identify(o)
		out = append(out, r)
	}
	return out
}

// tell prints what makes the run fail: not every caller shows results.
func (o *fnOptions) tell(results framework.Results) {
	for _, r := range results {
		if r.Severity == framework.Error {
			fmt.Fprintln(o.streams.Err, strings.TrimSpace(r.Tags["code"]+" "+reports.Clean(r.String(), 0)))
		}
	}
}
