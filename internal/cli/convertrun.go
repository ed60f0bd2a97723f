package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/internal/kustomize"
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
	result, r, err := o.translate(cmd.Context(), p)
	if err != nil {
		return err
	}
	if err := o.write(result, p); err != nil {
		return err
	}
	if err := o.writeReports(r, p); err != nil {
		return err
	}
	if !o.quiet {
		opts := reports.TextOptions{Color: colored(o.color, o.streams.ErrTerminal, o.deps.Getenv)}
		if err := reports.WriteText(o.streams.Err, r, opts); err != nil {
			return ioError{err}
		}
	}
	return o.verdict()
}

// translate reads and translates the input, and makes the report.
func (o *convertOptions) translate(ctx context.Context, p *plan) (*translate.Result, *reports.Report, error) {
	s, err := o.read(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	return o.translateRead(s, p)
}

// translateRead translates what was read.
func (o *convertOptions) translateRead(s *snapshot.Snapshot, p *plan) (*translate.Result, *reports.Report, error) {
	p.translate.Target.Trace = p.traced()
	p.translate.ObjectsOnly = o.to != "model" && !p.detailed()
	waivers := acceptedIn(s)
	var kept *snapshot.Snapshot // it is large, and of no use behind the translation
	if p.detailed() {
		kept = s
	}
	result := o.deps.Translate(s, p.translate)
	for i := range result.Findings {
		f := &result.Findings[i]
		f.Waived = f.Waived || p.translate.Waived(f.Code, f.Origin.Object)
	}
	if err := o.check(result); err != nil {
		return nil, nil, err
	}
	r := o.account(kept, result, waivers, p)
	if o.to != "model" {
		result.Model = nil // large, and of no more use
	}
	return result, r, nil
}

// read loads the input and, if it is in a file of its own, the controller's ConfigMap.
func (o *convertOptions) read(ctx context.Context, p *plan) (*snapshot.Snapshot, error) {
	opts := load.Options{
		Filenames: o.filenames, Recursive: o.recursive, Kustomize: o.kustomize, Build: kustomize.Build, Stdin: o.streams.In,
		Namespace: *o.config.Namespace, AllNamespaces: o.allNamespaces, Selector: o.selector, Config: o.config,
		NamespaceLabels: o.teamLabel != "",
		SecretContents:  o.secretContents || p.translate.Target.TLS == emit.TLSCopy,
	}
	if name := o.defaultCertificate; name != "" {
		opts.Secrets = append(opts.Secrets, snapshot.Key{Namespace: o.gatewayNamespace, Name: name})
	}
	opts.Secrets = append(opts.Secrets, p.translate.Source.Secrets()...)
	opts.ConfigMaps = p.translate.Source.ConfigMaps()
	var config *snapshot.ConfigMap
	if p.configFile != "" {
		var err error
		if config, err = o.deps.LoadConfigMap(p.configFile); err != nil {
			return nil, usageError{fmt.Errorf("--controller-config: %w", err)}
		}
		opts.ConfigMaps = append(opts.ConfigMaps, load.NamedBy(config)...)
	}
	s, err := o.deps.Load(ctx, opts)
	if err != nil {
		return nil, inputError(err, len(o.filenames) > 0 || o.kustomize != "")
	}
	if config != nil {
		s.ConfigMaps[config.Key] = config
		p.translate.Source.ControllerConfig = config.Key
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
