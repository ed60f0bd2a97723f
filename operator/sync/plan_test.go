package sync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

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
