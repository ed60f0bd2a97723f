package diff

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func ingress(name, host string, annotations map[string]string) *snapshot.Ingress {
	in := &snapshot.Ingress{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: name, File: "in.yaml", Line: 1}}
	in.ObjectMeta = metav1.ObjectMeta{Namespace: "shop", Name: name, Annotations: annotations}
	in.Spec.Rules = []netv1.IngressRule{{Host: host}}
	return in
}

func input(ingresses ...*snapshot.Ingress) *snapshot.Snapshot {
	s := snapshot.New()
	s.Ingresses = ingresses
	s.ConfigMaps[snapshot.Key{Namespace: "ctl", Name: "cfg"}] = &snapshot.ConfigMap{
		Object: &finding.Object{Kind: "ConfigMap", Namespace: "ctl", Name: "cfg"}, Data: map[string]string{"gzip": "on"},
	}
	return s
}

// translation makes an object for each Ingress with its annotations in it; a filter for those that have the annotation
// "deny"; and an object that all share, which does not say what it comes from.
func translation(s *snapshot.Snapshot) []*manifest.Object {
	shared := &manifest.Object{APIVersion: "v1", Kind: "Shared", Name: "all"}
	var hosts []string
	out := []*manifest.Object{shared}
	for _, in := range s.Ingresses {
		origins := []finding.Origin{{Object: in.Object}}
		spec := manifest.Map{{Key: "host", Value: in.Spec.Rules[0].Host}, {Key: "gzip", Value: s.ConfigMaps[snapshot.Key{Namespace: "ctl", Name: "cfg"}].Data["gzip"]}}
		for k, v := range in.Annotations {
			spec = append(spec, manifest.Field{Key: k, Value: v})
		}
		out = append(out, &manifest.Object{APIVersion: "v1", Kind: "Route", Namespace: "shop", Name: in.Name, Owner: "shop", Spec: spec, Origins: origins})
		if in.Annotations["deny"] != "" {
			rule := manifest.Map{}
			if v := in.Annotations["timeout"]; v != "" {
				rule = append(rule, manifest.Field{Key: "timeout", Value: v})
			}
			if in.Annotations["deny"] == "x" {
				out = append(out, &manifest.Object{APIVersion: "v1", Kind: "Filter", Name: in.Name, Origins: origins, Spec: manifest.Map{{Key: "rule", Value: rule}}})
			}
		}
		hosts = append(hosts, in.Spec.Rules[0].Host)
	}
	slices.Sort(hosts)
	shared.Spec = manifest.Map{{Key: "hosts", Value: hosts}}
	return out
}

func findings(s *snapshot.Snapshot) []finding.Finding {
	var l finding.List
	for _, in := range s.Ingresses {
		for k := range in.Annotations {
			class := finding.KeyExact
			if k == "noop" {
				class = finding.KeyNoop
			}
			l.Report(class, finding.Origin{Object: in.Object, Field: k, Line: 7}, k, "")
		}
	}
	for _, c := range s.ConfigMaps {
		l.Report(finding.SettingExact, finding.Origin{Object: c.Object, Field: "gzip"}, "gzip", "")
	}
	return l.Sorted()
}

// explained compares what there is with the translation of an input, and lists places with their causes.
func explained(there []*manifest.Object, t Translation) ([]string, *Diff) {
	live := map[string]map[string]any{}
	origins := map[string][]finding.Origin{}
	for _, o := range there {
		live[IDOf(o).Key()], origins[IDOf(o).Key()] = manifest.Unstructured(o).Object, o.Origins
	}
	t.Translate, t.Findings = translation, findings(t.Snapshot)
	var pairs []Pair
	for _, o := range translation(t.Snapshot) {
		key := IDOf(o).Key()
		pairs = append(pairs, Pair{ID: IDOf(o), Origins: o.Origins, Live: live[key], Wanted: manifest.Unstructured(o).Object})
		delete(live, key)
	}
	for _, o := range there {
		if tree := live[IDOf(o).Key()]; tree != nil {
			pairs = append(pairs, Pair{ID: IDOf(o), Origins: o.Origins, Live: tree})
		}
	}
	d := Compare(pairs)
	Explain(d, t)
	var out []string
	for _, c := range d.Changes {
		if !c.Changed() {
			continue
		}
		if len(c.Causes) > 0 || len(c.Fields) == 0 {
			out = append(out, fmt.Sprint(c.Action, " ", c.ID, " ", causeTexts(c.Causes, 9)))
		}
		for _, f := range c.Fields {
			out = append(out, fmt.Sprint(c.ID, " ", f.Path, " ", causeTexts(f.Causes, 9)))
		}
	}
	return out, d
}

