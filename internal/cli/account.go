package cli

import (
	"fmt"
	"io"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// account makes the report of a run. Details are made only if a format wants them; only they need the snapshot.
func (o *convertOptions) account(s *snapshot.Snapshot, result *translate.Result, waivers []reports.Waiver, p *plan) *reports.Report {
	c := result.Counts
	r := reports.New(o.deps.Version, reports.Counts{In: c.In, Converted: c.Converted, Skipped: c.Skipped, Failed: c.Failed}, result.Objects, result.Findings)
	r.Threshold = threshold(o.failOn)
	p.baseline.Mark(r)
	o.reached = reached{r.Reached(r.Threshold), r.Blocking()}
	unwanted := suppressing(p.suppressed, waivers)
	if !p.detailed() {
		r.Suppress(unwanted)
		return r
	}
	r.Describe(reports.Source{Snapshot: s, Model: result.Model, Objects: result.Objects, Sources: result.Sources, TeamLabel: o.teamLabel, ClusterDomain: o.clusterDomain, Waivers: waivers}, unwanted)
	return r
}

// detailed tells whether a format wants details.
func (p *plan) detailed() bool {
	return p.format.Details || slices.ContainsFunc(p.reports, func(f reportFile) bool { return f.format.Details })
}

// traced tells whether a format shows where parts of objects come from.
func (p *plan) traced() bool {
	return p.format.Sources || slices.ContainsFunc(p.reports, func(f reportFile) bool { return f.format.Sources })
}

// acceptedIn lists what Ingresses accept by annotation.
func acceptedIn(s *snapshot.Snapshot) []reports.Waiver {
	var out []reports.Waiver
	for _, in := range s.Ingresses {
		for _, annotation := range []string{snapshot.WaiveAnnotation, snapshot.SuppressAnnotation} {
			for _, a := range in.Accepted(annotation) {
				if a.Reason != "" && a.Code.Known() {
					out = append(out, reports.Waiver{Object: in.Object, Code: a.Code, Reason: a.Reason, Suppress: annotation == snapshot.SuppressAnnotation})
				}
			}
		}
	}
	return out
}

// suppressing joins what the command line suppresses with what Ingresses suppress by annotation; nil for nothing.
func suppressing(given []reports.Selector, own []reports.Waiver) func(finding.Finding) bool {
	type about struct {
		object *finding.Object
		code   finding.Code
	}
	byOwner := map[about]bool{}
	for _, w := range own {
		if w.Suppress {
			byOwner[about{w.Object, w.Code}] = true
		}
	}
	if len(given)+len(byOwner) == 0 {
		return nil
	}
	return func(f finding.Finding) bool {
		return byOwner[about{f.Origin.Object, f.Code}] || reports.MatchAny(given, f.Code, f.Origin.Object)
	}
}

// never is above all severities.
const never = finding.Error + 1

func threshold(failOn string) finding.Severity {
	switch failOn {
	case "error":
		return finding.Error
	case "warning":
		return finding.Warning
	case "info":
		return finding.Info
	}
	return never
}

// reached is what makes a run end with 1.
type reached struct{ findings, blocking int }

// verdict is nil, or what makes the run end with 1.
func (o *convertOptions) verdict() error {
	if n := o.reached; n.findings > 0 || n.blocking > 0 {
		return findingsError{max(n.findings, n.blocking), n.blocking}
	}
	return nil
}

// writeReports writes the reports that are to go to files.
func (o *convertOptions) writeReports(r *reports.Report, p *plan) error {
	for _, f := range p.reports {
		err := writeFile(f.path, func(w io.Writer) error { return f.format.Write(w, r) })
		if err != nil {
			return ioError{fmt.Errorf("--report: %w", err)}
		}
	}
	return nil
}
