package nginx

import (
	"slices"
	"strconv"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ErrorPages lets another Service answer instead of listed statuses: that of default-backend, else the controller's default
// backend. A list of the annotation replaces the ConfigMap's, and disable-proxy-intercept-errors of each place speaks only for
// the list of the same place.
var ErrorPages = annotations.Feature{
	Name: "error-pages",
	Keys: []annotations.Key{
		{
			Name: "custom-http-errors", Syntax: "list of statuses from 400 to 599", Setting: "custom-http-errors", Scope: "location", Risk: "Low",
			Check: statusList, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Statuses that are answered by the error service, which sees the original one in X-Code.",
			Note: "the gateway asks the error service in the same way",
		},
		{
			Name: "disable-proxy-intercept-errors", Syntax: "true | false", Default: "false", Scope: "location", Risk: "Low", Needs: "custom-http-errors",
			Check: boolean, Class: finding.Exact,
			Doc:  "true replaces only errors that nginx makes itself; the backend's own pass.",
			Note: "only errors that the gateway makes itself are replaced",
		},
	},
	Settings: []annotations.Setting{
		{Name: "disable-proxy-intercept-errors", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc:  "disable-proxy-intercept-errors for the ConfigMap's own list of statuses.",
			Note: "only errors that the gateway makes itself are replaced"},
	},
	Route: errorPages,
	Edge:  errorPagesOfUnknownHosts,
}

const longBodies = "request bodies that are chunked or above 64 KiB are not repeated to the error service"

// errorPages fills Rule.ErrorPages.
func errorPages(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	const key = "custom-http-errors"
	global := globalErrorPages(r.Edge)
	p := global
	if r.Has(key) {
		p = &model.ErrorPages{Codes: statuses(r.Text(key)), Origin: r.Origin(key)}
		// What the ConfigMap says of its own list is inherited: if it intercepts, so does this location.
		p.LocalOnly = r.Bool("disable-proxy-intercept-errors") && (global == nil || global.LocalOnly)
		if r.Bool("disable-proxy-intercept-errors") && !p.LocalOnly {
			r.Overruled("disable-proxy-intercept-errors", "the ConfigMap's list of statuses makes nginx intercept errors everywhere")
		}
		// The hidden location asks the controller's default backend: it has no Service beside which another could stand.
		if b := errorService(r); b != nil && r.Service != "" {
			p.Backend = *b
		} else if b := globalDefaultBackend(r.Edge); b != nil {
			p.Backend = *b
		}
	} else if r.Has("auth-signin") {
		return // its error_page hides those of the ConfigMap
	}
	if p == nil || len(p.Codes) == 0 {
		return
	}
	if p.Backend.Service != "" {
		r.Corner(key, longBodies)
	}
	p.Namespace, p.Ingress, p.Service, p.Port = r.Namespace, r.Name, r.Service, r.Port
	r.Model.ErrorPages = p
}

// globalErrorPages are those of the ConfigMap, answered by the controller's default backend; nil if there are none.
func globalErrorPages(e *annotations.Edge) *model.ErrorPages {
	const setting = "custom-http-errors"
	v, ok := e.Settings.Get(setting)
	if !ok {
		return nil
	}
	p := &model.ErrorPages{Codes: statuses(v), LocalOnly: e.SettingBool("disable-proxy-intercept-errors"), Origin: e.Settings.Origin(setting)}
	if len(p.Codes) == 0 {
		return nil
	}
	if b := globalDefaultBackend(e); b != nil {
		p.Backend = *b
	}
	return p
}

// errorService is the Service of the default-backend annotation; nil if there is none.
func errorService(r *annotations.Route) *model.Backend {
	name := r.Text("default-backend")
	if name == "" {
		return nil
	}
	port, found := r.Edge.Lookup.FirstPort(r.Namespace, name)
	if !found {
		r.Edge.Findings.Report(finding.ServiceMissing, r.Place("default-backend"), r.Namespace+"/"+name)
	}
	if port == "" {
		port = "80"
	}
	b, _ := r.Edge.Lookup.Backend(r.Namespace, name, port)
	return &b
}

// statuses reads a list of statuses; what is no error status is left out.
func statuses(v string) []int {
	var out []int
	for _, s := range annotations.SplitList(v) {
		if n, err := strconv.Atoi(s); err == nil && n >= 400 && n <= 599 && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// errorPagesOfUnknownHosts gives the ConfigMap's error pages to the default server, which no Ingress states.
func errorPagesOfUnknownHosts(e *annotations.Edge) {
	for _, h := range e.Hosts {
		for _, r := range h.Routes {
			if r.Ingress == nil && !r.SlashRedirect {
				r.Model.ErrorPages = globalErrorPages(e)
			}
		}
	}
}