func TestCauses(t *testing.T) {
	type annotations = map[string]string
	web := func(a annotations) *snapshot.Ingress { return ingress("web", "a.test", a) }
	api := func(a annotations) *snapshot.Ingress { return ingress("api", "b.test", a) }
	gzipOff := func(s *snapshot.Snapshot) *snapshot.Snapshot {
		s.ConfigMaps[snapshot.Key{Namespace: "ctl", Name: "cfg"}].Data["gzip"] = "off"
		return s
	}
	for name, c := range map[string]struct {
		before, after *snapshot.Snapshot
		live, inputs  []string
	}{
		"an annotation has another value": {
			input(web(annotations{"timeout": "1", "noop": "1"})), input(web(annotations{"timeout": "2", "noop": "1"})),
			[]string{"Route shop/web spec.timeout [Ingress shop/web timeout (in.yaml:7)]"},
			[]string{"Route shop/web spec.timeout [Ingress shop/web timeout (in.yaml:1)]"},
		},
		"of two Ingresses the one is named whose annotation it is": {
			input(web(annotations{"timeout": "1"}), api(annotations{"timeout": "1"})), input(web(annotations{"timeout": "2"}), api(annotations{"timeout": "1"})),
			[]string{"Route shop/web spec.timeout [Ingress shop/web timeout (in.yaml:7)]"},
			[]string{"Route shop/web spec.timeout [Ingress shop/web timeout (in.yaml:1)]"},
		},
		"an annotation that is gone can be named only if there was an input": {
			input(web(annotations{"timeout": "1"})), input(web(nil)),
			[]string{"configured Route shop/web [Ingress shop/web (in.yaml:1)]", "Route shop/web spec.timeout []"},
			[]string{"Route shop/web spec.timeout [Ingress shop/web timeout (in.yaml:1)]"},
		},
		"an annotation makes an object": {
			input(web(nil)), input(web(annotations{"deny": "x"})),
			[]string{"created Filter web [Ingress shop/web deny (in.yaml:7)]", "Route shop/web spec.deny [Ingress shop/web deny (in.yaml:7)]"},
			[]string{"created Filter web [Ingress shop/web deny (in.yaml:1)]", "Route shop/web spec.deny [Ingress shop/web deny (in.yaml:1)]"},
		},
		"an annotation takes one away": {
			input(web(annotations{"deny": "x"})), input(web(nil)),
			[]string{"pruned Filter web [Ingress shop/web (in.yaml:1)]", "configured Route shop/web [Ingress shop/web (in.yaml:1)]", "Route shop/web spec.deny []"},
			[]string{"pruned Filter web [Ingress shop/web deny (in.yaml:1)]", "Route shop/web spec.deny [Ingress shop/web deny (in.yaml:1)]"},
		},
		"what makes an object is not why something in it is gone": {
			input(web(annotations{"deny": "x", "timeout": "1"})), input(web(annotations{"deny": "x"})),
			[]string{"configured Filter web [Ingress shop/web (in.yaml:1)]", "Filter web spec.rule.timeout []", "configured Route shop/web [Ingress shop/web (in.yaml:1)]", "Route shop/web spec.timeout []"},
			[]string{"Filter web spec.rule.timeout [Ingress shop/web timeout (in.yaml:1)]", "Route shop/web spec.timeout [Ingress shop/web timeout (in.yaml:1)]"},
		},
		"a new Ingress": {
			input(web(nil)), input(web(nil), api(nil)),
			[]string{"created Route shop/api [Ingress shop/api (in.yaml:1)]", "Shared all spec.hosts [Ingress shop/api (in.yaml:1) Ingress shop/web (in.yaml:1)]"},
			[]string{"created Route shop/api [Ingress shop/api (in.yaml:1)]", "Shared all spec.hosts [Ingress shop/api (in.yaml:1)]"},
		},
		"an Ingress that is gone": {
			input(web(nil), api(nil)), input(web(nil)),
			[]string{"pruned Route shop/api [Ingress shop/api (in.yaml:1)]", "Shared all spec.hosts [Ingress shop/web (in.yaml:1)]"},
			[]string{"pruned Route shop/api [Ingress shop/api (in.yaml:1)]", "Shared all spec.hosts [Ingress shop/api (in.yaml:1)]"},
		},
		"an Ingress that says something else": {
			input(web(nil)), input(ingress("web", "c.test", nil)),
			[]string{"configured Route shop/web [Ingress shop/web (in.yaml:1)]", "Route shop/web spec.host []", "Shared all spec.hosts [Ingress shop/web (in.yaml:1)]"},
			[]string{"Route shop/web spec.host [Ingress shop/web spec (in.yaml:1)]", "Shared all spec.hosts [Ingress shop/web spec (in.yaml:1)]"},
		},
		"a setting of the controller": {
			gzipOff(input(web(nil))), input(web(nil)),
			[]string{"Route shop/web spec.gzip [ConfigMap ctl/cfg gzip]"},
			[]string{"Route shop/web spec.gzip [ConfigMap ctl/cfg gzip]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			there := translation(c.before)
			got, _ := explained(there, Translation{Snapshot: c.after})
			if d := cmp.Diff(c.live, got); d != "" {
				t.Error("compared with what is there:", d)
			}
			got, _ = explained(there, Translation{Snapshot: c.after, Before: c.before})
			if d := cmp.Diff(c.inputs, got); d != "" {
				t.Error("compared with an input:", d)
			}
		})
	}
}

