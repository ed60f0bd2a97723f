package acceptance

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// router answers requests from the emitted objects as a gateway does that has nothing else: by Gateways, VirtualServices with
// their delegates, and the filters that EnvoyFilters switch on for a route. What filters do is not imitated, they are named.
type router struct {
	gateways map[string]*istionet.Gateway
	services []service // in the order in which a host's routes are tried
	patches  map[string]map[string]any
}

type service struct {
	namespace, name string
	spec            *istionet.VirtualService
}

func newRouter(objects []*manifest.Object) *router {
	r := &router{gateways: map[string]*istionet.Gateway{}, patches: map[string]map[string]any{}}
	for _, o := range objects {
		switch m := message(o.Spec).(type) {
		case *istionet.Gateway:
			r.gateways[o.Namespace+"/"+o.Name] = m
		case *istionet.VirtualService:
			r.services = append(r.services, service{o.Namespace, o.Name, m})
		}
		if o.Kind == "EnvoyFilter" {
			r.readPatches(manifest.Unstructured(o).Object)
		}
	}
	slices.SortStableFunc(r.services, func(a, b service) int { return cmp.Compare(wide(a), wide(b)) })
	return r
}

// message unpacks a specification; nil if it is a tree.
func message(spec any) any {
	if p, ok := spec.(manifest.Packed); ok {
		return p.Message()
	}
	return spec
}

// wide is 1 for what is exported to everybody, which comes behind what names the gateway's namespace.
func wide(s service) int {
	if slices.Contains(s.spec.ExportTo, "*") {
		return 1
	}
	return 0
}

// readPatches keeps what an EnvoyFilter merges into routes, by route name.
func (r *router) readPatches(filter map[string]any) {
	for _, p := range list(at(filter, "spec", "configPatches")) {
		name, ok := at(p, "match", "routeConfiguration", "vhost", "route", "name").(string)
		if ok && at(p, "patch", "operation") == "MERGE" {
			if r.patches[name] == nil {
				r.patches[name] = map[string]any{}
			}
			maps.Copy(r.patches[name], at(p, "patch", "value").(map[string]any))
		}
	}
}

