package istio

import (
	"slices"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	"github.com/stretchr/testify/require"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
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
			got := sharesFilter(&extv3.ExtAuthz{
				DisallowedHeaders: headerNames(slices.Concat(unasked[:], tt.withheld)...),
				Services: &extv3.ExtAuthz_HttpService{HttpService: &extv3.HttpService{AuthorizationRequest: &extv3.AuthorizationRequest{
					HeadersToAdd: []*corev3.HeaderValue{{Key: "x-a", Value: tt.header}},
				}}},
			})
			if got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}
