package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// rewrite replaces the path, and upstreamHost the Host, that the backend sees.
func rewrite(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	for _, x := range xs {
		if x.answer {
			continue
		}
		if w := r.Rewrite; w != nil {
			e.rewritePath(x, w)
		}
		if u := r.UpstreamHost; u != nil {
			w := x.http.Rewrite // which others may share
			x.http.Rewrite = &networking.HTTPRewrite{Uri: w.GetUri(), UriRegexRewrite: w.GetUriRegexRewrite(), Authority: u.Host}
			// Evaluated before the rewrite, so that it holds the client's Host.
			e.setHeader(x, ofRequest, "x-forwarded-host", "%REQ(:AUTHORITY)%")
		}
	}
	return xs
}

func (e *emitter) rewritePath(x *entry, w *model.Rewrite) {
	switch {
	case w.Template != nil:
		v, err := format(w.Template, inEnvoyFilter)
		if err != nil || e.withoutEnvoyFilter(w.Origin, "the path is not rewritten; the route answers 503") {
			x.answer = true
			x.http = &networking.HTTPRoute{DirectResponse: &networking.HTTPDirectResponse{Status: 503}}
			return
		}
		x.patch.action().PathRewrite = v
		x.patch.label("path-" + shortHash(v))
	case w.Pattern == "":
		x.http.Rewrite = &networking.HTTPRewrite{Uri: w.Substitution}
		if _, prefix := x.rule.Match.Path.(model.SegmentPrefix); prefix {
			// uri would replace the matched prefix only.
			x.http.Rewrite = &networking.HTTPRewrite{UriRegexRewrite: &networking.RegexRewrite{Match: "^.*$", Rewrite: w.Substitution}}
		}
	default:
		x.http.Rewrite = &networking.HTTPRewrite{UriRegexRewrite: &networking.RegexRewrite{Match: w.Pattern, Rewrite: w.Substitution}}
	}
}
