package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// believesScheme tells whether a proxy in front says how the client came, so that redirects to HTTPS must look at that.
func (e *emitter) believesScheme() bool {
	f := &e.edge.Global.Forwarded
	return f.Trust && !f.RealOnly
}

// plainHTTP makes a redirect to HTTPS take the requests that came by plain HTTP.
func (e *emitter) plainHTTP(x *entry, to *model.HTTPSRedirect) {
	if e.believesScheme() {
		x.cond.header("x-forwarded-proto", exact("http"))
	} else {
		x.cond.port = e.opts.Gateway.HTTPPort
	}
	if to.NoHost {
		x.cond.authority = exact(hostless)
	}
}

// forwardedRedirect redirects to the host that the proxy in front says. A pattern keeps lists and rubbish out of Location.
func (e *emitter) forwardedRedirect(x *entry, to *model.HTTPSRedirect) *entry {
	f := x.clone()
	f.name, f.patch = "i2g/redirect-forwarded", patch{}
	f.cond.header("x-forwarded-host", regex("[A-Za-z0-9.-]+"))
	location := "https://%REQ(X-FORWARDED-HOST)%"
	if to.Port != "" {
		location += ":" + escape(to.Port)
	}
	f.http = &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: uint32(to.Code)}}
	e.setHeader(f, ofResponse, "location", location+"%REQ(:PATH)%")
	if to.CutSlash && to.Port == "" && !e.opts.NoEnvoyFilter {
		f.patch = patch{route: withoutLastSlashForwarded, shared: true}
	}
	return f
}
