package translate

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// waivers joins what the command line waives with what the Ingresses' own annotations waive.
func waivers(s *snapshot.Snapshot, given func(finding.Code, *finding.Object) bool, fs *finding.List) func(finding.Code, *finding.Object) bool {
	own := map[*finding.Object]map[finding.Code]bool{}
	for _, in := range s.Ingresses {
		codes := map[finding.Code]bool{}
		for _, annotation := range []string{snapshot.WaiveAnnotation, snapshot.SuppressAnnotation} {
			for _, a := range in.Accepted(annotation) {
				o := finding.Origin{Object: in.Object, Field: annotation, Line: in.Lines.Annotations[annotation]}
				switch {
				case !a.Code.Known():
					fs.Report(finding.AcceptsNothing, o, string(a.Code), "it is no finding code")
				case a.Reason == "":
					fs.Report(finding.AcceptsNothing, o, string(a.Code), "a reason is missing")
				case annotation == snapshot.WaiveAnnotation:
					codes[a.Code] = true
				}
			}
		}
		if len(codes) > 0 {
			own[in.Object] = codes
		}
	}
	return func(c finding.Code, o *finding.Object) bool {
		return own[o][c] || (given != nil && given(c, o))
	}
}
