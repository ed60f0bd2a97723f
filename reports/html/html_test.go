package html_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	xhtml "golang.org/x/net/html"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/reports/html"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// pageOf writes the page of a report.
func pageOf(t *testing.T, r *reports.Report) string {
	t.Helper()
	var page strings.Builder
	require.NoError(t, html.Write(&page, r))
	return page.String()
}

func TestThePolicyAllowsThePagesCodeAndNothingElse(t *testing.T) {
	page := pageOf(t, hostile())
	policy := xhtml.UnescapeString(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1])
	hashed := func(pattern string) string {
		var out []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1) {
			sum := sha256.Sum256([]byte(m[1]))
			out = append(out, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
		return strings.Join(out, " ")
	}
	want := "default-src 'none'; style-src " + hashed(`(?s)<style>(.*?)</style>`) + "; script-src " + hashed(`(?s)<script>(.*?)</script>`) + "; base-uri 'none'; form-action 'none'"
	if diff := cmp.Diff(want, policy); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(policy, "sha256-"); n != 3 {
		t.Errorf("the policy allows %d pieces of code", n)
	}
}

// void are the elements that have no end.
var void = map[string]bool{"meta": true, "input": true, "br": true, "rect": true, "line": true, "path": true}

// wellFormed reports elements that end where they must not, and what a page that runs nothing foreign must not have. It gives the
// elements and how often each stands there.
func wellFormed(t *testing.T, page string) map[string]int {
	t.Helper()
	elements := map[string]int{}
	var open []string
	z := xhtml.NewTokenizer(strings.NewReader(page))
	for {
		switch kind := z.Next(); kind {
		case xhtml.ErrorToken:
			require.ErrorIs(t, z.Err(), io.EOF)
			if len(open) > 0 {
				t.Errorf("not ended: %v", open)
			}
			return elements
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			token := z.Token()
			elements[token.Data]++
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("<%s %s=%q>", token.Data, a.Key, a.Val)
				}
			}
			if kind == xhtml.StartTagToken && !void[token.Data] {
				open = append(open, token.Data)
			}
		case xhtml.EndTagToken:
			token := z.Token()
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> ends %v", token.Data, open)
			}
			open = open[:len(open)-1]
		case xhtml.TextToken, xhtml.CommentToken, xhtml.DoctypeToken:
		}
	}
}

func TestAPageWithoutASingleIngress(t *testing.T) {
	r := reports.New("", reports.Counts{}, nil, nil)
	r.Details = &reports.Details{}
	page := pageOf(t, r)
	wellFormed(t, page)
	for _, want := range []string{"No Ingress is to be moved.", "Nothing has to be done by the platform team.", "No team has anything to do.", "No host is served."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// evil tries to end whatever it stands in.
const evil = `"'></script></style></noscript></title><img src=x onerror=alert(1)>` + "\u2028\u202e`${x}`{{.}}<!--"

// hostile is a report in which every text of the input is evil.
func hostile() *reports.Report {
	o := &finding.Object{Kind: evil, Namespace: evil, Name: evil, File: evil, Line: 3}
	m := &manifest.Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: evil, Name: evil, Owner: evil, Fields: manifest.Map{{Key: "data", Value: evil}}}
	found := []finding.Finding{{Code: finding.KeyManual, Class: finding.Manual, Origin: finding.Origin{Object: o, Field: evil, Line: 4}, Args: []string{evil, evil}}}
	group := &reports.Group{Name: evil, Ingresses: 1, Readiness: reports.Readiness{Work: 1}}
	task := &reports.Task{Code: finding.KeyManual, Field: evil, Message: evil, Advice: "Do it.", Count: 1, Objects: []*finding.Object{o, {Kind: evil, Name: evil}}, More: 7}
	r := reports.New("v1", reports.Counts{In: 1}, []*manifest.Object{m}, found)
	r.Details = &reports.Details{
		Readiness:  reports.Readiness{Work: 1},
		Ingresses:  []*reports.Ingress{{Object: o, Team: evil + "t", Class: evil, Hosts: []string{evil, evil}, State: reports.ByHand, Findings: r.Findings, Objects: []*manifest.Object{m}}},
		Namespaces: []*reports.Group{group, group, group, group, group, group, group}, Teams: []*reports.Group{group}, ByClass: []*reports.Group{group},
		Heat:         []*reports.HeatRow{{Key: evil, Ingresses: 1, Namespaces: map[string]int{evil: 1}, Classes: reports.ClassCounts{1}}},
		Hosts:        []*reports.Host{{Name: evil, Aliases: []string{evil}, Namespaces: []string{evil}, Unfit: evil, Default: true, Servers: []reports.Server{{Gateway: evil, Protocol: evil}}}},
		Certificates: []*reports.Certificate{{Secret: evil, Problem: evil, Issuer: evil, Hosts: []string{evil}, Servers: []reports.Server{{Credential: evil}}}},
		Work:         []*reports.Work{{Tasks: []*reports.Task{task}}, {Owner: evil, Tasks: []*reports.Task{task}}},
		Waivers:      []reports.Waiver{{Object: o, Code: finding.KeyManual, Reason: evil}},
		Effort:       reports.Effort{Text: "Ten minutes."},
		Shared:       []*manifest.Object{m},
	}
	return r
}

func TestTextsOfTheInputStayTexts(t *testing.T) {
	page := pageOf(t, hostile())
	elements := wellFormed(t, page)
	if elements["img"] != 0 || elements["title"] != 8 { // of the page, and of seven columns of the picture
		t.Errorf("the input makes elements: %v", elements)
	}
	shown := regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`).ReplaceAllString(page, "")
	if i := strings.IndexAny(shown, "\u2028\u202e"); i >= 0 {
		t.Errorf("a sign that nobody sees is shown: %q", shown[max(0, i-300):i+10])
	}
	t.Run("and are kept for the scripts", func(t *testing.T) {
		var index struct {
			Ingresses struct{ Name []string }
			Fields    []string
		}
		text := regexp.MustCompile(`(?s)id="index">(.*?)</script>`).FindStringSubmatch(page)[1]
		require.NoError(t, json.Unmarshal([]byte(text), &index))
		if diff := cmp.Diff([]string{evil}, index.Ingresses.Name); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{reports.GeneralField(evil)}, index.Fields); diff != "" {
			t.Error(diff)
		}
	})
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestAPageThatCannotBeWrittenIsAnError(t *testing.T) {
	require.ErrorIs(t, html.Write(full{}, hostile()), io.ErrShortWrite)
}
