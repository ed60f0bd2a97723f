package reports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	netv1 "k8s.io/api/networking/v1"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// evils are texts that some format would obey: as a terminal, Markdown, HTML, XML, a spreadsheet, YAML, a viewer of SARIF.
var evils = map[string]string{
	"terminal":  "\x1b]0;owned\x07\x1b[2J\x9b31m\u009b31m\r\n\u202eevil\x00\xff\u2028\U000e0001",
	"markdown":  "` | **b** [x](https://evil.test) ![i](https://evil.test/i.png) <img src=x onerror=alert(1)> @everyone #1 https://evil.test </details>\n# head\n- item",
	"fences":    "``` `` ```` `",
	"xml":       `"><script>alert(1)</script><!-- ]]> &amp; </testsuite>`,
	"yaml":      "x: [a, b]\n- c: &d *e !!python/object \"'{}",
	"sarif":     "[click](https://evil.test){0}\\[x\\](y)",
	"templates": "%s%d{{.}}${jndi:ldap://x}",
	"bars":      `a\|b|c\`,
	"blank":     " ",
}

// hostile is a report in which everything that comes from an input is evil.
func hostile(evil string) *Report {
	object := &finding.Object{Kind: "Ingress", Namespace: evil, Name: evil, File: evil, Line: 1}
	in := &snapshot.Ingress{Object: object}
	in.Namespace, in.Name = evil, evil
	in.Labels = map[string]string{"team": evil}
	in.Annotations = map[string]string{evil: evil}
	in.Spec = netv1.IngressSpec{IngressClassName: &evil, Rules: []netv1.IngressRule{{Host: evil}}, TLS: []netv1.IngressTLS{{Hosts: []string{evil}, SecretName: evil}}}
	s := snapshot.New()
	s.Ingresses = []*snapshot.Ingress{in}
	made := &manifest.Object{APIVersion: "v1", Kind: "VirtualService", Namespace: evil, Name: evil, Owner: evil, Origins: []finding.Origin{{Object: object}}}
	edge := &model.Edge{Hosts: []*model.Host{{Name: evil, Aliases: []model.Alias{{Name: evil}}, Namespaces: []string{evil}, Owner: evil, TLS: &model.TLS{Secret: &model.SecretRef{Namespace: evil, Name: evil}}}}}
	var found []finding.Finding
	for _, code := range []finding.Code{finding.ProtectionClosed, finding.KeyRefused, finding.KeyApproximate, finding.KeyUnknown, finding.MeshConfigNeeded, finding.KeyExact} {
		found = append(found, finding.Finding{Code: code, Class: code.Entry().Class, Origin: finding.Origin{Object: object, Field: evil, Line: 2}, Args: []string{evil, evil, evil}})
		found = append(found, finding.Finding{Code: code, Class: code.Entry().Class, Origin: finding.Origin{Field: evil}, Args: []string{evil, evil, evil}})
	}
	r := New(evil, Counts{In: 1, Converted: 1}, []*manifest.Object{made}, found)
	r.Describe(Source{
		Snapshot: s, Model: edge, Objects: []*manifest.Object{made}, TeamLabel: "team",
		Waivers: []Waiver{{Object: object, Code: finding.KeyManual, Reason: evil}},
	}, func(finding.Finding) bool { return false })
	return r
}

func TestNoFormatObeysTheInput(t *testing.T) {
	for name, evil := range evils {
		for _, f := range Formats() {
			t.Run(name+" in "+f.Name, func(t *testing.T) {
				var b bytes.Buffer
				require.NoError(t, f.Write(&b, hostile(evil)))
				for i, c := range b.String() {
					if c != '\n' && !unicode.IsPrint(c) && c != '\u200b' {
						t.Fatalf("character %#x at %d in %q", c, i, b.String()[max(i-40, 0):])
					}
				}
				check[f.Name](t, b.String(), evil)
			})
		}
	}
}

// check says what must hold for each format.
var check = map[string]func(t *testing.T, out, evil string){
	"text":     oneLine,
	"table":    func(t *testing.T, out, _ string) { t.Helper(); lines(t, out, 2) },
	"wide":     func(t *testing.T, out, _ string) { t.Helper(); lines(t, out, 2) },
	"json":     jsonKeeps,
	"yaml":     yamlSaysTheSame,
	"markdown": markdownHoldsCodeOnly,
	"sarif":    sarifHasNoLinks,
	"junit":    junitIsWellFormed,
}

func lines(t *testing.T, out string, want int) {
	t.Helper()
	if n := strings.Count(out, "\n"); n != want {
		t.Errorf("%d lines, not %d:\n%s", n, want, out)
	}
}

// oneLine: the input begins no line of its own.
func oneLine(t *testing.T, out, _ string) {
	t.Helper()
	if regexp.MustCompile(`(?m)^(# head|- item|- c:)`).MatchString(out) {
		t.Errorf("the input broke a line:\n%s", out)
	}
}

func jsonKeeps(t *testing.T, out, evil string) {
	t.Helper()
	var doc struct {
		Ingresses []struct{ Name string }
		Findings  []struct{ Field string }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &doc))
	want := strings.ToValidUTF8(evil, "\ufffd")
	if len(doc.Ingresses) != 1 || doc.Ingresses[0].Name != want || len(doc.Findings) != 12 || doc.Findings[0].Field != want {
		t.Errorf("a script does not get what the input says: %+v", doc)
	}
}

func yamlSaysTheSame(t *testing.T, out, evil string) {
	t.Helper()
	converted, err := sigsyaml.YAMLToJSONStrict([]byte(out))
	require.NoError(t, err)
	jsonKeeps(t, string(converted), evil)
}

// markdownHoldsCodeOnly: on a page, the input is nothing but code.
func markdownHoldsCodeOnly(t *testing.T, out, _ string) {
	t.Helper()
	var page bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	require.NoError(t, md.Convert([]byte(out), &page))
	rest := regexp.MustCompile(`(?s)<code>.*?</code>`).ReplaceAllString(page.String(), "")
	for _, never := range []string{"<a ", "<img", "<script", "<h1", "onerror", "evil.test", "@everyone", "alert(1)", "<strong>b"} {
		if strings.Contains(rest, never) {
			t.Errorf("%q stands outside of code:\n%s\n\nin\n%s", never, rest, out)
		}
	}
	if opened, closed := strings.Count(page.String(), "<details>"), strings.Count(rest, "</details>"); opened != closed {
		t.Errorf("%d parts are folded, %d end", opened, closed)
	}
	columns := 0
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("the input broke a row of a table: %s", line)
		}
	}
}

func sarifHasNoLinks(t *testing.T, out, _ string) {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct{ Message struct{ Text string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &log))
	require.NotEmpty(t, log.Runs[0].Results)
	for _, r := range log.Runs[0].Results {
		if strings.Contains(r.Message.Text, "](") {
			t.Errorf("a viewer would make a link of %q", r.Message.Text)
		}
	}
}

func junitIsWellFormed(t *testing.T, out, _ string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(out))
	elements := map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok {
			elements[e.Name.Local] = true
		}
	}
	for name := range elements {
		if !slices.Contains([]string{"testsuites", "testsuite", "testcase", "failure", "skipped"}, name) {
			t.Errorf("the input made an element %s", name)
		}
	}
}
