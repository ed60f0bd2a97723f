package istio

import (
	"slices"
	"strconv"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// tracer remembers where parts of objects come from, for those who want to show it. A nil tracer remembers nothing: it costs
// memory for each route.
type tracer struct {
	rules   map[*networking.HTTPRoute]*model.Rule
	sources map[*manifest.Object][]manifest.Source
}

func newTracer(wanted bool) *tracer {
	if !wanted {
		return nil
	}
	return &tracer{map[*networking.HTTPRoute]*model.Rule{}, map[*manifest.Object][]manifest.Source{}}
}

// entry notes the rule of an entry.
func (t *tracer) entry(h *networking.HTTPRoute, r *model.Rule) *networking.HTTPRoute {
	if t != nil && r != nil {
		t.rules[h] = r
	}
	return h
}

// service notes where the entries of a VirtualService come from, and parts of them that have a reason of their own.
func (t *tracer) service(o *manifest.Object, vs *networking.VirtualService) {
	if t == nil {
		return
	}
	for i, h := range vs.Http {
		r := t.rules[h]
		if r == nil {
			continue
		}
		at := "spec.http[" + strconv.Itoa(i) + "]"
		t.note(o, at, r.Origin)
		t.parts(o, at, h, r)
	}
}

func (t *tracer) note(o *manifest.Object, path string, origins ...model.Origin) {
	origins = slices.DeleteFunc(slices.Clone(origins), func(x model.Origin) bool { return x.Object == nil })
	if len(origins) > 0 {
		t.sources[o] = append(t.sources[o], manifest.Source{Path: path, Origins: origins})
	}
}

// parts notes which settings made the fields of an entry.
func (t *tracer) parts(o *manifest.Object, at string, h *networking.HTTPRoute, r *model.Rule) {
	if h.CorsPolicy != nil && r.CORS != nil {
		t.note(o, at+".corsPolicy", r.CORS.Origin)
	}
	if h.Timeout != nil && r.Timeouts != nil {
		t.note(o, at+".timeout", r.Timeouts.Origins...)
	}
	if h.Retries != nil && r.Retries != nil {
		t.note(o, at+".retries", r.Retries.Origins...)
	}
	if h.Rewrite != nil && r.Rewrite != nil {
		t.note(o, at+".rewrite", r.Rewrite.Origin)
	}
	if h.Rewrite.GetAuthority() != "" && r.UpstreamHost != nil {
		t.note(o, at+".rewrite.authority", r.UpstreamHost.Origin)
	}
	if len(h.Mirrors) > 0 && r.Mirror != nil {
		t.note(o, at+".mirrors", r.Mirror.Origin)
	}
	if len(h.Route) > 0 && r.Canary != nil {
		t.note(o, at+".route", r.Canary.Origin)
	}
	if len(h.Route) > 0 && r.Fallback != nil {
		t.note(o, at+".route", r.Fallback.Origin)
	}
	if h.Headers.GetRequest() != nil {
		t.note(o, at+".headers.request", headerOrigins(r.RequestHeaders)...)
	}
	if h.Headers.GetResponse() != nil {
		t.note(o, at+".headers.response", headerOrigins(r.ResponseHeaders)...)
	}
	if h.DirectResponse != nil && r.Closed != nil {
		t.note(o, at+".directResponse", r.Closed.Origins...)
	}
	if to, ok := r.Action.(model.Redirect); ok && h.Redirect != nil {
		t.note(o, at+".redirect", to.Origin)
	} else if h.Redirect != nil && r.HTTPSRedirect != nil {
		t.note(o, at+".redirect", r.HTTPSRedirect.Origin)
	}
}

func headerOrigins(ops []model.HeaderOp) []model.Origin {
	var out []model.Origin
	for i := range ops {
		out = append(out, ops[i].Origin)
	}
	return out
}

// patch notes which settings are merged into the proxy's routes: those that a VirtualService cannot say.
func (t *tracer) patch(o *manifest.Object, index int, r *model.Rule) {
	if t == nil || r == nil {
		return
	}
	var origins []model.Origin
	if a := r.Access; a != nil {
		origins = append(origins, a.Origins...)
	}
	if l := r.RateLimit; l != nil {
		origins = append(origins, l.Origins...)
	}
	if c := r.CookieRewrite; c != nil {
		origins = append(origins, c.Origins...)
	}
	if a := r.Affinity; a != nil {
		origins = append(origins, a.Origins...)
	}
	if n := r.Retries; n != nil {
		origins = append(origins, n.Origins...)
	}
	if n := r.Timeouts; n != nil {
		origins = append(origins, n.Origins...)
	}
	for _, one := range singleOrigins(r) {
		origins = append(origins, *one)
	}
	t.note(o, "spec.configPatches["+strconv.Itoa(index)+"]", origins...)
}

// singleOrigins are the origins of settings that have one.
func singleOrigins(r *model.Rule) []*model.Origin {
	var out []*model.Origin
	if r.Body != nil {
		out = append(out, &r.Body.Origin)
	}
	if r.BasicAuth != nil {
		out = append(out, &r.BasicAuth.Origin)
	}
	if r.ExternalAuth != nil {
		out = append(out, &r.ExternalAuth.Origin)
	}
	if r.SatisfyAny != nil {
		out = append(out, &r.SatisfyAny.Origin)
	}
	if r.Bandwidth != nil {
		out = append(out, &r.Bandwidth.Origin)
	}
	if r.ErrorPages != nil {
		out = append(out, &r.ErrorPages.Origin)
	}
	if r.LocationRewrite != nil {
		out = append(out, &r.LocationRewrite.Origin)
	}
	if r.AccessLog != nil {
		out = append(out, &r.AccessLog.Origin)
	}
	if r.Tracing != nil {
		out = append(out, &r.Tracing.Origin)
	}
	return out
}

func (t *tracer) all() map[*manifest.Object][]manifest.Source {
	if t == nil {
		return nil
	}
	return t.sources
}
