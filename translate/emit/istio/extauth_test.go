package istio

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	"github.com/stretchr/testify/require"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ask attaches an external authentication for each path to an entry of its own, and returns the filters in use with the
// entries.
func ask(t *testing.T, o emit.Options, paths ...string) (map[string]*httpFilter, []*entry) {
	t.Helper()
	e := optionEmitter(o)
	h := &model.Host{Name: "a.test"}
	var xs []*entry
	for _, path := range paths {
		x := &entry{rule: &model.Rule{}, http: &networking.HTTPRoute{}}
		e.attachExternal(h, x, &model.ExternalAuth{Scheme: "http", Host: "auth.test", Path: path, AlwaysSetCookie: true}, nil)
		xs = append(xs, x)
	}
	return e.filters.byName, xs
}

func TestOneFilterAsksAllServices(t *testing.T) {
	filters, xs := ask(t, emit.Options{}, "/one", "/two", "/one")
	require.Len(t, filters, 1)
	f := filters[filterExternal].config.(*extv3.ExtAuthz)
	require.Equal(t, "i2g-no-service", f.GetHttpService().ServerUri.GetCluster(), "a route that names no service must be refused")
	require.False(t, f.FailureModeAllow)
	for i, path := range []string{"/one", "/two", "/one"} {
		settings := &extv3.ExtAuthzPerRoute{}
		require.NoError(t, xs[i].patch.route.TypedPerFilterConfig[filterExternal].UnmarshalTo(settings))
		service := settings.GetCheckSettings().GetHttpService()
		require.Equal(t, path, service.PathOverride)
		require.NotEmpty(t, service.AuthorizationRequest.HeadersToAdd, "the route's service replaces the filter's as a whole")
		require.Equal(t, []string{filterExternal}, xs[i].patch.guards)
	}
}

func TestOlderProxiesHaveAFilterForEachService(t *testing.T) {
	filters, xs := ask(t, emit.Options{IstioVersion: emit.Version{Major: 1, Minor: 30}}, "/one", "/two", "/one")
	require.Len(t, filters, 2)
	for i, path := range []string{"/one", "/two", "/one"} {
		require.Len(t, xs[i].patch.guards, 1)
		name := xs[i].patch.guards[0]
		require.Equal(t, path, filters[name].config.(*extv3.ExtAuthz).GetHttpService().PathOverride)
		settings := &extv3.ExtAuthzPerRoute{}
		require.NoError(t, xs[i].patch.route.TypedPerFilterConfig[name].UnmarshalTo(settings))
		require.Nil(t, settings.GetCheckSettings().GetServiceOverride())
	}
}

func TestOneFilterIsSharedByServicesThatTheProxyCanTellApart(t *testing.T) {
	for name, tt := range map[string]struct {
		header   string
		withheld []string
		want     bool
	}{
		"headers of formats are the route's":            {header: "%REQ(:PATH)%", want: true},
		"an expression ends the proxy":                  {header: `%CEL(request.host)%`},
		"what is withheld from a service is a filter's": {header: "%REQ(:PATH)%", withheld: []string{"x-tenant"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := sharesFilter([]*corev3.HeaderValue{{Key: "x-a", Value: tt.header}}, slices.Concat(unasked[:], tt.withheld))
			if got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

// services are n authentications that each ask a service of their own.
func services(n int) []*model.ExternalAuth {
	var out []*model.ExternalAuth
	for i := range n {
		out = append(out, &model.ExternalAuth{Scheme: "http", Host: fmt.Sprintf("auth-%04d.test", i), Path: "/", ResponseHeaders: []string{"X-User"}})
	}
	return out
}

func TestFiltersOfServicesAreSpreadOverObjectsInTheOrderOfTheChain(t *testing.T) {
	emitted := func(n int) *emitter {
		e := optionEmitter(emit.Options{IstioVersion: emit.Version{Major: 1, Minor: 30}, GuardToken: "secret"})
		h := &model.Host{Name: "a.test"}
		for _, a := range services(n) {
			x := &entry{rule: &model.Rule{}, http: &networking.HTTPRoute{}}
			e.attachList(x, &model.Access{Allow: []string{"10.0.0.0/8"}})
			e.attachExternal(h, x, a, nil)
		}
		e.access.protects = true
		announceFilters(e)
		e.emitEnvoyFilters()
		return e
	}
	e := emitted(300)
	at := filterObjects(t, e)
	require.Equal(t, []string{objAccess}, at[filterGuard])
	require.Equal(t, []string{objAccess}, at[filterIP])
	last := at[filterResponseHeaders][0]
	for _, f := range e.accessFilters() {
		require.Len(t, at[f.name], 1, f.name)
		if f.order == orderExternal {
			require.NotContains(t, []string{objAccess, last}, at[f.name][0], f.name)
		}
	}
	more := filterObjects(t, emitted(310))
	for name, objects := range at {
		require.Equal(t, objects, more[name], "while others come a filter stays where it is")
	}
}

// filterObjects gives the objects of access filters that insert each filter. They are applied in the order of their numbers.
func filterObjects(t *testing.T, e *emitter) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	n := 0
	for _, o := range e.objects {
		spec, _ := o.Spec.(manifest.Map)
		if !strings.HasPrefix(o.Name, objAccess) {
			continue
		}
		priority, _ := spec.Get("priority")
		require.Equal(t, objPriority[objAccess]+n, priority)
		require.Equal(t, PartName(objAccess, n), o.Name)
		n++
		text, err := manifest.JSON(spec)
		require.NoError(t, err)
		require.Less(t, len(text), 256<<10-4096)
		for _, m := range regexp.MustCompile(`"name":"(i2g\.[a-z0-9.-]+)"`).FindAllStringSubmatch(string(text), -1) {
			out[m[1]] = append(out[m[1]], o.Name)
		}
	}
	require.Greater(t, n, 3)
	require.Equal(t, []string{PartName(objAccess, n-1)}, out[filterResponseHeaders], "what the service answers is read behind all checks")
	return out
}

func TestAServiceTooManyIsNotAsked(t *testing.T) {
	e := optionEmitter(emit.Options{IstioVersion: emit.Version{Major: 1, Minor: 30}})
	all := services(mostServices + 1)
	for range 2 { // the answer stays
		for i, a := range all {
			why := e.externalLimit(&model.Host{Name: "a.test"}, a)
			if surplus := i == mostServices; surplus != (why != "") {
				t.Fatalf("service %d: %q", i, why)
			}
		}
	}
	newer := optionEmitter(emit.Options{})
	for i, a := range all {
		if why := newer.externalLimit(&model.Host{Name: "a.test"}, a); why != "" {
			t.Fatalf("service %d, which shares a filter: %s", i, why)
		}
	}
}
