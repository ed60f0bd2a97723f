package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Snippets are raw nginx configuration. By default the admission webhook refuses them and the controller drops Ingresses
// that have them; where they were allowed they may hold anything, protections included.
var Snippets = annotations.Feature{
	Name: "snippets",
	Keys: []annotations.Key{
		{
			Name: "configuration-snippet", Syntax: "nginx configuration", Scope: "location", Risk: "Critical", Protect: true, Class: finding.Refused,
			Doc:  "Directives inside each location of the Ingress.",
			Note: "what it did is lost unless every directive of it is understood; a snippet that may protect the route closes it",
		},
		{
			Name: "server-snippet", Syntax: "nginx configuration", Scope: "host", Risk: "Critical", Protect: true, Class: finding.Refused,
			Doc:  "Directives inside the host's server; that of the oldest Ingress of the host counts.",
			Note: "what it did is lost unless every directive of it is understood; a snippet that may protect the host closes it",
		},
		{
			Name: "stream-snippet", Syntax: "nginx configuration", Scope: "ingress", Risk: "Critical", Class: finding.Refused,
			Doc:  "Directives for TCP and UDP, collected from all Ingresses.",
			Note: "what it did is lost; express it with a TCP server of a Gateway and a VirtualService",
		},
	},
	Settings: []annotations.Setting{
		{Name: "main-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives at the top of nginx's configuration.", Note: snippetLost},
		{Name: "http-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for all of HTTP.", Note: snippetLost},
		{Name: "server-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for every host, beside those of annotations.", Note: snippetLost},
		{Name: "location-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for every location, behind those of annotations.", Note: snippetLost},
		{Name: "stream-snippet", Syntax: "nginx configuration", Class: finding.Refused, Doc: "Directives for TCP and UDP, beside those of annotations.", Note: snippetLost},
	},
	Edge: snippets,
}

const snippetLost = "check whether it protects anything"

// snippets translates what is understood. It runs when the rules are complete, because some directives make further rules
// out of them.
func snippets(e *annotations.Edge) {
	lostSettings(e)
	for _, key := range [...]string{"configuration-snippet", "server-snippet", "stream-snippet"} {
		for _, in := range e.Ingresses {
			if in.Has(key) {
				snippetsAllowed(in, key)
			}
		}
	}
	if !anySnippet(e) {
		return
	}
	known := newUnderstood()
	for _, h := range e.Hosts {
		snippetsOfHost(h, known)
	}
}

// anySnippet tells whether there is anything to do.
func anySnippet(e *annotations.Edge) bool {
	if e.HasSetting("server-snippet") || e.HasSetting("location-snippet") {
		return true
	}
	for _, in := range e.Ingresses {
		if in.Has("configuration-snippet") || in.Has("server-snippet") {
			return true
		}
	}
	return false
}

// snippetsAllowed tells whether the controller looks at snippets of annotations at all, and says so of one that it ignores.
func snippetsAllowed(in *annotations.Ingress, key string) bool {
	if switchedOn(in.Edge, "allow-snippet-annotations") {
		return true
	}
	in.Overruled(key, "allow-snippet-annotations is not true, so the controller ignores it")
	return false
}

// lostSettings says of raw configuration of the platform what is lost. What may protect every host closes every route.
func lostSettings(e *annotations.Edge) {
	for _, name := range [...]string{"main-snippet", "http-snippet", "stream-snippet"} {
		v, ok := e.Settings.Get(name)
		if !ok {
			continue
		}
		ds, err := parseSnippet(v)
		if err != nil {
			e.Setting(finding.Refused, name, snippetLost+" (it cannot be read: "+err.Error()+")")
			continue
		}
		var quoted []string
		for _, d := range ds {
			quoted = append(quoted, quoteDirective(d))
		}
		if name == "http-snippet" && protects(ds) {
			closeAll(e, name, "it may protect every host: "+shortList(quoted))
			continue
		}
		e.Setting(finding.Refused, name, snippetLost+": "+shortList(quoted))
	}
}

// protects tells whether directives for all of HTTP refuse requests.
func protects(ds []directive) bool {
	for _, d := range ds {
		switch {
		case d.name == "deny", d.name == "allow", strings.HasPrefix(d.name, "auth_"), strings.HasPrefix(d.name, "access_by_lua"),
			strings.HasPrefix(d.name, "rewrite_by_lua"), strings.HasPrefix(d.name, "ssl_verify"), d.name == "modsecurity_rules":
			return true
		}
	}
	return false
}

// quoteDirective quotes a directive for a message.
func quoteDirective(d directive) string {
	return annotations.Quote(strings.Join(strings.Fields(d.text), " "))
}

// shortList joins a few texts.
func shortList(texts []string) string {
	const most = 5
	if n := len(texts); n > most {
		return strings.Join(texts[:most], ", ") + " and " + itoa(n-most) + " more"
	}
	return strings.Join(texts, ", ")
}
