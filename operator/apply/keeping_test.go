package apply

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

func TestKeptPatchesAreWrittenAndHashed(t *testing.T) {
	o := &manifest.Object{APIVersion: "networking.istio.io/v1alpha3", Kind: "EnvoyFilter", Namespace: "edge", Name: "i2g-routes", Spec: manifest.Map{
		{Key: "configPatches", Value: []any{manifest.Map{{Key: "applyTo", Value: "HTTP_FILTER"}}}},
	}}
	d, err := Want(o, "m", "live", "")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := d.with([]any{map[string]any{"applyTo": "HTTP_ROUTE"}})
	if err != nil {
		t.Fatal(err)
	}
	if kept.Hash == d.Hash || len(patchesOf(d.tree())) != 1 {
		t.Error("the object that nothing is kept in was changed, or is not told from the other")
	}
	if kept.Plain() != d || d.Plain() != d {
		t.Error("there is no way back")
	}
	text, err := kept.json(true, "7")
	if err != nil {
		t.Fatal(err)
	}
	got := object(kept.Ref)
	if err := json.Unmarshal(text, &got.Object); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{"applyTo": "HTTP_FILTER"}, map[string]any{"applyTo": "HTTP_ROUTE"}}
	if diff := cmp.Diff(want, patchesOf(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got.GetResourceVersion() != "7" || got.GetAnnotations()[AnnotationHash] != kept.Hash {
		t.Errorf("metadata %v", got.Object["metadata"])
	}
}

func TestRoutesHaveTheNamesOfTheirMatches(t *testing.T) {
	u := parse(t, `{kind: VirtualService, spec: {http: [{name: a, match: [{name: b}, {uri: {exact: /}}]}, {match: [{name: c}]}]}}`)
	if diff := cmp.Diff([]string{"a", "a.b"}, routeNames(u)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
