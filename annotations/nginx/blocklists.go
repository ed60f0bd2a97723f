package nginx

import (
	"regexp"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// BlockLists refuse for the whole controller: addresses, user agents and referers of the ConfigMap get 403 before anything
// else, redirects included.
var BlockLists = annotations.Feature{
	Name: "block-lists",
	Settings: []annotations.Setting{
		{Name: "block-cidrs", Syntax: "list of networks and addresses", Class: finding.Exact,
			Doc:  "Client addresses that get 403 everywhere, except in locations that have an address list of their own.",
			Note: "an always-on filter of the gateway that nobody's routes can remove"},
		{Name: "block-user-agents", Syntax: "list of texts, ~pattern or ~*pattern", Class: finding.Exact,
			Doc:  "User agents that get 403 everywhere. Plain text must equal the whole header, ignoring case.",
			Note: "an always-on filter of the gateway that nobody's routes can remove"},
		{Name: "block-referers", Syntax: "list of texts, ~pattern or ~*pattern", Class: finding.Exact,
			Doc:  "Referers that get 403 everywhere. Plain text must equal the whole header, ignoring case.",
			Note: "an always-on filter of the gateway that nobody's routes can remove"},
	},
	Edge: blockLists,
}

// blockLists fills the block lists of the edge. A list that cannot be carried over protected every route, so that every
// route is closed.
func blockLists(e *annotations.Edge) {
	g := &e.Model.Global
	for _, l := range []struct {
		name string
		to   *[]string
	}{{"block-user-agents", &g.BlockAgents}, {"block-referers", &g.BlockReferers}} {
		for _, entry := range annotations.SplitList(e.SettingText(l.name)) {
			re, err := mapPattern(entry)
			if err != nil {
				closeAll(e, l.name, "the pattern "+annotations.Quote(entry)+" cannot be written for Envoy: "+err.Error())
				continue
			}
			*l.to = append(*l.to, re)
		}
		if len(*l.to) > 0 {
			g.BlockOrigins = append(g.BlockOrigins, e.Settings.Origin(l.name))
		}
	}
	const name = "block-cidrs"
	list := e.SettingText(name)
	if list == "" {
		return
	}
	peers, err := trustedPeers(e)
	if err == nil {
		err = cidrs(list)
	}
	if err != nil {
		closeAll(e, name, err.Error())
		return
	}
	g.BlockCIDRs, g.BlockTrusted = canonicalCIDRs(annotations.SplitList(list)), peers
	g.BlockOrigins = append(g.BlockOrigins, e.Settings.Origin(name))
	if anyList(e) {
		e.Setting(finding.Approximate, name, "an always-on filter of the gateway that nobody's routes can remove; it also holds where a route has an address list of its own, which is stricter than before")
	}
}

// anyList tells whether some location has an address list of its own, which nginx takes in place of the controller's.
func anyList(e *annotations.Edge) bool {
	for _, h := range e.Hosts {
		for _, r := range h.Routes {
			if r.Model.Access != nil {
				return true
			}
		}
	}
	return false
}

// mapPattern turns an entry of an nginx map into a pattern for the whole value: plain text counts whatever its case, a tilde
// begins a pattern that is searched anywhere.
func mapPattern(entry string) (string, error) {
	entry = unescape(entry)
	flags, src := "(?s)", ""
	switch {
	case strings.HasPrefix(entry, "~*"):
		flags, src = "(?is)", entry[2:]
	case strings.HasPrefix(entry, "~"):
		src = entry[1:]
	default:
		return "(?i)" + regexp.QuoteMeta(strings.TrimPrefix(entry, `\`)), nil
	}
	re, err := convertSearch(src)
	if err != nil {
		return "", err
	}
	whole := flags + ".*(?:" + re + ").*"
	return whole, checkRE2(whole)
}

// closeAll closes every route, because a setting that protected all of them cannot be carried over.
func closeAll(e *annotations.Edge, setting, why string) {
	for _, h := range e.Hosts {
		for _, r := range h.Routes {
			closeBySetting(r, finding.ProtectionClosed, setting, why)
		}
	}
}

// closeBySetting closes a route because of a controller setting, unless the user waived it; it tells whether it is closed.
func closeBySetting(r *annotations.Route, code finding.Code, setting, why string) bool {
	e := r.Host.Edge // the route may have no Ingress
	o := e.Settings.Origin(setting)
	name := "controller setting " + setting
	e.Setting(finding.Manual, setting, why)
	if w := e.Options.Waived; w != nil && w(code, o.Object) {
		e.Findings.Add(finding.Finding{Code: finding.ProtectionOpen, Class: finding.Manual, Origin: o, Args: []string{name, why}, Waived: true})
		return false
	}
	e.Findings.Report(code, o, name, why)
	r.Model.Close(403, o)
	return true
}
