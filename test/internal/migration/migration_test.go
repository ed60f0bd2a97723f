package migration

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/apiserver"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

func TestEveryAnswerIsJudged(t *testing.T) {
	const page, other = "200 shop/web /", "200 shop/other /"
	type step struct {
		expect  []string // before the answer
		answer  string
		disturb bool
		exposed bool
	}
	for name, tt := range map[string]struct {
		guarded bool
		legal   []string
		steps   []step
		want    Counts
		arrived bool
	}{
		"what is right":     {legal: []string{page}, steps: []step{{answer: page}, {answer: page}}, want: Counts{Sent: 2}, arrived: true},
		"the other backend": {legal: []string{page}, steps: []step{{answer: other}}, want: Counts{Sent: 1, Misrouted: 1}},
		"no answer":         {legal: []string{page}, steps: []step{{answer: "EOF"}, {answer: "503"}}, want: Counts{Sent: 2, Failed: 2}},
		"a backend for somebody who is not allowed": {
			guarded: true, legal: []string{"401"}, steps: []step{{answer: page}, {answer: "404"}}, want: Counts{Sent: 2, Open: 1, Failed: 1},
		},
		"before and after a move": {
			legal: []string{"404"}, steps: []step{{expect: []string{page}, answer: "404"}, {answer: page}, {answer: page}}, want: Counts{Sent: 3}, arrived: true,
		},
		"there is no way back within a move": {
			legal: []string{"404"}, steps: []step{{expect: []string{page}, answer: page}, {answer: "404"}}, want: Counts{Sent: 2, Failed: 1},
		},
		"a move that does not come": {legal: []string{"404"}, steps: []step{{expect: []string{page}, answer: "404"}, {answer: "404"}}, want: Counts{Sent: 2}},
		"something else while it moves": {
			legal: []string{"404"}, steps: []step{{expect: []string{page}, answer: other}, {answer: "503"}}, want: Counts{Sent: 2, Misrouted: 1, Failed: 1},
		},
		"fewer answers are right": {
			legal: []string{"404", page}, steps: []step{{expect: []string{page}, answer: page}, {answer: "404"}, {answer: page}}, want: Counts{Sent: 3, Failed: 1}, arrived: true,
		},
		"what is broken on purpose is lost, and never open": {
			guarded: true, legal: []string{"401"}, steps: []step{{answer: "503", disturb: true}, {answer: page, disturb: true}}, want: Counts{Sent: 2, Lost: 1, Open: 1},
		},
		"but where the filters were taken out, and their word left": {
			guarded: true, legal: []string{"401"}, steps: []step{{answer: page, disturb: true, exposed: true}}, want: Counts{Sent: 1, Exposed: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &Probe{guarded: tt.guarded, legal: tt.legal, step: func() string { return "a step" }}
			for _, s := range tt.steps {
				if s.expect != nil {
					p.expect(s.expect...)
				}
				p.disturb(s.disturb, s.exposed)
				p.judge(s.answer, strings.Contains(s.answer, "shop"))
			}
			if diff := cmp.Diff(tt.want, p.counts); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if ok, last := p.arrived(); ok != tt.arrived {
				t.Errorf("arrived %v with %q", ok, last)
			}
		})
	}
}

func TestTheCourseHasEveryChangeOfPhase(t *testing.T) {
	changes := func(course string) map[string]bool {
		out := map[string]bool{}
		for i := range course[1:] {
			out[course[i:i+2]] = true
		}
		return out
	}
	all, one := changes(course), changes(direct)
	for from := range phases {
		for to := range phases {
			change := string(from) + string(to)
			byPreview := from == 'x' && (to == 's' || public(phases[to])) || from == 's' && to == 'x'
			if from != to && (all[change] == byPreview || byPreview && !one[change]) {
				t.Errorf("change %s: %v, of the host of one Ingress %v", change, all[change], one[change])
			}
		}
	}
	if course[len(course)-1] != direct[0] {
		t.Error("the host of one Ingress begins where it is not")
	}
}

func TestTheFleetCanBeRead(t *testing.T) {
	c, err := casefile.Load("../../migration/fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := apiserver.Decode(World + c.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	var hosts []string
	kinds := map[string]int{}
	for _, d := range docs {
		kinds[d.GetKind()]++
		for _, r := range casefile.Object(d.Object).Items("spec", "rules") {
			hosts = append(hosts, r.Text("host"))
		}
	}
	want := map[string]int{"ConfigMap": 1, "Ingress": 25, "IngressClass": 1, "Migration": 1, "Namespace": 2, "Secret": 2}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	ring, err := keys.Generate(c.PKI)
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(newCrowd(ring), &records{moved: map[string]bool{}})
	for _, p := range f.Probes {
		host := p.asker.Host
		_, domain, _ := strings.Cut(host, ".")
		if host != "nobody.test" && !slices.Contains(hosts, host) && !slices.Contains(hosts, "*."+domain) {
			t.Errorf("%s asks for %s, which no Ingress has", p.Name, host)
		}
	}
	for _, e := range edits() {
		for name := range e.want {
			if f.change[name] == nil {
				t.Errorf("%s: nobody is called %s", e.what, name)
			}
		}
	}
}