// at walks down a tree.
func at(tree any, keys ...string) any {
	for _, k := range keys {
		m, _ := tree.(map[string]any)
		tree = m[k]
	}
	return tree
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// request is what a client sends.
type request struct {
	method  string
	url     *url.URL
	headers map[string]string // by lower-case name
}

func (q *request) port() uint32 {
	if q.url.Scheme == "https" {
		return 443
	}
	return 80
}

// ask gives the answer to a request: a backend, a fixed status or a Location.
func (r *router) ask(q *request) string {
	if q.url.Scheme == "https" && r.server(q.url.Hostname(), true) == nil {
		return "no HTTPS"
	}
	services := r.servicesOf(q)
	if own := r.boundTo(services, q); len(own) > 0 {
		services = own
	}
	for _, s := range services {
		if answer := r.routes(s.spec.Http, q, ""); answer != "" {
			if q.url.Scheme == "https" && r.server(q.url.Hostname(), true).Tls.Mode == istionet.ServerTLSSettings_MUTUAL {
				answer += " with a client certificate"
			}
			return answer
		}
	}
	return "404"
}

// server is the most specific server that a Gateway has for a name.
func (r *router) server(host string, tls bool) *istionet.Server {
	var best *istionet.Server
	longest := -1
	for _, name := range slices.Sorted(maps.Keys(r.gateways)) {
		for _, s := range r.gateways[name].Servers {
			for _, h := range s.Hosts {
				_, h, _ = strings.Cut(h, "/")
				if tls == (s.Tls != nil) && covers(h, host) && len(h) > longest {
					best, longest = s, len(h)
				}
			}
		}
	}
	return best
}

// boundTo keeps the VirtualServices that name the Gateway whose server a TLS client is led to. Where there is none, the server
// only holds the certificate, and the routes are those of the server for every name.
func (r *router) boundTo(services []service, q *request) []service {
	return slices.DeleteFunc(slices.Clone(services), func(s service) bool {
		return !slices.ContainsFunc(s.spec.Gateways, func(g string) bool {
			return r.gateways[g] != nil && slices.Contains(r.gateways[g].Servers, r.server(q.url.Hostname(), q.url.Scheme == "https"))
		})
	})
}

// servicesOf are the VirtualServices of the most specific name for a host that may bind at the port.
func (r *router) servicesOf(q *request) []service {
	var best []service
	longest := -1
	for _, s := range r.services {
		for _, h := range s.spec.Hosts {
			if !covers(h, q.url.Hostname()) || !r.binds(s, h, q.url.Scheme == "https") {
				continue
			}
			if len(h) > longest {
				best, longest = nil, len(h)
			}
			if len(h) == longest {
				best = append(best, s)
			}
		}
	}
	return best
}

// binds tells whether a Gateway that a VirtualService names lets its namespace serve the host.
func (r *router) binds(s service, host string, tls bool) bool {
	for _, g := range s.spec.Gateways {
		if r.gateways[g] == nil {
			continue
		}
		for _, server := range r.gateways[g].Servers {
			for _, h := range server.Hosts {
				namespace, name, _ := strings.Cut(h, "/")
				if tls == (server.Tls != nil) && (namespace == "*" || namespace == s.namespace) && (covers(name, host) || covers(host, name)) {
					return true
				}
			}
		}
	}
	return false
}

func covers(pattern, host string) bool {
	suffix, wildcard := strings.CutPrefix(pattern, "*")
	return pattern == host || wildcard && strings.HasSuffix(host, suffix) && len(host) > len(suffix)
}

// routes gives the answer of the first entry that matches, "" if none does. What a delegate does is done under the name of
// the root's entry.
func (r *router) routes(routes []*istionet.HTTPRoute, q *request, name string) string {
	for _, route := range routes {
		m, ok := matching(route.Match, q)
		if !ok {
			continue
		}
		full := cmp.Or(name, route.Name)
		if m.GetName() != "" {
			full += "." + m.Name
		}
		if route.Delegate == nil {
			return answer(route, m, q, r.patches[full])
		}
		if answer := r.delegated(route.Delegate, q, full); answer != "" {
			return answer
		}
	}
	return ""
}

func (r *router) delegated(d *istionet.Delegate, q *request, name string) string {
	for _, s := range r.services {
		if s.namespace == d.Namespace && s.name == d.Name {
			return r.routes(s.spec.Http, q, name)
		}
	}
	return ""
}

func matching(matches []*istionet.HTTPMatchRequest, q *request) (*istionet.HTTPMatchRequest, bool) {
	for _, m := range matches {
		if matchesRequest(m, q) {
			return m, true
		}
	}
	return nil, len(matches) == 0
}

func matchesRequest(m *istionet.HTTPMatchRequest, q *request) bool {
	for name, want := range m.Headers {
		if v, there := q.headers[name]; !there || !matchesText(want, v) {
			return false
		}
	}
	for name, want := range m.WithoutHeaders {
		if v, there := q.headers[name]; there && matchesText(want, v) {
			return false
		}
	}
	return (m.Port == 0 || m.Port == q.port()) && matchesText(m.Uri, q.url.EscapedPath()) && matchesText(m.Method, q.method) &&
		matchesText(m.Authority, q.url.Host) && matchesText(m.Scheme, q.url.Scheme)
}

func matchesText(m *istionet.StringMatch, v string) bool {
	switch t := m.GetMatchType().(type) {
	case *istionet.StringMatch_Exact:
		return v == t.Exact
	case *istionet.StringMatch_Prefix:
		return strings.HasPrefix(v, t.Prefix)
	case *istionet.StringMatch_Regex:
		return regexp.MustCompile("^(?:" + t.Regex + ")$").MatchString(v)
	}
	return true
}

// answer says what an entry does with a request.
func answer(route *istionet.HTTPRoute, m *istionet.HTTPMatchRequest, q *request, patch map[string]any) string {
	switch {
	case route.DirectResponse != nil:
		out := strconv.Itoa(int(route.DirectResponse.Status))
		if l := route.GetHeaders().GetResponse().GetSet()["location"]; l != "" {
			out += " " + l
		}
		return out
	case route.Redirect != nil:
		return fmt.Sprintf("%d %s", cmp.Or(route.Redirect.RedirectCode, 301), location(route.Redirect, q, patch))
	}
	out := strings.Join(backends(route.Route, patch), ", ")
	if p := rewritten(route.Rewrite, m, q.url.EscapedPath()); p != q.url.EscapedPath() {
		out += " as " + p
	}
	if a := route.GetRewrite().GetAuthority(); a != "" {
		out += " host " + a
	}
	if fs := protections(patch); len(fs) > 0 {
		out += " behind " + strings.Join(fs, ", ")
	}
	return out
}

// backends are the Services that an entry sends to, as namespace/name:port. Shares that a patch states hold instead of its own.
func backends(route []*istionet.HTTPRouteDestination, patch map[string]any) []string {
	var out []string
	for _, c := range list(at(patch, "route", "weighted_clusters", "clusters")) {
		cluster := at(c, "name").(string)
		if parts := strings.Split(cluster, "|"); len(parts) == 4 {
			cluster = backend(parts[3], parts[1])
		}
		out = append(out, fmt.Sprintf("%s %v%%", cluster, at(c, "weight")))
	}
	if out != nil {
		return out
	}
	for _, d := range route {
		out = append(out, backend(d.Destination.Host, strconv.Itoa(int(d.Destination.Port.GetNumber()))))
	}
	return out
}

// backend is namespace/name:port.
func backend(host, port string) string {
	parts := strings.SplitN(host, ".", 3)
	return parts[1] + "/" + parts[0] + ":" + port
}

func rewritten(w *istionet.HTTPRewrite, m *istionet.HTTPMatchRequest, path string) string {
	switch {
	case w.GetUriRegexRewrite() != nil:
		return substitute(w.UriRegexRewrite.Match, w.UriRegexRewrite.Rewrite, path)
	case w.GetUri() == "":
		return path
	}
	if p, ok := strings.CutPrefix(path, m.GetUri().GetPrefix()); ok && m.GetUri().GetPrefix() != "" {
		return w.Uri + p
	}
	return w.Uri
}

// substitute replaces with the groups written as \1.
func substitute(pattern, substitution, text string) string {
	return regexp.MustCompile(pattern).ReplaceAllString(text, groups.ReplaceAllString(substitution, `$${$1}`))
}

var groups = regexp.MustCompile(`\\([0-9])`)

func location(to *istionet.HTTPRedirect, q *request, patch map[string]any) string {
	u := *q.url
	u.Scheme, u.Host = cmp.Or(to.Scheme, u.Scheme), cmp.Or(to.Authority, u.Host)
	path, query := cmp.Or(to.Uri, u.EscapedPath()), u.RawQuery
	if w := at(patch, "redirect", "regex_rewrite"); w != nil {
		path = substitute(at(w, "pattern", "regex").(string), at(w, "substitution").(string), path)
	}
	if query != "" && at(patch, "redirect", "strip_query") != true {
		path += "?" + query
	}
	return u.Scheme + "://" + u.Host + path
}

// protections are the filters that decide who may pass, or how often.
func protections(patch map[string]any) []string {
	filters, _ := patch["typed_per_filter_config"].(map[string]any)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		switch name {
		case "i2g.ip", "i2g.basic", "i2g.any", "i2g.h2m", "i2g.ratelimit":
			out = append(out, name)
		}
		if name == "i2g.ext" || strings.HasPrefix(name, "i2g.ext.") { // one for all ways of asking, or one for each
			out = append(out, "i2g.ext")
		}
	}
	return out
}
