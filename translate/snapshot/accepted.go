package snapshot

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// The annotations by which the owner of an Ingress accepts what findings say: codes, each with a reason behind a colon.
//
//	ingress2gw.io/waive: "I2G4001: the mesh authenticates, ticket SEC-12"
//
// Several are separated by line breaks or semicolons. A code without a reason accepts nothing.
const (
	WaiveAnnotation    = "ingress2gw.io/waive"    // the loss that a finding stands for
	SuppressAnnotation = "ingress2gw.io/suppress" // that a finding is not shown
)

// Accepted is one entry of such an annotation.
type Accepted struct {
	Code   finding.Code
	Reason string // "": nothing is accepted
}

// Accepted reads one of the annotations.
func (in *Ingress) Accepted(annotation string) []Accepted {
	var out []Accepted
	for entry := range strings.FieldsFuncSeq(in.Annotations[annotation], func(r rune) bool { return r == '\n' || r == ';' }) {
		code, reason, _ := strings.Cut(entry, ":")
		if code = strings.TrimSpace(code); code != "" {
			out = append(out, Accepted{finding.Code(code), strings.TrimSpace(reason)})
		}
	}
	return out
}
