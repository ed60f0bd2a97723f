package nginx

import (
	"strconv"
	"time"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Timeouts of the connection to the backend. Read and send timeouts are gaps between two operations, not totals; each is
// answered with 504. All are whole seconds without a unit.
var Timeouts = annotations.Feature{
	Name: "timeouts",
	Keys: []annotations.Key{
		{
			Name: "proxy-connect-timeout", Syntax: "seconds", Default: "5", Setting: "proxy-connect-timeout", Scope: "location", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc: "Longest wait for a connection to an endpoint.", Note: "connect timeout of the route, answered with 504 as before",
		},
		{
			Name: "proxy-read-timeout", Syntax: "seconds", Default: "60", Setting: "proxy-read-timeout", Scope: "location", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc: "Longest gap between two reads from the backend.", Note: "idle timeout of each try, so that long downloads and streams live on while data flows",
		},
		{
			Name: "proxy-send-timeout", Syntax: "seconds", Default: "60", Setting: "proxy-send-timeout", Scope: "location", Risk: "Low", Check: integer, Class: finding.Exact,
			Doc: "Longest gap between two writes to the backend.", Note: "idle timeout of the route",
		},
	},
	Route: timeouts,
}

// timeouts fills Rule.Timeouts. The gap between writes is kept only where it is stated.
func timeouts(r *annotations.Route) {
	t := &model.Timeouts{
		Connect: r.Seconds("proxy-connect-timeout"), Read: r.Seconds("proxy-read-timeout"),
		Origins: []model.Origin{r.Origin("proxy-connect-timeout"), r.Origin("proxy-read-timeout"), r.Origin("proxy-send-timeout")},
	}
	if r.Stated("proxy-send-timeout") {
		t.Send = r.Seconds("proxy-send-timeout")
		r.Corner("proxy-send-timeout", "one idle timer watches both directions, for all tries together; it is not shorter than the read timeout of all tries")
	}
	if v, ok := r.Edge.Settings.Get("proxy-connect-timeout"); ok && integer(v) == nil {
		if n, err := strconv.Atoi(v); err == nil {
			r.Edge.Model.Global.ConnectTimeout = time.Duration(n) * time.Second
		}
	}
	r.Model.Timeouts = t
}
