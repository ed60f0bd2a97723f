package acceptance

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/internal/fleet"
	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/split"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// run translates a fleet whose documents are read in the order of a seed; 0 is their own. Each document is a file, so that
// places are the same in every order.
func (f *sample) run(seed uint64) (*snapshot.Snapshot, *translate.Result) {
	order := make([]int, len(f.docs))
	for i := range order {
		order[i] = i
	}
	if seed != 0 {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	s := snapshot.New()
	for _, i := range order {
		load.Bytes(fmt.Sprintf("%d.json", i), f.docs[i], s)
	}
	return s, translate.Translate(s, f.options)
}

// promise is something that holds for every translation. It says what does not hold, or nothing.
type promise struct {
	name  string
	check func(*rapid.T, *snapshot.Snapshot, *translate.Result)
}

func promises() []promise {
	return []promise{
		{"counts add up", countsAddUp},
		{"no two things share an object", namesAreInjective},
		{"every annotation ends in one class", everyAnnotationIsSaid},
		{"every object is valid", everyObjectIsValid},
		{"files put together again give the same objects", filesGiveTheSame},
		{"a host is served by one set of routes", oneSetOfRoutes},
	}
}

func TestPromises(t *testing.T) {
	p := newPool(t)
	rapid.Check(t, func(t *rapid.T) {
		f := p.fleets().Draw(t, "fleet")
		s, r := f.run(0)
		for _, p := range promises() {
			t.Log(p.name)
			p.check(t, s, r)
		}
		t.Log("the order of reading does not matter")
		_, again := f.run(rapid.Uint64Range(1, 1<<32).Draw(t, "seed"))
		if diff := cmp.Diff(yamlOf(t, r.Objects), yamlOf(t, again.Objects)); diff != "" {
			t.Fatalf("objects differ:\n%s", diff)
		}
		if diff := cmp.Diff(said(r), said(again)); diff != "" {
			t.Fatalf("findings differ:\n%s", diff)
		}
	})
}

func said(r *translate.Result) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, fmt.Sprint(f.Code, f.Class, f.Origin.Place(), f.Origin.Field, f.Message(), f.Waived))
	}
	return out
}

func countsAddUp(t *rapid.T, s *snapshot.Snapshot, r *translate.Result) {
	c := r.Counts
	if c.In != c.Converted+c.Skipped+c.Failed || c.In != s.Read || c.Converted < 0 {
		t.Fatalf("%+v", c)
	}
}

func namesAreInjective(t *rapid.T, _ *snapshot.Snapshot, r *translate.Result) {
	seen := map[string]bool{}
	destinations := map[string]string{}
	for _, o := range r.Objects {
		if seen[o.ID()] {
			t.Fatalf("%s stands twice", o.ID())
		}
		seen[o.ID()] = true
		if o.Kind == "DestinationRule" {
			id := fmt.Sprint(o.Namespace, " ", at(manifest.Unstructured(o).Object, "spec", "host"))
			if other := destinations[id]; other != "" {
				t.Fatalf("%s and %s are for one Service", other, o.ID())
			}
			destinations[id] = o.ID()
		}
	}
}

// everyAnnotationIsSaid wants findings of exactly one class about every annotation, whoever they come from.
func everyAnnotationIsSaid(t *rapid.T, s *snapshot.Snapshot, r *translate.Result) {
	type place struct {
		object *finding.Object
		field  string
	}
	classes := map[place]map[finding.Class]bool{}
	skipped := map[*finding.Object]bool{}
	for _, f := range r.Findings {
		switch p := (place{f.Origin.Object, f.Part()}); {
		case f.Code == finding.CatchAllDisabled:
			skipped[p.object] = true
		case f.Class != "":
			if classes[p] == nil {
				classes[p] = map[finding.Class]bool{}
			}
			classes[p][f.Class] = true
		}
	}
	for _, in := range s.Ingresses {
		for k := range in.Annotations {
			if n := len(classes[place{in.Object, k}]); strings.HasPrefix(k, nginx.DefaultPrefix) && !skipped[in.Object] && n != 1 {
				t.Fatalf("%s: %s (%q) ends in %d classes: %v", in.Object.Ref(), k, in.Annotations[k], n, classes[place{in.Object, k}])
			}
		}
	}
}

func everyObjectIsValid(t *rapid.T, _ *snapshot.Snapshot, r *translate.Result) {
	for _, f := range r.Findings {
		if f.Code == finding.InvalidOutput {
			t.Fatal(f.Message())
		}
	}
	if problems := validate.Fast(r.Objects); len(problems) > 0 {
		t.Fatal(problems)
	}
}

func filesGiveTheSame(t *rapid.T, _ *snapshot.Snapshot, r *translate.Result) {
	files, err := split.Layout(r.Objects, r.MeshConfig)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, o := range r.Objects {
		want = append(want, yamlOf(t, []*manifest.Object{o}))
	}
	for _, f := range files {
		if base := path.Base(f.Path); base != split.KustomizationFile && base != split.MeshConfigFile {
			got = append(got, string(bytes.TrimPrefix(f.Data, []byte(split.Header))))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

// oneSetOfRoutes wants each host of a Gateway in one VirtualService, and in at most one more that stands behind it.
func oneSetOfRoutes(t *rapid.T, _ *snapshot.Snapshot, r *translate.Result) {
	owner := map[string]string{}
	for _, s := range newRouter(r.Objects).services {
		if s.spec.Tls != nil || s.spec.Tcp != nil {
			continue
		}
		for _, g := range s.spec.Gateways {
			for _, h := range s.spec.Hosts {
				id := fmt.Sprint(wide(s), g, h)
				if other := owner[id]; other != "" {
					t.Fatalf("%s is served at %s by %s and %s/%s", h, g, other, s.namespace, s.name)
				}
				owner[id] = s.namespace + "/" + s.name
			}
		}
	}
}

func TestTheSameBytesEveryTime(t *testing.T) {
	var in bytes.Buffer
	if err := fleet.Write(&in, fleet.Options{Ingresses: 100, Profile: fleet.Heavy, TLS: true, HostsPerNamespace: 3}); err != nil {
		t.Fatal(err)
	}
	var objects string
	var findings []string
	for i := range 8 {
		s := snapshot.New()
		load.Bytes("in.yaml", in.Bytes(), s)
		r := translate.Translate(s, translate.Options{})
		if i == 0 {
			objects, findings = yamlOf(t, r.Objects), said(r)
			continue
		}
		if objects != yamlOf(t, r.Objects) {
			t.Fatal("the objects of two runs differ")
		}
		if diff := cmp.Diff(findings, said(r)); diff != "" {
			t.Fatal(diff)
		}
	}
}
