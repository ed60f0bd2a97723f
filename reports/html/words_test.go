package html

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

func TestEffortIsWrittenAsPeoplePlanIt(t *testing.T) {
	for minutes, want := range map[int]string{0: "none", 45: "45 min", 60: "1 h", 150: "2.5 h", 959: "16 h", 960: "2 days", 1200: "2.5 days", 4800: "10 days", 1_000_000: "2,083 days"} {
		if diff := cmp.Diff(want, effort(minutes)); diff != "" {
			t.Errorf("%d minutes: %s", minutes, diff)
		}
	}
}

func TestNumbersHaveCommas(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if diff := cmp.Diff(want, num(n)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheVerdictSaysWhereTheFleetStands(t *testing.T) {
	tests := map[string]struct {
		of    reports.Readiness
		first string
	}{
		"nothing is to be moved":                  {reports.Readiness{Skipped: 3, Failed: 1}, "No Ingress is to be moved."},
		"all can move":                            {reports.Readiness{Ready: 1200, Differs: 34, Skipped: 5}, "All 1,234 Ingresses can move now."},
		"none can move":                           {reports.Readiness{Work: 1}, "None of 1 Ingress can move yet."},
		"some can move, differences do not count": {reports.Readiness{Ready: 1, Differs: 2, Work: 3, Blocked: 4}, "3 of 10 Ingresses can move now."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			first, _ := verdict(test.of)
			if diff := cmp.Diff(test.first, first); diff != "" {
				t.Error(diff)
			}
		})
	}
	_, second := verdict(reports.Readiness{Ready: 1, Work: 3})
	if diff := cmp.Diff("1 behaves as before, 0 differ in ways that the findings name; 3 need work by hand.", second); diff != "" {
		t.Error(diff)
	}
}

func TestBarsAreFull(t *testing.T) {
	want := []piece{{reports.Ready, "0", "500"}, {reports.ByHand, "500", "250"}, {reports.Failed, "750", "250"}}
	if diff := cmp.Diff(want, newBar(reports.Readiness{Ready: 2, Work: 1, Failed: 1}, 4).Pieces); diff != "" {
		t.Error(diff)
	}
}

func TestTheSkylineBeginsWithMostWork(t *testing.T) {
	groups := []*reports.Group{
		{Name: "large", Ingresses: 10, Readiness: reports.Readiness{Ready: 10}}, {Name: "work", Ingresses: 5, Readiness: reports.Readiness{Work: 5}},
		{Name: "blocked", Ingresses: 2, Readiness: reports.Readiness{Ready: 1, Blocked: 1}}, {Name: "d"}, {Name: "e"}, {Name: "f"},
	}
	s := newSkyline(groups)
	var titles []string
	for _, c := range s.Columns[:3] {
		titles = append(titles, c.Title)
	}
	if diff := cmp.Diff([]string{"blocked: 1 ready, 1 blocked", "work: 5 work", "large: 10 ready"}, titles); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]piece{{reports.Ready, "90", "10"}, {reports.Blocked, "80", "10"}}, s.Columns[0].Pieces); diff != "" {
		t.Error(diff)
	}
	if newSkyline(groups[:5]) != nil {
		t.Error("a picture of few namespaces says nothing that the table does not")
	}
}

func TestShadesGrowWithTheShare(t *testing.T) {
	var got []string
	for _, n := range []int{0, 1, 2, 5, 9, 10} {
		got = append(got, shade(n, 10, true))
	}
	if diff := cmp.Diff([]string{"", "q1", "q2", "q3", "q5", "q5"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("", shade(10, 10, false)); diff != "" {
		t.Error(diff)
	}
}

func TestListsOfNamesAreCut(t *testing.T) {
	for want, names := range map[string][]string{
		"none": nil, "a, b": {"a", "b"}, "a, b, c, d, e and 2 more": {"a", "b", "c", "d", "e", "f", "g"}, `a\u{202e}b`: {"a\u202eb"},
	} {
		if diff := cmp.Diff(want, list(names)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestASentenceThatIsSaidOftenStandsOnce(t *testing.T) {
	o := &finding.Object{Kind: "Ingress", Namespace: "a", Name: "b"}
	said := func(code finding.Code, class finding.Class, text string) *finding.Finding {
		return &finding.Finding{Code: code, Class: class, Origin: finding.Origin{Object: o, Field: "spec.rules[3].host"}, Args: []string{text, ""}}
	}
	var s sentences
	for range manyTimes {
		s.hear(said(finding.KeyManual, finding.Manual, "often"))
		s.hear(said(finding.KeyExact, finding.Exact, "well"))
	}
	for range manyTimes - 1 {
		s.hear(said(finding.KeyManual, finding.Manual, "less often"))
	}
	s.settle()
	var got []string
	for _, x := range s.of(finding.KeyManual) {
		got = append(got, x.Field()+" "+num(x.Count))
	}
	if diff := cmp.Diff([]string{"spec.rules[].host 20"}, got); diff != "" {
		t.Error(diff)
	}
	if len(s.of(finding.KeyExact)) != 0 {
		t.Error("that all is well needs no sentence")
	}
	f := &fleet{sentences: s}
	if r := f.findingRow(said(finding.KeyManual, finding.Manual, "often")); r.Href != "#m0" || strings.Contains(r.Message, "often") {
		t.Errorf("a row says it again: %+v", r)
	}
	if r := f.findingRow(said(finding.KeyManual, finding.Manual, "less often")); r.Href != "" || !strings.Contains(r.Message, "less often") {
		t.Errorf("a row does not say it: %+v", r)
	}
}