// fleet has Ingresses of many hosts, all with an annotation, one of them with a value of its own.
func fleet(n int, value string) *snapshot.Snapshot {
	s := input()
	for i := range n {
		s.Ingresses = append(s.Ingresses, ingress(fmt.Sprintf("i%04d", i), fmt.Sprintf("h%d.test", i/2), map[string]string{"timeout": "1"}))
	}
	s.Ingresses[n/2].Annotations["timeout"] = value
	return s
}

func TestOfManyIngressesOnlyThoseAreTriedThatMatter(t *testing.T) {
	for name, before := range map[string]*snapshot.Snapshot{"live": nil, "input": fleet(4000, "1")} {
		t.Run(name, func(t *testing.T) {
			got, d := explained(translation(fleet(4000, "1")), Translation{Snapshot: fleet(4000, "2"), Before: before})
			line := 7
			if before != nil {
				line = 1
			}
			want := []string{fmt.Sprintf("Route shop/i2000 spec.timeout [Ingress shop/i2000 timeout (in.yaml:%d)]", line)}
			if diff := cmp.Diff(want, got); diff != "" || len(d.Notices) > 0 {
				t.Error(diff, d.Notices)
			}
		})
	}
}

func TestTooMuchWorkIsNotDone(t *testing.T) {
	after := fleet(4000, "2")
	for _, in := range after.Ingresses {
		in.Annotations["timeout"] = "2"
	}
	got, d := explained(translation(fleet(4000, "1")), Translation{Snapshot: after})
	if len(got) != 8000 || len(d.Notices) != 1 { // two lines each: the object with its Ingress, and the field
		t.Errorf("%d causes, notices %q", len(got), d.Notices)
	}
}

func TestWhereEverythingIsNewTheIngressIsAllThereIsToSay(t *testing.T) {
	s := fleet(50, "2")
	tried := 0
	d := Compare(nil)
	for _, o := range translation(s) {
		d.Changes = append(d.Changes, compare(Pair{ID: IDOf(o), Origins: o.Origins, Wanted: manifest.Unstructured(o).Object}))
	}
	Explain(d, Translation{Snapshot: s, Findings: findings(s), Translate: func(s *snapshot.Snapshot) []*manifest.Object {
		tried++
		return translation(s)
	}})
	if tried > 0 || len(d.Notices) > 0 || len(d.Changes[1].Causes) != 1 {
		t.Errorf("translated %d times, notices %q, causes %v", tried, d.Notices, d.Changes[1].Causes)
	}
}

func TestASharedObjectIsExplainedByTheNewIngressInALargeFleetToo(t *testing.T) {
	after := fleet(3000, "1")
	after.Ingresses = append(after.Ingresses, ingress("fresh", "fresh.test", nil))
	got, d := explained(translation(fleet(3000, "1")), Translation{Snapshot: after})
	want := []string{"created Route shop/fresh [Ingress shop/fresh (in.yaml:1)]", "Shared all spec.hosts [Ingress shop/fresh (in.yaml:1)]"}
	if diff := cmp.Diff(want, got); diff != "" || len(d.Notices) > 0 {
		t.Error(diff, d.Notices)
	}
}
