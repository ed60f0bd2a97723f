package istio

import (
	_ "embed"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

const filterCookies = "i2g.cookies"

//go:embed cookies.lua
var cookiesScript string

// cookieRewrite replaces Domain and Path of the cookies that backends set. Only a script can do that, because the other
// filters join several Set-Cookie headers into one. The script is constant; what is replaced travels as data.
func cookieRewrite(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	c := r.CookieRewrite
	if c == nil {
		return xs
	}
	lost := false
	for _, o := range c.Origins {
		lost = e.withoutLua(o, "cookies stay as the backend sets them") || lost
	}
	if lost {
		return xs
	}
	data := map[string]string{"domain_from": c.DomainFrom, "domain_to": c.DomainTo, "path_from": c.PathFrom, "path_to": c.PathTo}
	for _, x := range xs {
		if x.answer {
			continue
		}
		e.filters.use(httpFilter{name: filterCookies, object: objRewrite, order: 3, config: script(cookiesScript)})
		per := &luav3.LuaPerRoute{FilterContext: luaData(data, nil)}
		x.patch.filter(filterCookies, per)
		x.patch.label("cookies-" + hashOf(per))
	}
	return xs
}

// script is the configuration of a Lua filter.
func script(source string) *luav3.Lua {
	return &luav3.Lua{DefaultSourceCode: &corev3.DataSource{Specifier: &corev3.DataSource_InlineString{InlineString: source}}}
}

// luaData is what a script gets for a route: texts, empty ones left out, and sets of words.
func luaData(texts map[string]string, sets map[string][]string) *structpb.Struct {
	s := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for k, v := range texts {
		if v != "" {
			s.Fields[k] = structpb.NewStringValue(v)
		}
	}
	for k, words := range sets {
		m := map[string]*structpb.Value{}
		for _, w := range words {
			m[w] = structpb.NewBoolValue(true)
		}
		s.Fields[k] = structpb.NewStructValue(&structpb.Struct{Fields: m})
	}
	return s
}

// withoutLua tells whether scripts cannot be used, and reports that the feature of an origin is lost then.
func (e *emitter) withoutLua(o model.Origin, lost string) bool {
	if e.withoutEnvoyFilter(o, lost) {
		return true
	}
	if !e.opts.NoLua {
		return false
	}
	e.findings.Report(finding.NoLua, o, keyName(o), lost)
	return true
}
