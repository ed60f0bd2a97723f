package apply

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func TestWhoseRoutesAreOrphaned(t *testing.T) {
	a, b := snapshot.Key{Namespace: "shop", Name: "a"}, snapshot.Key{Namespace: "blog", Name: "b"}
	live := map[string]map[snapshot.Key]bool{"edge": {a: true}, "dark": {b: true}}
	for name, tt := range map[string]struct {
		adoption Adoption
		all      []written
		want     string
	}{
		"nothing":                           {Adoption{Served: live}, nil, ""},
		"a route that is live":              {Adoption{Served: live}, []written{{name: "shop/x", gateways: []string{"edge"}, origins: []snapshot.Key{a}}}, ""},
		"a route that is not":               {Adoption{Served: live}, []written{{name: "blog/x", gateways: []string{"edge"}, origins: []snapshot.Key{b}}}, "blog/x"},
		"one of two Ingresses is not":       {Adoption{Served: live}, []written{{name: "blog/x", gateways: []string{"edge"}, origins: []snapshot.Key{a, b}}}, "blog/x"},
		"in the shadow":                     {Adoption{Served: live}, []written{{name: "blog/x", gateways: []string{"dark"}, origins: []snapshot.Key{b}}}, ""},
		"live, but in the shadow it is not": {Adoption{Served: live}, []written{{name: "shop/x", gateways: []string{"edge", "dark"}, origins: []snapshot.Key{a}}}, "shop/x"},
		"of another gateway":                {Adoption{Served: live}, []written{{name: "blog/x", gateways: []string{"other"}, origins: []snapshot.Key{b}}}, ""},
		"of a gateway anywhere":             {Adoption{Served: live, Everywhere: true}, []written{{name: "third/x", gateways: []string{"third"}, origins: []snapshot.Key{{Namespace: "third", Name: "c"}}}}, "third/x"},
		"of a gateway anywhere, live":       {Adoption{Served: live, Everywhere: true}, []written{{name: "shop/x", gateways: []string{"third"}, origins: []snapshot.Key{a}}}, ""},
		"a delegate of a root": {Adoption{Served: live}, []written{
			{name: "blog/y", origins: []snapshot.Key{b}}, {name: "edge/root", gateways: []string{"edge"}, delegates: []string{"blog/y"}},
		}, "blog/y"},
		"a delegate of another gateway's root": {Adoption{Served: live}, []written{
			{name: "blog/y", origins: []snapshot.Key{b}}, {name: "other/root", gateways: []string{"other"}, delegates: []string{"blog/y"}},
		}, ""},
		"a delegate of no root": {Adoption{Served: live}, []written{{name: "blog/y", origins: []snapshot.Key{b}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := tt.adoption.orphaned(tt.all); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatMattersOfAVirtualServiceOfConvert(t *testing.T) {
	got := writtenAs(parse(t, `
kind: VirtualService
metadata: {namespace: shop, name: x, annotations: {ingress2gw.io/origin: "blog/b, shop/a, and 5 more"}}
spec: {gateways: [edge/i2g-http, own], http: [{name: r}, {delegate: {name: d}}, {delegate: {name: e, namespace: blog}}]}`))
	want := written{
		name: "shop/x", gateways: []string{"edge", "shop"}, delegates: []string{"shop/d", "blog/e"},
		origins: []snapshot.Key{{Namespace: "blog", Name: "b"}, {Namespace: "shop", Name: "a"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(written{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
