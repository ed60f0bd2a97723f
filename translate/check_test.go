package translate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

func service(name, route, match string) *manifest.Object {
	return &manifest.Object{Kind: "VirtualService", Namespace: "team", Name: name, Spec: manifest.Pack(&networking.VirtualService{
		Http: []*networking.HTTPRoute{{Name: "i2g/plain"}, {Name: route, Match: []*networking.HTTPMatchRequest{{Name: match}}}},
	})}
}

func filter(name, applyTo string, routes ...string) *manifest.Object {
	var patches []any
	for _, r := range routes {
		patches = append(patches, manifest.Map{
			{Key: "applyTo", Value: applyTo},
			{Key: "match", Value: manifest.Map{{Key: "routeConfiguration", Value: manifest.Map{{Key: "vhost", Value: manifest.Map{{
				Key: "route", Value: manifest.Map{{Key: "name", Value: r}},
			}}}}}}},
		})
	}
	return &manifest.Object{Kind: "EnvoyFilter", Namespace: "gateway", Name: name, Spec: manifest.Map{{Key: "configPatches", Value: patches}}}
}

func TestWhatIsInvalidTakesAlongWhatHangsOnIt(t *testing.T) {
	objects := []*manifest.Object{
		filter("base", "HTTP_FILTER", ""),
		filter("routes", "HTTP_ROUTE", "i2g/length.b", "i2g/list"),
		service("buffered", "i2g/length", "b"),
		service("upgrade", "i2g/length", "ws"),
		service("listed", "i2g/list", ""),
		service("other", "i2g/other", ""),
	}
	for name, tt := range map[string]struct {
		bad  string
		want []string
	}{
		"a VirtualService goes alone":                                     {"VirtualService team/other", []string{"base", "routes", "buffered", "upgrade", "listed"}},
		"a filter of routes goes with the VirtualServices that have them": {"EnvoyFilter gateway/routes", []string{"base", "upgrade", "other"}},
		"a filter of the whole gateway takes everything":                  {"EnvoyFilter gateway/base", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			fs := &finding.List{}
			for _, o := range onlyValid(objects, []validate.Problem{{Object: tt.bad, Field: "spec", Reason: "broken"}}, fs) {
				got = append(got, o.Name)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			if n := len(fs.Sorted()); n != 1 {
				t.Errorf("%d findings", n)
			}
		})
	}
}
