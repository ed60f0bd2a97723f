package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// LocationRewrite replaces the beginning of Location and Refresh headers of backends. Both keys are needed; off and default
// switch the pair off.
var LocationRewrite = annotations.Feature{
	Name: "location-rewrite",
	Keys: []annotations.Key{
		{
			Name: "proxy-redirect-from", Syntax: "off | default | text", Default: "off", Setting: "proxy-redirect-from", Scope: "location", Risk: "Medium", Check: urlChars, Class: finding.Exact,
			Doc: "Beginning of Location and Refresh that is replaced.", Note: "replaced in responses of the route",
		},
		{
			Name: "proxy-redirect-to", Syntax: "off | text", Default: "off", Setting: "proxy-redirect-to", Scope: "location", Risk: "Medium", Check: urlChars, Class: finding.Exact,
			Doc: "What it is replaced by.", Note: "put into responses of the route",
		},
	},
	Route: locationRewrite,
}

// locationRewrite fills Rule.LocationRewrite. Without a from that is text there is nothing to rewrite: default replaces a
// name that no backend knows.
func locationRewrite(r *annotations.Route) {
	from, to := r.Text("proxy-redirect-from"), r.Text("proxy-redirect-to")
	switch {
	case r.SlashRedirect:
		return
	case from == "off" || from == "default" || to == "off":
		for _, k := range []string{"proxy-redirect-from", "proxy-redirect-to"} {
			r.Overruled(k, "the pair is off")
		}
		return
	case strings.HasPrefix(from, "~"):
		r.Manual("proxy-redirect-from", "patterns are not translated; Location and Refresh stay as the backend sends them")
		return
	case strings.ContainsAny(from+to, " $"):
		r.Manual("proxy-redirect-from", "the pair is not two plain texts; Location and Refresh stay as the backend sends them")
		return
	}
	if strings.HasPrefix(to, "/") {
		r.Approximate("proxy-redirect-to", "Location stays relative where nginx makes it absolute; clients go to the same place")
	}
	r.Model.LocationRewrite = &model.LocationRewrite{From: from, To: to, Origin: r.Origin("proxy-redirect-from")}
}
