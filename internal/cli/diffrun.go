package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/internal/state"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/diff"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/split"
)

func (o *diffOptions) run(cmd *cobra.Command) error {
	p, err := o.plan()
	if err != nil {
		return err
	}
	s, err := o.read(cmd.Context(), p)
	if err != nil {
		return err
	}
	result := o.deps.Translate(s, p.translate)
	manifest.Sort(result.Objects)
	c, err := o.compare(cmd.Context(), p, result)
	if err != nil {
		return err
	}
	d := diff.Compare(c.pairs)
	d.Notices = c.notices
	diff.Explain(d, diff.Translation{
		Snapshot: s, Before: c.before, Findings: result.Findings,
		Translate: func(s *snapshot.Snapshot) []*manifest.Object { return o.deps.Translate(s, p.translate).Objects },
	})
	differs, err := o.show(cmd.Context(), d)
	if err != nil {
		return err
	}
	if !o.quiet {
		o.summary(d, result, p)
	}
	return c.verdict(d, differs)
}

// comparison is what diff.Compare needs, and what could not be read.
type comparison struct {
	pairs      []diff.Pair
	before     *snapshot.Snapshot // of --against-input
	notices    []string
	unreadable int // documents of a folder
}

func (o *diffOptions) compare(ctx context.Context, p *plan, result *translate.Result) (*comparison, error) {
	switch {
	case o.against != "":
		return o.compareFolder(result)
	case len(o.againstInput) > 0:
		return o.compareInput(ctx, p, result)
	}
	return o.compareCluster(ctx, result)
}

func (o *diffOptions) compareFolder(result *translate.Result) (*comparison, error) {
	info, err := os.Stat(o.against)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "reading", Path: o.against, Err: fmt.Errorf("is not a folder")}
	}
	if err != nil {
		return nil, usageError{fmt.Errorf("--against: %w", err)}
	}
	root := os.DirFS(o.against)
	meshFile := path.Join(split.PlatformFolder, split.MeshConfigFile)
	f, err := state.ReadFolder(root, meshFile)
	if err != nil {
		return nil, usageError{fmt.Errorf("--against: %w", err)}
	}
	c := &comparison{pairs: state.Pairs(result.Objects, f.Objects), notices: f.Notices, unreadable: f.Unreadable}
	_, err = fs.Stat(root, path.Join(split.PlatformFolder, split.KustomizationFile))
	if f.Mesh != nil || err == nil && len(result.MeshConfig) > 0 {
		c.pairs = append(c.pairs, state.MeshPair(meshFile, f.Mesh, result.MeshConfig))
	}
	return c, nil
}

func (o *diffOptions) compareInput(ctx context.Context, p *plan, result *translate.Result) (*comparison, error) {
	other := o.convertOptions
	other.filenames, other.kustomize = o.againstInput, ""
	s, err := other.read(ctx, p)
	if err != nil {
		return nil, err
	}
	before := o.deps.Translate(s, p.translate)
	origins := map[string]*manifest.Object{}
	trees := make([]map[string]any, len(before.Objects))
	for i, old := range before.Objects {
		origins[diff.IDOf(old).Key()] = old
		trees[i] = manifest.Unstructured(old).Object
	}
	c := &comparison{pairs: state.Pairs(result.Objects, trees), before: s}
	for i := range c.pairs {
		if pair := &c.pairs[i]; pair.Wanted == nil {
			pair.Owner, pair.Origins = origins[pair.ID.Key()].Owner, origins[pair.ID.Key()].Origins
		}
	}
	var mesh map[string]any
	if len(before.MeshConfig) > 0 {
		mesh = manifest.GoTree(before.MeshConfig)
	}
	if mesh != nil || len(result.MeshConfig) > 0 {
		c.pairs = append(c.pairs, state.MeshPair(split.MeshConfigFile, mesh, result.MeshConfig))
	}
	return c, nil
}

func (o *diffOptions) compareCluster(ctx context.Context, result *translate.Result) (*comparison, error) {
	config, err := o.config.ToRESTConfig()
	if err != nil {
		return nil, ioError{fmt.Errorf("reading the kubeconfig: %w", err)}
	}
	opts := state.Options{
		Manager: o.fieldManager, Force: o.forceConflicts, ReadOnly: !o.serverSide, Prune: o.prune, Workers: o.concurrency, PruneNamespace: *o.config.Namespace,
	}
	var c comparison
	if live := len(o.filenames) == 0 && o.kustomize == ""; live && (!o.allNamespaces || o.selector != "") {
		if opts.PruneNamespace, _, err = o.config.ToRawKubeConfigLoader().Namespace(); err != nil {
			return nil, ioError{fmt.Errorf("reading the kubeconfig: %w", err)}
		}
		if o.prune && opts.PruneNamespace == o.gatewayNamespace {
			return nil, usagef("--prune needs -A here: the namespace of the context is the gateway's, and what belongs to others would look unwanted")
		}
		c.notices = append(c.notices, "Only some Ingresses of the cluster were read. What all of them share is compared with what these alone need; -A reads all.")
	}
	cluster, err := state.Connect(config, opts)
	if err != nil {
		return nil, ioError{err}
	}
	pairs, notices, err := cluster.Compare(ctx, result.Objects)
	if err != nil {
		return nil, ioError{err}
	}
	c.pairs, c.notices = pairs, append(c.notices, notices...)
	c.unreadable = len(notices)
	return &c, nil
}

// show prints the differences, and tells whether there are any.
func (o *diffOptions) show(ctx context.Context, d *diff.Diff) (bool, error) {
	if program := o.deps.Getenv("KUBECTL_EXTERNAL_DIFF"); program != "" && !o.formatGiven {
		return o.external(ctx, program, d)
	}
	var err error
	switch o.format {
	case "table":
		err = diff.WriteTable(o.streams.Out, d)
	case "json":
		err = diff.WriteJSON(o.streams.Out, d)
	default:
		err = diff.WriteUnified(o.streams.Out, d, diff.Style{Color: colored(o.color, o.streams.OutTerminal, o.deps.Getenv)})
	}
	if err != nil {
		return false, ioError{err}
	}
	return d.Differs(), nil
}

// summary counts, and says what is to be known of the comparison as a whole.
func (o *diffOptions) summary(d *diff.Diff, result *translate.Result, p *plan) {
	w := o.streams.Err
	for _, n := range d.Notices {
		fmt.Fprintln(w, reports.Clean(n, 0))
	}
	if n := d.Conflicts(); n > 0 {
		fmt.Fprintf(w, "%s with conflicts: applying needs --force-conflicts, or the other managers to let go.\n", plural(n, "object"))
	}
	blocking := 0
	for _, f := range result.Findings {
		f.Waived = f.Waived || p.translate.Waived(f.Code, f.Origin.Object)
		if f.Blocking() || f.Code == finding.InvalidOutput {
			blocking++
		}
	}
	if blocking > 0 {
		fmt.Fprintf(w, "The translation itself has %s that block: convert shows them.\n", plural(blocking, "finding"))
	}
	fmt.Fprintln(w, d.Summary())
}

// verdict is nil for no difference, or what the run ends with.
func (c *comparison) verdict(d *diff.Diff, differs bool) error {
	switch n := d.Incomplete(); {
	case n > 0:
		return ioError{fmt.Errorf("%s could not be compared, or not for certain", plural(n, "object"))}
	case c.unreadable > 0 && c.before == nil && len(c.notices) > 0:
		return ioError{fmt.Errorf("the comparison is not complete: %s", slices.Clone(c.notices)[0])}
	case differs:
		return differsError{}
	}
	return nil
}
