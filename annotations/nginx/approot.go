package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"strings"
)

// AppRoot redirects the host's / to a path. The first location of the host that has it wins, whatever its Ingress, and it
// comes before every redirect to HTTPS and every protection.
var AppRoot = annotations.Feature{
	Name: "app-root",
	Keys: []annotations.Key{
		{
			Name: "app-root", Syntax: "path", Scope: "host", Risk: "Medium", Check: rootPath, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "Redirects exactly / of the host to this path with 302, without the query.",
			Note: "a fixed 302 for /, before everything else of the host",
		},
	},
	Settings: []annotations.Setting{
		{Name: "app-root", Syntax: "path", Class: finding.Noop, Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
	},
	Host: appRoot,
}

// appRoot redirects / of the host, before everything else. The first location in the controller's order that has the
// annotation wins.
func appRoot(h *annotations.Host) {
	var first *annotations.Route
	for _, r := range h.Routes {
		if r.Ingress == nil || r.SlashRedirect || !r.Has("app-root") || (r.Host.Name == catchAll && r.Default) {
			continue
		}
		if first == nil || locationBefore(r, first) {
			first = r
		}
	}
	if first == nil {
		return
	}
	path := first.Text("app-root")
	if !strings.HasPrefix(path, "/") {
		first.Overruled("app-root", "the controller takes only a path that begins with a slash")
		return
	}
	to, err := parseValue(path, ofHost(h))
	if err != nil {
		first.Say(finding.VariableManual, "app-root", "app-root "+annotations.Quote(path), err.Error())
		return
	}
	location := model.Value{{Var: model.VarScheme}, {Text: "://"}, {Var: model.VarAuthority}}
	h.Model.Before = append(h.Model.Before, &model.Rule{
		Match: model.Match{Path: model.ExactPath("/")}, Owner: first.Namespace, Ingress: first.Ref(), Origin: first.Origin("app-root"),
		Action: model.Redirect{Code: 302, Location: append(location, to...)},
	})
}

// locationBefore is the controller's order of locations: by length of the path text, then by text, both descending.
func locationBefore(a, b *annotations.Route) bool {
	if len(a.Path) != len(b.Path) {
		return len(a.Path) > len(b.Path)
	}
	return a.Path > b.Path
}
