package translate

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// onlyValid leaves out objects that would be refused. Such an object is our bug and is reported as one. What hangs on it goes
// too: a route must not be published without the patch that protects it, so with an EnvoyFilter for one Ingress go the routes
// of that Ingress, and with one for the whole gateway goes everything.
func onlyValid(objects []*manifest.Object, problems []validate.Problem, fs *finding.List) []*manifest.Object {
	if len(problems) == 0 {
		return objects
	}
	bad := map[string]bool{}
	for _, p := range problems {
		bad[p.Object] = true
		fs.Report(finding.InvalidOutput, finding.Origin{Field: p.Object}, p.Object, p.Field+": "+p.Reason)
	}
	ingresses := map[string]bool{}
	for _, o := range objects {
		if !bad[o.ID()] || o.Kind != "EnvoyFilter" {
			continue
		}
		if len(o.Origins) == 0 {
			return nil
		}
		for _, x := range o.Origins {
			ingresses[x.Object.Ref()] = true
		}
	}
	var out []*manifest.Object
	for _, o := range objects {
		if !bad[o.ID()] && !hangsOn(o, ingresses) {
			out = append(out, o)
		}
	}
	return out
}

// hangsOn tells whether routes come from one of the Ingresses.
func hangsOn(o *manifest.Object, ingresses map[string]bool) bool {
	if o.Kind != "VirtualService" {
		return false
	}
	for _, x := range o.Origins {
		if ingresses[x.Object.Ref()] {
			return true
		}
	}
	return false
}
