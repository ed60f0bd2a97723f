package sync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

func desired(t *testing.T, kind, name string, ingresses ...string) *apply.Desired {
	t.Helper()
	o := &manifest.Object{APIVersion: "networking.istio.io/v1", Kind: kind, Namespace: "edge", Name: name}
	for _, i := range ingresses {
		o.Origins = append(o.Origins, finding.Origin{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: i}})
	}
	d, err := apply.Want(o, "m", "live", "hash")
	require.NoError(t, err)
	return d
}

func TestWhatARouteNeeds(t *testing.T) {
	all, mine, other, subset := desired(t, "EnvoyFilter", "all"), desired(t, "EnvoyFilter", "mine", "a"), desired(t, "EnvoyFilter", "other", "b"), desired(t, "DestinationRule", "subset", "a")
	missing, route := desired(t, "EnvoyFilter", "missing", "a"), desired(t, "VirtualService", "route", "a")
	cs := []apply.Change{{Desired: all}, {Desired: mine}, {Desired: other}, {Desired: subset}, {Desired: route}}
	broken := map[apply.Ref]apply.Result{missing.Ref: {State: apply.KindMissing}, {Kind: "VirtualService", Name: "gone"}: {State: apply.Failed}}
	needs(cs, map[apply.Ref]*apply.Desired{missing.Ref: missing}, broken)
	want := []apply.Ref{all.Ref, mine.Ref, subset.Ref, missing.Ref}
	if diff := cmp.Diff(want, cs[4].Needs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if cs[4].Broken[missing.Ref].State != apply.KindMissing || cs[1].Needs != nil {
		t.Errorf("%+v", cs)
	}
}

func TestARouteNeedsTheRulesOfItsHosts(t *testing.T) {
	of := func(kind, name, edge, spec string) *apply.Desired {
		var m map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(spec), &m))
		d, err := apply.Want(&manifest.Object{APIVersion: "networking.istio.io/v1", Kind: kind, Namespace: "edge", Name: name, Fields: manifest.Map{{Key: "spec", Value: m}}}, "m", edge, "hash")
		require.NoError(t, err)
		return d
	}
	route := of("VirtualService", "route", "live", `{http: [{route: [{destination: {host: web}}, {destination: {host: web}}], mirrors: [{destination: {host: copy}}]}]}`)
	broken, all := map[apply.Ref]apply.Result{}, map[apply.Ref]*apply.Desired{}
	for _, d := range []*apply.Desired{
		of("DestinationRule", "web", "live", `{host: web}`), of("DestinationRule", "shadow", "shadow", `{host: web}`), of("DestinationRule", "other", "live", `{host: other}`),
		of("ServiceEntry", "copy", "live", `{hosts: [more, copy]}`), of("VirtualService", "hosts", "live", `{hosts: [web]}`),
	} {
		all[d.Ref], broken[d.Ref] = d, apply.Result{State: apply.Conflict}
	}
	cs := []apply.Change{{Desired: route}}
	needs(cs, all, broken)
	var got []string
	for _, ref := range cs[0].Needs {
		got = append(got, ref.Kind+" "+ref.Name)
	}
	if diff := cmp.Diff([]string{"DestinationRule web", "ServiceEntry copy"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
