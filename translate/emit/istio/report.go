package istio

import (
	"regexp"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// reportValue says that a header value cannot be written for the target.
func (e *emitter) reportValue(op model.HeaderOp, err error) {
	e.findings.Report(finding.VariableManual, op.Origin, "header "+op.Name, err.Error())
}

// keyName is what to call the place of an origin in a message.
func keyName(o model.Origin) string {
	if o.Field != "" {
		return o.Field
	}
	return o.Object.Ref()
}

// closeFor closes a rule whose protection cannot be expressed, unless the user waived it; it tells whether it closed.
func (e *emitter) closeFor(r *model.Rule, o model.Origin, why string) bool {
	if e.opts.Waived(finding.ProtectionClosed, o.Object) {
		e.findings.Add(finding.Finding{Code: finding.ProtectionOpen, Class: finding.Manual, Origin: o, Args: []string{keyName(o), why}, Waived: true})
		return false
	}
	e.findings.Report(finding.ProtectionClosed, o, keyName(o), why)
	r.Close(403, o)
	return true
}

// alternatives is a regex that matches one of the words.
func alternatives(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = regexp.QuoteMeta(w)
	}
	return strings.Join(q, "|")
}

// withoutEnvoyFilter tells whether EnvoyFilters are switched off, and reports that the feature of an origin is lost then.
func (e *emitter) withoutEnvoyFilter(o model.Origin, lost string) bool {
	if !e.opts.NoEnvoyFilter {
		return false
	}
	e.findings.Report(finding.NoEnvoyFilter, o, keyName(o), lost)
	return true
}

// cornerName is what to call a key in which something differs in a corner.
func cornerName(o model.Origin) string {
	if o.Object != nil && o.Object.Kind == "Ingress" {
		return "annotation " + o.Field
	}
	return "controller setting " + o.Field
}
