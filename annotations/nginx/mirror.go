package nginx

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Mirror copies requests to another server and ignores its answers.
var Mirror = annotations.Feature{
	Name: "mirror",
	Keys: []annotations.Key{
		{
			Name: "mirror-target", Syntax: "URL, usually ending in $request_uri", Scope: "location", Risk: "High", Check: serverName, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "URL that gets a copy of each request. A slow answer holds the client's connection.",
			Note: "requests are mirrored to the Service; a slow mirror no longer delays clients",
		},
		{
			Name: "mirror-host", Syntax: "host", Scope: "location", Risk: "High", Needs: "mirror-target", Check: serverName, Class: finding.Exact,
			Doc: "Host of the copy; without it the host of mirror-target.", Note: "Host of the copy",
		},
		{
			Name: "mirror-request-body", Syntax: "on | off", Default: "on", Scope: "location", Risk: "Low", Needs: "mirror-target", Check: onOffSpaced, Class: finding.Approximate,
			Doc: "off leaves the body out of the copy.", Note: "the copy always has the body",
		},
	},
	Route: mirror,
}

// mirror fills Rule.Mirror.
func mirror(r *annotations.Route) {
	text := r.Text("mirror-target")
	if text == "" || r.SlashRedirect {
		return
	}
	if _, served := r.Model.Action.(model.Forward); !served {
		if a, ok := r.Model.Action.(model.Respond); ok && a.AfterAccess {
			r.Corner("mirror-target", "requests for paths that no rule of the host takes are answered 404 as before, but not mirrored")
		}
		return
	}
	fixed, whole := cutRequestURI(text)
	u, err := url.Parse(fixed)
	switch {
	case strings.Contains(fixed, "$"):
		r.Manual("mirror-target", "of the variables only a final $request_uri can be written; nothing is mirrored")
		return
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.User != nil:
		r.Manual("mirror-target", "it is no plain http or https URL of a server; nothing is mirrored")
		return
	}
	be, ok := mirrorBackend(r, u)
	if !ok {
		r.Manual("mirror-target", "the server is neither a Service nor a host with a domain name; nothing is mirrored")
		return
	}
	m := &model.Mirror{Backend: be, Host: r.Text("mirror-host"), Origin: r.Origin("mirror-target")}
	if m.Host == "" || !serverHost(m.Host) {
		m.Host = u.Hostname()
	}
	switch {
	case whole && u.Path == "/":
		r.Approximate("mirror-target", "requests are mirrored with their own path, which nginx sends with two slashes at its beginning")
	case whole:
		m.Prefix = u.EscapedPath()
	case u.Path == "":
		r.Approximate("mirror-target", "requests are mirrored with their own path; without $request_uri nginx sends /_mirror- and the Ingress's UID instead")
	default:
		m.Path = u.EscapedPath()
	}
	if r.Text("mirror-request-body") != "off" {
		r.Exact("mirror-request-body", "the copy has the body")
	}
	r.Model.Mirror = m
}

// cutRequestURI cuts the request's own path and query from the end of a URL.
func cutRequestURI(s string) (string, bool) {
	for _, end := range []string{"$request_uri", "${request_uri}", "$uri$is_args$args"} {
		if rest, ok := strings.CutSuffix(s, end); ok {
			return rest, true
		}
	}
	return s, false
}

// serverHost tells whether a text can be sent as a Host.
func serverHost(s string) bool {
	for i := range len(s) {
		if !nameByte(s[i]) && strings.IndexByte("-.:[]", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

// mirrorBackend is the Service that a URL names, or the host outside the cluster.
func mirrorBackend(r *annotations.Route, u *url.URL) (model.Backend, bool) {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return model.Backend{}, false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if !validHost(host) {
		return model.Backend{}, false
	}
	be := model.Backend{Namespace: r.Namespace, Service: host, ExternalName: host, External: true, Port: int32(n)}
	if parts := strings.Split(host, "."); len(parts) >= 3 && parts[2] == "svc" {
		var res annotations.Resolution
		be, res = r.Edge.Lookup.Backend(parts[1], parts[0], port)
		if res == annotations.NoPort || res == annotations.RefusedService {
			return be, false
		}
	} else if len(parts) < 2 {
		return be, false
	}
	if u.Scheme == "https" {
		be.Protocol, be.TLS = model.HTTPS, &model.BackendTLS{Origin: r.Origin("mirror-target")}
	}
	return be, true
}
