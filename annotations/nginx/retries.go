package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"slices"
	"strconv"
	"strings"
)

// Retries says when a request is tried again on another endpoint. nginx repeats POST, LOCK and PATCH only if nothing was
// sent yet.
var Retries = annotations.Feature{
	Name: "retries",
	Keys: []annotations.Key{
		{
			Name: "proxy-next-upstream", Syntax: "error timeout invalid_header http_500 ... non_idempotent | off", Default: "error timeout", Setting: "proxy-next-upstream",
			Scope: "location", Risk: "Medium", Check: tries, Class: finding.Exact,
			Doc:  "Failures after which another endpoint is tried. gRPC locations always use error timeout.",
			Note: "retry conditions of the route; POST, LOCK and PATCH have a route of their own that repeats only what was not sent",
		},
		{
			Name: "proxy-next-upstream-tries", Syntax: "integer, 0 = unlimited", Default: "3", Setting: "proxy-next-upstream-tries", Scope: "location", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc: "Tries in all, the first included.", Note: "number of retries of the route; unlimited tries are capped",
		},
		{
			Name: "proxy-next-upstream-timeout", Syntax: "seconds, 0 = none", Default: "0", Setting: "proxy-next-upstream-timeout", Scope: "location", Risk: "Low", Check: integer, Class: finding.Approximate,
			Doc:  "Time within which further tries may begin.",
			Note: "fewer tries, as many as fit into the time; quick failures are bounded by number only",
		},
	},
	Settings: []annotations.Setting{
		{Name: "retry-non-idempotent", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Repeats POST, LOCK and PATCH as well.", Note: "POST, LOCK and PATCH are retried like other methods"},
	},
	Route: retries,
}

// retries fills Rule.Retries.
func retries(r *annotations.Route) {
	n := &model.Retries{Tries: r.Int("proxy-next-upstream-tries"), NonIdempotent: r.Edge.SettingText("retry-non-idempotent") == "true", Budget: r.Seconds("proxy-next-upstream-timeout")}
	if n.Tries < 0 {
		n.Tries = 3
		r.Approximate("proxy-next-upstream-tries", "nginx loads no configuration with a negative number; here the request is tried at most 3 times")
	}
	conditions, seen := r.Text("proxy-next-upstream"), map[string]bool{}
	if f, ok := r.Model.Action.(model.Forward); ok && (f.Backend.Protocol == model.GRPC || f.Backend.Protocol == model.GRPCS) {
		conditions = "error timeout"
		r.Overruled("proxy-next-upstream", "gRPC locations always use error timeout")
	}
	for w := range strings.FieldsSeq(conditions) {
		seen[w] = true
		switch w {
		case "off":
			n.Tries = 1
		case "error":
			n.OnError = true
		case "timeout":
			n.OnTimeout = true
		case "invalid_header":
			n.OnError = true
		case "non_idempotent":
			n.NonIdempotent = true
		default:
			if c, err := strconv.Atoi(strings.TrimPrefix(w, "http_")); err == nil {
				n.Codes = append(n.Codes, c)
			}
		}
	}
	slices.Sort(n.Codes)
	n.Codes = slices.Compact(n.Codes)
	n.Origins = []model.Origin{r.Origin("proxy-next-upstream"), r.Origin("proxy-next-upstream-tries"), r.Origin("proxy-next-upstream-timeout")}
	r.Model.Retries = n
	if n.Tries == 0 && r.Stated("proxy-next-upstream-tries") {
		r.Approximate("proxy-next-upstream-tries", "unlimited tries become at most 100")
	}
	if n.Budget <= 0 || n.Tries == 1 {
		r.Exact("proxy-next-upstream-timeout", "no limit in time, as before")
	}
	switch {
	case n.Tries == 1 || seen["error"]:
	case seen["timeout"]:
		r.Corner("proxy-next-upstream", "refused and broken connections are tried again like timeouts")
	case seen["invalid_header"]:
		r.Corner("proxy-next-upstream", "refused and broken connections are tried again like invalid answers")
	}
}
