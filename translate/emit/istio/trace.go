package istio

import (
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// tracer remembers where parts of objects come from, for those who want to show it. A nil tracer remembers nothing: it costs
// memory for each route.
type tracer struct {
	rules   map[*networking.HTTPRoute]*model.Rule
	named   map[string][]*model.Rule // by the name of their routes
	sources map[*manifest.Object][]manifest.Source
}

func newTracer(wanted bool) *tracer {
	if !wanted {
		return nil
	}
	return &tracer{map[*networking.HTTPRoute]*model.Rule{}, map[string][]*model.Rule{}, map[*manifest.Object][]manifest.Source{}}
}

// entry notes the rule of an entry.
func (t *tracer) entry(h *networking.HTTPRoute, r *model.Rule) *networking.HTTPRoute {
	if t != nil && r != nil {
		t.rules[h] = r
	}
	return h
}

// name notes whose routes have a name.
func (t *tracer) name(name string, r *model.Rule) {
	if t == nil || r == nil {
		return
	}
	// The entries of a rule come in a row.
	if of := t.named[name]; len(of) == 0 || of[len(of)-1] != r {
		t.named[name] = append(of, r)
	}
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

// patch notes which settings made the parts of what is merged into the proxy's routes of a name. What many share comes from
// those who state it.
func (t *tracer) patch(o *manifest.Object, index int, name string) {
	if t == nil {
		return
	}
	at := "spec.configPatches[" + strconv.Itoa(index) + "]"
	for _, r := range t.named[name] {
		if !strings.HasPrefix(name, sharedPrefix) {
			t.note(o, at+".match", r.Origin)
		}
		t.merged(o, at+".patch.value", r)
	}
}

// merged notes which settings of a rule made the parts of a patch's value.
func (t *tracer) merged(o *manifest.Object, value string, r *model.Rule) {
	if n := r.Timeouts; n != nil {
		t.note(o, value+".route.timeout", n.Origins...)
		t.note(o, value+".route.idle_timeout", n.Origins...)
		t.note(o, value+".route.retry_policy", n.Origins...)
	}
	if n := r.Retries; n != nil {
		t.note(o, value+".route.retry_policy", n.Origins...)
	}
	if h := r.UpstreamHost; h != nil {
		t.note(o, value+".route.host_rewrite_literal", h.Origin)
	}
	if l := r.RateLimit; l != nil {
		for _, key := range []string{"rps", "rpm", "zone"} {
			t.note(o, value+".metadata.filter_metadata."+metadataNamespace+"."+key, l.Origins...)
		}
	}
	for _, f := range filterOrigins(r) {
		for _, name := range f.filters {
			t.note(o, value+".typed_per_filter_config."+name, f.origins...)
		}
	}
}

// filterOrigins are the settings that make what the filters do on a rule's routes.
func filterOrigins(r *model.Rule) []filterOrigin {
	var out []filterOrigin
	if a := r.Access; a != nil {
		out = append(out, filterOrigin{[]string{"i2g.ip"}, a.Origins})
	}
	if a := r.BasicAuth; a != nil {
		out = append(out, filterOrigin{[]string{"i2g.basic", "i2g.users", "i2g.realm"}, []model.Origin{a.Origin}})
	}
	if a := r.ExternalAuth; a != nil {
		out = append(out, filterOrigin{[]string{"i2g.ext", "i2g.ext-cookie", "i2g.ext-headers", "i2g.signin"}, []model.Origin{a.Origin}})
	}
	if a := r.SatisfyAny; a != nil {
		out = append(out, filterOrigin{[]string{"i2g.any"}, []model.Origin{a.Origin}})
	}
	if b := r.Body; b != nil {
		out = append(out, filterOrigin{[]string{"i2g.length", "i2g.buffer"}, []model.Origin{b.Origin}})
	}
	if b := r.Bandwidth; b != nil {
		out = append(out, filterOrigin{[]string{"i2g.bandwidth"}, []model.Origin{b.Origin}})
	}
	if p := r.ErrorPages; p != nil {
		out = append(out, filterOrigin{[]string{"i2g.errors"}, []model.Origin{p.Origin}})
	}
	if l := r.LocationRewrite; l != nil {
		out = append(out, filterOrigin{[]string{"i2g.location-set", "i2g.location-map"}, []model.Origin{l.Origin}})
	}
	if c := r.CookieRewrite; c != nil {
		out = append(out, filterOrigin{[]string{"i2g.cookies"}, c.Origins})
	}
	if a := r.Affinity; a != nil {
		out = append(out, filterOrigin{[]string{"i2g.session"}, a.Origins})
	}
	return out
}

type filterOrigin struct {
	filters []string // by which a filter's name begins, up to a dot
	origins []model.Origin
}

func (t *tracer) all() map[*manifest.Object][]manifest.Source {
	if t == nil {
		return nil
	}
	return t.sources
}
