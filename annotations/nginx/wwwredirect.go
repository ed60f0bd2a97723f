package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"strconv"
	"strings"
)

// WWWRedirect redirects the www name of a host to the bare one, or the other way round, unless that name has rules of its
// own.
var WWWRedirect = annotations.Feature{
	Name: "www-redirect",
	Keys: []annotations.Key{
		{
			Name: "from-to-www-redirect", Syntax: "true | false", Default: "false", Scope: "host", Risk: "Low", Check: boolean, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Redirects the other name to this host with http-redirect-code, port written out, one final slash cut.",
			Note: "a redirect for the other name, with the port in Location as before; HTTPS needs a certificate that covers both names",
		},
	},
	Host: wwwRedirect,
}

// wwwRedirect fills Host.Twin.
func wwwRedirect(h *annotations.Host) {
	for _, in := range h.Ingresses {
		if !in.Bool("from-to-www-redirect") {
			continue
		}
		if why := redirectsSkipped(in); why != "" {
			in.Overruled("from-to-www-redirect", why)
			continue
		}
		if !h.Model.Exact() {
			in.Overruled("from-to-www-redirect", "host "+h.Name+" has no other name")
			continue
		}
		twin, bare := strings.CutPrefix(h.Name, "www.")
		if !bare {
			twin = "www." + h.Name
		}
		if namesHost(h.Edge, twin) {
			in.Overruled("from-to-www-redirect", twin+" has rules of its own")
			continue
		}
		if h.Model.Twin != nil {
			continue
		}
		code, err := strconv.Atoi(h.Edge.SettingText("http-redirect-code"))
		if err != nil {
			code = 308
		}
		h.Model.Twin = &model.Twin{Name: twin, Code: code, Origin: in.Origin("from-to-www-redirect")}
		if t := h.Model.TLS; t != nil {
			h.Model.Twin.TLS = twinTLS(h, t, twin)
		}
	}
}

// twinTLS is the certificate of the other name: the host's own if it covers both.
func twinTLS(h *annotations.Host, t *model.TLS, twin string) *model.TLS {
	c := *t
	if t.Secret == nil {
		return &c
	}
	checked := checkPair(h.Edge.Lookup, *t.Secret)
	if checked.leaf != nil && !covers(checked.leaf, twin) {
		c.Secret, c.Unfit = nil, t.Secret
	}
	return &c
}

// namesHost tells whether some Ingress has rules for a host.
func namesHost(e *annotations.Edge, name string) bool {
	for _, h := range e.Hosts {
		if h.Name == name {
			return true
		}
	}
	return false
}
