package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func ingress(name string) *finding.Object {
	return &finding.Object{Kind: "Ingress", Namespace: "shop", Name: name, File: "in.yaml", Line: 3}
}

func at(o *finding.Object, field string, line int) finding.Origin {
	return finding.Origin{Object: o, Field: field, Line: line}
}

func found(code finding.Code, o finding.Origin, args ...string) finding.Finding {
	return finding.Finding{Code: code, Class: code.Entry().Class, Origin: o, Args: args}
}

func sample() *Report {
	web, api := ingress("web"), ingress("api")
	waived := found(finding.ProtectionClosed, at(api, "nginx.ingress.kubernetes.io/auth-url", 0), "auth-url", "no host")
	waived.Waived = true
	return New("v1", Counts{3, 2, 1, 0},
		[]*manifest.Object{{Kind: "Gateway"}, {Kind: "VirtualService", Owner: "shop"}, {Kind: "VirtualService", Owner: "shop"}, {Kind: "Gateway"}},
		[]finding.Finding{
			found(finding.ProtectionClosed, at(web, "nginx.ingress.kubernetes.io/auth-url", 9), "auth-url", "no host"),
			waived,
			found(finding.InvalidObject, at(web, "spec.rules[0].host", 12), "a_b"),
			found(finding.InvalidObject, at(web, "spec.rules[11].host", 30), "c_d"),
			found(finding.KeyUnknown, at(web, "nginx.ingress.kubernetes.io/x", 4), "x", ""),
			found(finding.RuleTranslated, at(web, "spec.rules[0].http.paths[0]", 20), "/"),
			found(finding.MeshConfigNeeded, finding.Origin{}, "pathNormalization"),
			found(finding.RuleTranslated, at(web, "spec.rules[0].http.paths[0]", 20), "/"),
		})
}

func TestTextShowsWhatBlocksWhatFailedAndWhatThePlatformHasToDo(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteText(&b, sample(), TextOptions{}))
	want := `
 Ingresses  Converted  Skipped  Failed
───────────────────────────────────────
         3          2        1       0

 Objects         Platform  Teams
─────────────────────────────────
 Gateway                2      0
 VirtualService         0      2

 Findings  exact  approximate  noop  manual  refused  invalid  unknown
───────────────────────────────────────────────────────────────────────
        7      1            0     0       2        0        2        1

Blocking (1)
  I2G4001 ProtectionClosed nginx.ingress.kubernetes.io/auth-url
    auth-url protects this route and cannot be carried over (no host): the route is closed
    in Ingress shop/web (in.yaml:9)
    > Protect the route by other means, then waive this code for the object.

Errors (2)
  I2G1009 InvalidObject spec.rules[].host (2 times)
    for example: would be refused by an API server: a_b
    in Ingress shop/web (in.yaml:12), Ingress shop/web (in.yaml:30)
    > Correct the object.

For the platform team (1)
  I2G6001 MeshConfigNeeded
    the mesh must be configured with pathNormalization
    > Merge platform/meshconfig.yaml into the mesh configuration before routing traffic.

2 warnings of 2 kinds: --report text=FILE or json=FILE has them all.
`
	if diff := cmp.Diff(want, "\n"+trimLines(b.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func nothing(finding.Finding) bool { return false }

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func TestTextOfEverythingHasWarningsAndNotes(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteText(&b, sample(), TextOptions{All: true, Color: true}))
	for _, want := range []string{"\x1b[1m\x1b[33mWarnings (2)\x1b[0m", "\x1b[1mNotes (1)\x1b[0m", "I2G4001\x1b[0m ProtectionClosed nginx.ingress.kubernetes.io/auth-url (waived)", "in Ingress shop/api (in.yaml:3)", "I2G1212 RuleTranslated spec.rules[].http.paths[]"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, b.String())
		}
	}
}

func TestTextObeysNoInput(t *testing.T) {
	evil := "a\x1b]0;x\x07\x1b[2Jb\r\nc\u009b31m\u202ed\xff\x00"
	o := &finding.Object{Kind: "Ingress" + evil, Namespace: evil, Name: evil, File: evil}
	r := New("", Counts{}, []*manifest.Object{{Kind: evil}}, []finding.Finding{found(finding.KeyRefused, at(o, evil, 1), evil, evil)})
	var b strings.Builder
	require.NoError(t, WriteText(&b, r, TextOptions{All: true}))
	for i, c := range b.String() {
		if c < 0x20 && c != '\n' || c >= 0x7f && c < 0xa0 || c == 0x202e || c == 0xfffd {
			t.Fatalf("character %#x at %d in:\n%q", c, i, b.String())
		}
	}
	if strings.Contains(b.String(), "\nc") {
		t.Errorf("the input broke a line:\n%s", b.String())
	}
}

