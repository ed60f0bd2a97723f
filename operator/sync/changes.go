package sync

import (
	"maps"
	"slices"

	"github.com/go-logr/logr"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// mostLines is how many findings one translation may log; the report has them all.
const mostLines = 100

// logChanges says what is new: a line for each new blocking finding, and one with the sums.
func logChanges(l logr.Logger, before, now *Current) {
	known, blocking := before.blocking(), now.blocking()
	lines := 0
	for _, key := range slices.Sorted(maps.Keys(blocking)) {
		if _, old := known[key]; old {
			continue
		}
		if lines++; lines > mostLines {
			continue
		}
		f := blocking[key]
		values := []any{"code", string(f.Code), "finding", f.Code.Entry().Name, "field", f.Origin.Field, "message", f.Message()}
		if o := f.Origin.Object; o != nil {
			name := o.Name
			if o.Namespace != "" {
				name = o.Namespace + "/" + name
			}
			values = append(values, o.Kind, name)
		}
		l.Info("Protection is not carried over", values...)
	}
	if lines > mostLines {
		l.Info("More protections are not carried over; the report lists them all", "more", lines-mostLines)
	}
	r := now.Report
	if before != nil && before.Hash == now.Hash && before.Report.Counts == r.Counts && lines == 0 && len(known) == len(blocking) {
		return
	}
	errors := r.Reached(finding.Error)
	l.Info("Translation changed",
		"ingresses", r.Counts.In, "converted", r.Counts.Converted, "skipped", r.Counts.Skipped, "failed", r.Counts.Failed,
		"objects", len(now.Objects), "blocking", r.Blocking(), "errors", errors, "warnings", r.Reached(finding.Warning)-errors, "hash", now.Hash)
}
