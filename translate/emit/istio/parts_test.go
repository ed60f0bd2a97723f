package istio

import (
	"fmt"
	"strings"
	"testing"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// manyPatches are n patches of about a kilobyte each, with their keys.
func manyPatches(n int) (ps []*envoyPatch, keys []string) {
	for i := range n {
		name := fmt.Sprintf("i2g/ext-%04d", i)
		ps = append(ps, routePatch(name, &routev3.Route{ResponseHeadersToRemove: []string{strings.Repeat("x", 900)}}))
		keys = append(keys, name)
	}
	return ps, keys
}

// places tells the part of each patch.
func places(t *testing.T, parts [][]*envoyPatch) map[*envoyPatch]int {
	t.Helper()
	at := map[*envoyPatch]int{}
	for i, part := range parts {
		size := 0
		for _, p := range part {
			require.NotContains(t, at, p, "a patch stands there twice")
			at[p] = i
			size += p.jsonBytes()
		}
		require.LessOrEqual(t, size, 256<<10-4096, "part %d would not fit into the annotation of kubectl apply", i)
	}
	return at
}

func TestFewPatchesStayTogether(t *testing.T) {
	ps, keys := manyPatches(20)
	require.Len(t, spread(ps, keys), 1)
	require.Len(t, inTurn(ps), 1)
}

func TestManyPatchesAreSpread(t *testing.T) {
	ps, keys := manyPatches(1500)
	parts := spread(ps, keys)
	require.Len(t, places(t, parts), len(ps))
	require.Greater(t, len(parts), 4)
}

func TestPatchesStayInTheirPartWhileOthersCome(t *testing.T) {
	ps, keys := manyPatches(1500)
	before := places(t, spread(ps, keys))
	more := append([]*envoyPatch{routePatch("i2g/aaa", &routev3.Route{})}, ps...)
	after := places(t, spread(more, append([]string{"i2g/aaa"}, keys...)))
	for p, part := range before {
		require.Equal(t, part, after[p])
	}
}

func TestBothRoutesOfANameStandInOnePart(t *testing.T) {
	ps, keys := manyPatches(1500)
	keys[700] = keys[3]
	at := places(t, spread(ps, keys))
	require.Equal(t, at[ps[3]], at[ps[700]])
}

func TestPatchesInTurnKeepTheirOrder(t *testing.T) {
	ps, _ := manyPatches(1500)
	parts := inTurn(ps)
	require.Greater(t, len(parts), 4)
	require.Len(t, places(t, parts), len(ps))
	var joined []*envoyPatch
	for _, part := range parts {
		joined = append(joined, part...)
	}
	require.Equal(t, ps, joined)
}

func TestARouteStandsInThePartOfItsName(t *testing.T) {
	for _, p := range []*namedPatch{
		{name: "i2g/body-1m", patch: patch{plain: &routev3.Route{Name: "x"}, upgrade: &routev3.Route{Name: "y"}}},
		{name: "i2g/limit-5x5", patch: patch{route: &routev3.Route{Name: "x"}}},
	} {
		require.NotEmpty(t, p.patches())
		for _, route := range p.routeNames() {
			require.Equal(t, part(p.name, 64), RoutePart(route, 64), route)
		}
	}
}

func TestPartNames(t *testing.T) {
	var got []string
	for i := range 3 {
		got = append(got, PartName("i2g-routes", i))
	}
	if diff := cmp.Diff([]string{"i2g-routes", "i2g-routes-2", "i2g-routes-3"}, got); diff != "" {
		t.Error(diff)
	}
}
