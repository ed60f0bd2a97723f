package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func (o *convertOptions) run(cmd *cobra.Command) error {
	p, err := o.plan()
	if err != nil {
		return err
	}
	s, err := o.read(cmd.Context(), p)
	if err != nil {
		return err
	}
	result := o.deps.Translate(s, p.translate)
	if o.to != "model" {
		result.Model = nil // large, and of no more use
	}
	for i := range result.Findings {
		f := &result.Findings[i]
		f.Waived = f.Waived || p.translate.Waived(f.Code, f.Origin.Object)
	}
	if err := o.check(result); err != nil {
		return err
	}
	if err := o.write(result, p); err != nil {
		return err
	}
	return o.report(result, p)
}

// read loads the input and, if it is in a file of its own, the controller's ConfigMap.
func (o *convertOptions) read(ctx context.Context, p *plan) (*snapshot.Snapshot, error) {
	opts := load.Options{
		Filenames: o.filenames, Recursive: o.recursive, Kustomize: o.kustomize, Stdin: o.streams.In,
		Namespace: *o.config.Namespace, AllNamespaces: o.allNamespaces, Selector: o.selector, Config: o.config,
		SecretContents: o.secretContents || p.translate.Target.TLS == emit.TLSCopy,
	}
	if name := o.defaultCertificate; name != "" {
		opts.Secrets = append(opts.Secrets, snapshot.Key{Namespace: o.gatewayNamespace, Name: name})
	}
	if key := p.translate.Source.ControllerConfig; key != (snapshot.Key{}) {
		opts.ConfigMaps = append(opts.ConfigMaps, key)
	}
	s, err := o.deps.Load(ctx, opts)
	if err != nil {
		return nil, inputError(err, len(o.filenames) > 0 || o.kustomize != "")
	}
	if p.configFile != "" {
		c, err := o.deps.LoadConfigMap(p.configFile)
		if err != nil {
			return nil, usageError{fmt.Errorf("--controller-config: %w", err)}
		}
		s.ConfigMaps[c.Key] = c
		p.translate.Source.ControllerConfig = c.Key
	}
	return s, nil
}

// check validates the objects in full if that is asked for. What does not pass is not written: the cluster would refuse it.
func (o *convertOptions) check(result *translate.Result) error {
	if o.validate != "full" {
		return nil
	}
	problems, err := o.deps.ValidateFull(result.Objects)
	if err != nil {
		return fmt.Errorf("validating: %w", err)
	}
	bad := map[string]bool{}
	for _, p := range problems {
		bad[p.Object] = true
		result.Findings = append(result.Findings, finding.Finding{Code: finding.InvalidOutput, Args: []string{p.Object + " " + p.Field, p.Reason}})
	}
	result.Objects = slices.DeleteFunc(slices.Clone(result.Objects), func(m *manifest.Object) bool { return bad[m.ID()] })
	return nil
}

func (o *convertOptions) report(result *translate.Result, p *plan) error {
	c := result.Counts
	r := reports.New(o.deps.Version, reports.Counts{In: c.In, Converted: c.Converted, Skipped: c.Skipped, Failed: c.Failed}, result.Objects, result.Findings)
	verdict := o.verdict(r)
	r.Suppress(p.suppressed)
	for _, f := range p.reports {
		err := writeFile(f.path, func(w io.Writer) error { return f.format.Write(w, r) })
		if err != nil {
			return ioError{fmt.Errorf("--report: %w", err)}
		}
	}
	if !o.quiet {
		opts := reports.TextOptions{Color: colored(o.color, o.streams.ErrTerminal, o.deps.Getenv)}
		if err := reports.WriteText(o.streams.Err, r, opts); err != nil {
			return ioError{err}
		}
	}
	return verdict
}

// verdict is nil, or what makes the run end with 1.
func (o *convertOptions) verdict(r *reports.Report) error {
	reached := 0
	switch o.failOn {
	case "error":
		reached = r.Reached(finding.Error)
	case "warning":
		reached = r.Reached(finding.Warning)
	case "info":
		reached = r.Reached(finding.Info)
	}
	if blocking := r.Blocking(); reached > 0 || blocking > 0 {
		return findingsError{max(reached, blocking), blocking}
	}
	return nil
}

// writeFile writes a file that the user named.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<16)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}
