package translate

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// onlyValid leaves out objects that would be refused. Such an object is our bug and is reported as one. What hangs on it goes
// too: a route must not be published without the patch that protects it, so with an EnvoyFilter for some routes go the
// VirtualServices that have them, and with one for the whole gateway goes everything.
func onlyValid(objects []*manifest.Object, problems []validate.Problem, fs *finding.List) []*manifest.Object {
	if len(problems) == 0 {
		return objects
	}
	bad := map[string]bool{}
	for _, p := range problems {
		bad[p.Object] = true
		fs.Report(finding.InvalidOutput, finding.Origin{Field: p.Object}, p.Object, p.Field+": "+p.Reason)
	}
	lost := map[string]bool{} // names of routes
	for _, o := range objects {
		if !bad[o.ID()] || o.Kind != "EnvoyFilter" {
			continue
		}
		names, all := patchedRoutes(o)
		if !all {
			return nil
		}
		for _, n := range names {
			lost[n] = true
		}
	}
	var out []*manifest.Object
	for _, o := range objects {
		if !bad[o.ID()] && !hangsOn(o, lost) {
			out = append(out, o)
		}
	}
	return out
}

// hangsOn tells whether an object has routes whose patch is lost.
func hangsOn(o *manifest.Object, lost map[string]bool) bool {
	return len(lost) > 0 && slices.ContainsFunc(routeNames(o), func(n string) bool { return lost[n] })
}
