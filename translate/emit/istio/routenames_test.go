package istio

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	basicv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/basic_auth/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// own is an entry of the first rule of an Ingress, with a patch that belongs to that alone.
func own(change func(*patch)) *entry {
	x := &entry{rule: &model.Rule{Ingress: "shop/web", Index: 1}, http: &networking.HTTPRoute{}}
	x.patch.belong()
	change(&x.patch)
	return x
}

func users(text string) func(*patch) {
	return func(p *patch) { p.filter(filterBasic, &basicv3.BasicAuthPerRoute{Users: inline(text)}) }
}

func TestARouteThatComesToBeAnotherHasAnotherName(t *testing.T) {
	name := func(changes ...func(*patch)) string {
		rs := &routePatches{}
		return rs.name(own(func(p *patch) {
			for _, change := range changes {
				change(p)
			}
		}), &model.Host{Name: "shop.test"})
	}
	addresses := func(p *patch) { p.filter("i2g.ip", &rbacv3.RBACPerRoute{}) }
	password := name(users("ann:{SHA}a"))
	for what, c := range map[string]struct {
		other string
		same  bool
	}{
		"the same again":              {name(users("ann:{SHA}a")), true},
		"another password":            {name(users("ann:{SHA}b")), true},
		"addresses for the password":  {name(addresses), false},
		"addresses, and the password": {name(users("ann:{SHA}a"), addresses), false},
		"no protection":               {name(func(p *patch) { p.metadata("a", "b") }), false},
	} {
		t.Run(what, func(t *testing.T) {
			if same := c.other == password; same != c.same {
				t.Errorf("%s and %s", password, c.other)
			}
		})
	}
}

func TestADelegateIsNamedAfterItsRequests(t *testing.T) {
	type path struct {
		uri, service string
		closed       bool
	}
	// named gives the delegate of each path.
	named := func(paths ...path) map[string]string {
		e := optionEmitter(emit.Options{})
		p := &hostPlan{host: &model.Host{Name: "shop.test"}}
		d := delegates{e: e, plan: p, byContent: map[string]*delegated{}}
		out := map[string]string{}
		roots := map[string]*networking.HTTPRoute{}
		for i, x := range paths {
			r := &model.Rule{Ingress: "shop/web", Index: i + 1, Origin: model.Origin{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "web"}}}
			h := &networking.HTTPRoute{Route: []*networking.HTTPRouteDestination{{Destination: &networking.Destination{Host: x.service}}}}
			if x.closed {
				h.Fault = &networking.HTTPFaultInjection{}
			}
			roots[x.uri] = d.delegate([]*entry{{rule: r, uris: []*networking.StringMatch{prefix(x.uri)}, http: h}}, "shop")
		}
		d.end()
		for uri, r := range roots {
			out[uri] = r.Delegate.Name
		}
		return out
	}
	before := named(path{"/a", "web", false}, path{"/b", "web", false}, path{"/c", "api", false})
	if before["/a"] != before["/b"] || before["/a"] == before["/c"] {
		t.Errorf("paths that do the same share one: %v", before)
	}
	for what, c := range map[string]struct {
		after map[string]string
		uri   string
		same  bool
	}{
		"another Service is the same delegate":                  {named(path{"/a", "web", false}, path{"/b", "web", false}, path{"/c", "new", false}), "/c", true},
		"a path in front changes nothing":                       {named(path{"/", "new", false}, path{"/a", "web", false}, path{"/b", "web", false}, path{"/c", "api", false}), "/c", true},
		"what others leave is another delegate":                 {named(path{"/a", "new", false}, path{"/b", "web", false}, path{"/c", "api", false}), "/b", false},
		"and so is what leaves":                                 {named(path{"/a", "new", false}, path{"/b", "web", false}, path{"/c", "api", false}), "/a", false},
		"one that becomes closed without its filter is another": {named(path{"/a", "web", false}, path{"/b", "web", false}, path{"/c", "api", true}), "/c", false},
	} {
		t.Run(what, func(t *testing.T) {
			if same := c.after[c.uri] == before[c.uri]; same != c.same {
				t.Errorf("%s: before %s, after %s", c.uri, before[c.uri], c.after[c.uri])
			}
		})
	}
}

func TestADelegateComesFromAllThatShareIt(t *testing.T) {
	e := optionEmitter(emit.Options{})
	d := delegates{e: e, plan: &hostPlan{host: &model.Host{Name: "shop.test"}}, byContent: map[string]*delegated{}}
	to := e.destination(model.Backend{Namespace: "shop", Service: "web", Port: 80})
	a, b := &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "a"}, &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "b"}
	for i, of := range []*finding.Object{a, b, a} {
		r := &model.Rule{Ingress: "shop/" + of.Name, Index: i + 1, Origin: model.Origin{Object: of}}
		h := &networking.HTTPRoute{Route: []*networking.HTTPRouteDestination{{Destination: to}}}
		d.delegate([]*entry{{rule: r, uris: []*networking.StringMatch{prefix("/" + itoa(i))}, http: h}}, "shop")
	}
	d.end()
	names := func(os []model.Origin) (out []string) {
		for _, o := range os {
			out = append(out, o.Object.Name)
		}
		return out
	}
	if diff := cmp.Diff([]string{"a", "b"}, names(e.destinations.services[to.Host].origins)); diff != "" {
		t.Errorf("of the DestinationRule (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, names(d.all[0].origins)); diff != "" || len(d.all) != 1 {
		t.Errorf("of the delegate (-want +got):\n%s", diff)
	}
}