func TestCleanShowsWhatATerminalWouldObey(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 日":       "plain é 日",
		"\x1b[31m":        `\x1b[31m`,
		"a\nb\tc":         `a\nb c`,
		"\u0085\u009b":    `\x85\x9b`,
		"\u202e\u2066":    `\u{202e}\u{2066}`,
		"\xff":            `\xff`,
		"\U000e0001":      `\u{e0001}`,
		"abcdefghijklmno": "abcdefghij…",
		"":                "",
	} {
		if diff := cmp.Diff(want, Clean(in, 10)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
	if diff := cmp.Diff("a\n\\x1bb", CleanLines("a\n\x1bb")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTextOfManyIngressesStaysSmall(t *testing.T) {
	var fs []finding.Finding
	for i := range 10_000 {
		o := ingress(fmt.Sprintf("web-%d", i))
		for j, code := range []finding.Code{finding.ProtectionClosed, finding.KeyRefused, finding.ValueDropsAll, finding.SecretBroken, finding.KeyApproximate, finding.KeyUnknown} {
			fs = append(fs, found(code, at(o, fmt.Sprintf("key-%d-%d", j, i%500), i), strings.Repeat("x", 500), strings.Repeat("y", 500)))
		}
	}
	r := New("", Counts{}, nil, fs)
	for _, all := range []bool{false, true} {
		var b bytes.Buffer
		require.NoError(t, WriteText(&b, r, TextOptions{All: all}))
		if b.Len() > 2<<20 || !all && b.Len() > 200<<10 {
			t.Errorf("%d bytes", b.Len())
		}
		if !strings.Contains(b.String(), "more") {
			t.Error("what is left out is not counted")
		}
	}
}

func TestJSONHasEveryFindingInAStableForm(t *testing.T) {
	var b strings.Builder
	require.NoError(t, WriteJSON(&b, sample()))
	var got struct {
		APIVersion, Kind, Version string
		Counts                    map[string]int
		Classes                   map[string]int
		Severities                map[string]int
		Blocking                  int
		Objects                   []map[string]any
		Findings                  []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Len(t, got.Findings, 7)
	if diff := cmp.Diff([]any{"ingress2gw.io/v1alpha1", "Report", "v1", 1, map[string]int{"in": 3, "converted": 2, "skipped": 1, "failed": 0}, map[string]int{"error": 3, "warning": 3, "info": 1}},
		[]any{got.APIVersion, got.Kind, got.Version, got.Blocking, got.Counts, got.Severities}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]map[string]any{{"kind": "Gateway", "platform": 2.0, "teams": 0.0}, {"kind": "VirtualService", "platform": 0.0, "teams": 2.0}}, got.Objects); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := map[string]any{
		"code": "I2G4001", "name": "ProtectionClosed", "class": "manual", "severity": "error", "blocking": true, "waived": false,
		"object": map[string]any{"kind": "Ingress", "namespace": "shop", "name": "web"}, "file": "in.yaml", "line": 9.0, "field": "nginx.ingress.kubernetes.io/auth-url",
		"message": "auth-url protects this route and cannot be carried over (no host): the route is closed", "advice": "Protect the route by other means, then waive this code for the object.",
	}
	for _, f := range got.Findings {
		if f["blocking"] == true {
			if diff := cmp.Diff(want, f); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	}
	var again strings.Builder
	require.NoError(t, WriteJSON(&again, sample()))
	if b.String() != again.String() {
		t.Error("two runs differ")
	}
}

func TestJSONOfManyFindingsIsOneDocument(t *testing.T) {
	var fs []finding.Finding
	for i := range 2000 {
		fs = append(fs, found(finding.KeyUnknown, at(ingress("<web>"), fmt.Sprint(i), i), "x", ""))
	}
	var b strings.Builder
	require.NoError(t, WriteJSON(&b, New("", Counts{}, nil, fs)))
	var got struct{ Findings []any }
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Len(t, got.Findings, 2000)
	b.Reset()
	require.NoError(t, WriteJSON(&b, New("", Counts{}, nil, nil)))
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Empty(t, got.Findings)
}

func TestSuppressedFindingsAreCountedAndWhatBlocksStays(t *testing.T) {
	r := sample()
	r.Suppress(func(finding.Finding) bool { return true })
	if diff := cmp.Diff([]int{6, 1, 1}, []int{r.Suppressed, len(r.Findings), r.Blocking()}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var b strings.Builder
	require.NoError(t, WriteText(&b, r, TextOptions{}))
	if !strings.Contains(b.String(), "6 findings suppressed.") {
		t.Error(b.String())
	}
}

func TestReachedCountsFromASeverityOn(t *testing.T) {
	r := sample()
	if diff := cmp.Diff([]int{3, 6, 7}, []int{r.Reached(finding.Error), r.Reached(finding.Warning), r.Reached(finding.Info)}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSelectorsMatchCodeKindAndName(t *testing.T) {
	o := ingress("web")
	for in, want := range map[string]bool{
		"I2G4001":                  true,
		"I2G4*":                    true,
		"*":                        true,
		"I2G4002":                  false,
		"I2G4001=Ingress":          true,
		"I2G4001=Secret":           false,
		"I2G4001=shop/web":         true,
		"I2G4001=shop/*":           true,
		"I2G4001=other/*":          false,
		"I2G4001=Ingress shop/w*b": true,
		"I2G4001=Ingress */api":    false,
		"I2G4001=* */*":            true,
		"I2G4001=Ingress web":      true,
	} {
		s, err := ParseSelector(in)
		require.NoError(t, err, in)
		if got := s.Match(finding.ProtectionClosed, o); got != want {
			t.Errorf("%s: %v", in, got)
		}
	}
	s, err := ParseSelector("I2G4001=Ingress")
	require.NoError(t, err)
	if s.Match(finding.ProtectionClosed, nil) {
		t.Error("nothing is an Ingress")
	}
}

func TestSelectorsThatSelectNothingAreRefused(t *testing.T) {
	for _, in := range []string{"", "X", "I2G9999", "I2G4001=", "I2G4001=a b c", "I2G4001=a/b c/d", "I2G4001=a/b c", "I2G4001=a/b/c", "I2G4001=/b", "I2G4001=a/"} {
		if s, err := ParseSelector(in); err == nil {
			t.Errorf("%q selects %+v", in, s)
		}
	}
}

func TestFieldsAreGroupedWithoutIndexes(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "spec.rules[0].http.paths[12]": "spec.rules[].http.paths[]", "a[x].b[1]": "a[x].b[]", "a[": "a[", "a]": "a]", "[1]": "[]"} {
		if diff := cmp.Diff(want, GeneralField(in)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestEveryFormatNamesCodes(t *testing.T) {
	for _, f := range Formats() {
		var b strings.Builder
		r := sample()
		r.Describe(Source{Snapshot: snapshot.New()}, nothing)
		require.NoError(t, f.Write(&b, r))
		if !strings.Contains(b.String(), "I2G4001") && f.Name != "table" && f.Name != "wide" {
			t.Errorf("%s: %s", f.Name, b.String())
		}
	}
}

func TestReportsForPeopleOfManyTeamsStaySmall(t *testing.T) {
	s := snapshot.New()
	var fs []finding.Finding
	for i := range 1200 {
		in := &snapshot.Ingress{Object: &finding.Object{Kind: "Ingress", Namespace: fmt.Sprintf("team-%d-%s", i, strings.Repeat("n", 50)), Name: strings.Repeat("i", 250), File: strings.Repeat("f", 250)}}
		in.Namespace, in.Name = in.Object.Namespace, in.Object.Name
		s.Ingresses = append(s.Ingresses, in)
		for j, code := range []finding.Code{finding.ProtectionClosed, finding.KeyRefused, finding.KeyManual, finding.SecretBroken, finding.KeyApproximate, finding.KeyUnknown, finding.SecretReference} {
			fs = append(fs, found(code, at(in.Object, fmt.Sprintf("key-%d-%d-%s", j, i, strings.Repeat("k", 200)), i), strings.Repeat("`|<", 300), strings.Repeat("y", 500)))
		}
	}
	r := New("", Counts{}, nil, fs)
	r.Describe(Source{Snapshot: s}, nothing)
	var text, markdown bytes.Buffer
	require.NoError(t, WriteText(&text, r, TextOptions{All: true}))
	require.NoError(t, WriteMarkdown(&markdown, r))
	if text.Len() > 1<<20 {
		t.Errorf("the text has %d bytes", text.Len())
	}
	if n := markdown.Len(); n > 65_536 {
		t.Errorf("a comment of %d bytes is more than GitHub takes", n)
	}
	for _, b := range []*bytes.Buffer{&text, &markdown} {
		if !strings.Contains(b.String(), "more") {
			t.Error("what is left out is not counted")
		}
	}
}
