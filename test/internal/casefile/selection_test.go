package casefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

const (
	clusterSelection = "../../conformance/cluster.yaml"
	goldens          = "../../../testdata/nginx" // one folder for each feature of the product that has settings
)

// plainIngress is what is no feature of the product's list.
const plainIngress = "ingress"

func TestClusterSelectionCoversEveryFeature(t *testing.T) {
	s, err := casefile.LoadSelection(clusterSelection)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(goldens)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{plainIngress: true}
	for _, e := range entries {
		want[e.Name()] = true
	}
	got := map[string]bool{}
	for _, f := range s.Features {
		if got[f.Feature] {
			t.Errorf("%s stands there twice", f.Feature)
		}
		got[f.Feature] = true
		if (len(f.Cases) == 0) == (f.None == "") {
			t.Errorf("%s: want cases, or a reason why there are none", f.Feature)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("features, -want +got:\n%s", diff)
	}
}

func TestClusterSelectionNamesCases(t *testing.T) {
	all, err := casefile.LoadAll([]string{"../../conformance/cases", "../../conformance/composition"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := casefile.LoadSelection(clusterSelection)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := s.Of(all)
	if err != nil {
		t.Fatal(err)
	}
	if len(chosen) < 40 || len(chosen) > 100 {
		t.Errorf("%d cases: the selection is meant to be small, and to have something of everything", len(chosen))
	}
}

func TestSelection(t *testing.T) {
	all := []*casefile.Case{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	tests := map[string]struct {
		text string
		want []string
		err  string
	}{
		"each case once, in order": {"features: [{feature: x, cases: [c, a]}, {feature: y, none: why}, {feature: z, cases: [a]}]", []string{"c", "a"}, ""},
		"an unknown case":          {"features: [{feature: x, cases: [d]}]", nil, "no case d"},
		"an unknown field":         {"features: [{feature: x, case: a}]", nil, "unknown field"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "selection.yaml")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := casefile.LoadSelection(path)
			var got []string
			if err == nil {
				var cases []*casefile.Case
				cases, err = s.Of(all)
				for _, c := range cases {
					got = append(got, c.Name)
				}
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
