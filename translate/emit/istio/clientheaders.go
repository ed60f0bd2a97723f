package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Headers about the client's certificate: Envoy's own, which removes an incoming one unless the connection carries a
// certificate, and those that backends get.
const (
	headerXFCC       = "x-forwarded-client-cert"
	headerVerify     = "ssl-client-verify"
	headerSubject    = "ssl-client-subject-dn"
	headerIssuer     = "ssl-client-issuer-dn"
	headerClientCert = "ssl-client-cert"
)

// certGuards are the refusals in front of everything else of a host that asks for client certificates.
func (e *emitter) certGuards(h *model.Host) []*entry {
	c := h.ClientCerts
	if !h.Guarded() || h.Closed != nil {
		return nil
	}
	var out []*entry
	if len(c.ErrorPage) > 0 && c.Mode == model.CertRequired {
		if page, err := format(c.ErrorPage, inVirtualService); err == nil {
			x := &entry{answer: true, name: "i2g/client-cert-page", http: &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 302}}}
			x.cond.port = e.opts.Gateway.HTTPSPort
			x.cond.without(headerXFCC, present())
			e.setHeader(x, ofResponse, "location", page)
			out = append(out, x)
		}
	}
	if c.MatchCN != "" {
		if pattern, err := subjectPattern(c.MatchCN); err == nil {
			x := &entry{answer: true, name: "i2g/client-cert-refused", http: &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{
				Status: 403, Body: &networking.HTTPBody{Specifier: &networking.HTTPBody_String_{String_: "client certificate unauthorized"}},
			}}}
			x.cond.without(headerXFCC, regex(pattern)) // plain HTTP too
			out = append(out, x)
		}
	}
	return out
}

// clientCertHeaders tells backends about the client's certificate, and removes what clients claim about one. Values are those
// of the connection, so an entry that takes both ports is split.
func clientCertHeaders(e *emitter, h *model.Host, _ *model.Rule, xs []*entry) []*entry {
	c := h.ClientCerts
	if c == nil || h.Closed != nil {
		return xs
	}
	port := e.opts.Gateway.HTTPSPort
	var out []*entry
	for _, x := range xs {
		if x.answer {
			out = append(out, x)
			continue
		}
		for _, name := range []string{headerXFCC, headerVerify, headerSubject, headerIssuer, headerClientCert} {
			e.removeHeader(x, ofRequest, name)
		}
		if x.cond.port != 0 && x.cond.port != port {
			out = append(out, x)
			continue
		}
		out = append(out, e.overTLS(c, x, port)...)
		if x.cond.port == 0 {
			x.cond.port = e.opts.Gateway.HTTPPort
			out = append(out, x)
		}
	}
	return out
}

// overTLS are the entries for requests over TLS: with a certificate, and without one if that is possible.
func (e *emitter) overTLS(c *model.ClientCerts, x *entry, port uint32) []*entry {
	with := x.clone()
	with.cond.port = port
	none := with.clone()
	e.setHeader(none, ofRequest, headerVerify, "NONE")
	if c.Mode == model.CertIgnored {
		return []*entry{none}
	}
	verdict := "SUCCESS"
	if c.Mode == model.CertUnverified {
		verdict = "FAILED:unverified" // nothing tells a good certificate from a bad one here
	}
	e.setHeader(with, ofRequest, headerVerify, verdict)
	e.setHeader(with, ofRequest, headerSubject, "%DOWNSTREAM_PEER_SUBJECT%")
	e.setHeader(with, ofRequest, headerIssuer, "%DOWNSTREAM_PEER_ISSUER%")
	if c.PassToUp {
		e.setHeader(with, ofRequest, headerClientCert, "%DOWNSTREAM_PEER_CERT%")
	}
	if c.Mode == model.CertRequired {
		return []*entry{with}
	}
	with.cond.header(headerXFCC, present())
	return []*entry{with, none}
}

// plainOnly keeps the routes of a host that asks for certificates away from servers that do not ask: names that only a
// pattern describes have no server of their own, so they keep plain
// HTTP. It tells whether the entry remains.
func (e *emitter) plainOnly(h *model.Host, x *entry) bool {
	if !h.Guarded() {
		return true
	}
	if x.cond.port == e.opts.Gateway.HTTPSPort {
		return false
	}
	x.cond.port = e.opts.Gateway.HTTPPort
	return true
}
