package translate

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// WaiveAnnotation lists the codes whose loss the owner of an Ingress accepts, each with a reason behind a colon:
//
//	ingress2gw.io/waive: "I2G4001: the mesh authenticates, ticket SEC-12"
//
// Several are separated by line breaks or semicolons. A code without a reason waives nothing.
const WaiveAnnotation = "ingress2gw.io/waive"

// waivers joins what the command line waives with what the Ingresses' own annotations waive.
func waivers(s *snapshot.Snapshot, given func(finding.Code, *finding.Object) bool) func(finding.Code, *finding.Object) bool {
	own := map[*finding.Object]map[finding.Code]bool{}
	for _, in := range s.Ingresses {
		if v := in.Annotations[WaiveAnnotation]; v != "" {
			own[in.Object] = parseWaivers(v)
		}
	}
	return func(c finding.Code, o *finding.Object) bool {
		return own[o][c] || (given != nil && given(c, o))
	}
}

func parseWaivers(v string) map[finding.Code]bool {
	out := map[finding.Code]bool{}
	for line := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == '\n' || r == ';' }) {
		code, reason, _ := strings.Cut(line, ":")
		if strings.TrimSpace(reason) != "" {
			out[finding.Code(strings.TrimSpace(code))] = true
		}
	}
	return out
}
