package docs

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

func names(items []Item) []string {
	var out []string
	for _, i := range items {
		out = append(out, string(i.Kind)+" "+i.Name)
	}
	return out
}

func TestNamesAreFoundAsPeopleWriteThem(t *testing.T) {
	for name, c := range map[string]struct {
		word string
		want []string
	}{
		"a short annotation, and the setting of that name": {"proxy-body-size", []string{"annotation proxy-body-size", "configmap proxy-body-size"}},
		"a full annotation is no setting":                  {nginx.DefaultPrefix + "proxy-body-size", []string{"annotation proxy-body-size"}},
		"an annotation with another prefix":                {"example.com/proxy-body-size", []string{"annotation proxy-body-size"}},
		"a flag with hyphens":                              {"--enable-ssl-passthrough", []string{"flag --enable-ssl-passthrough"}},
		"a flag without":                                   {"enable-ssl-passthrough", []string{"flag --enable-ssl-passthrough"}},
		"nothing":                                          {"", nil},
		"a word that is nothing":                           {"proxy-body", nil},
	} {
		if diff := cmp.Diff(c.want, names(Find(Items(), c.word))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSimilarNames(t *testing.T) {
	for name, c := range map[string]struct {
		word string
		want []string
	}{
		"a misspelt annotation":   {"proxy-body-sise", []string{"proxy-body-size"}},
		"one with its prefix":     {nginx.DefaultPrefix + "enable-corss", []string{"enable-cors"}},
		"part of several names":   {"mirror", []string{"--maxmind-mirror", "mirror-host", "mirror-request-body", "mirror-target", "mirror-uri"}},
		"nothing is like nothing": {"", nil},
		"nothing is like this":    {"qqqqqqqqqq", nil},
	} {
		if diff := cmp.Diff(c.want, Similar(Items(), c.word)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// cells of a row: a bar after a backslash is text.
var bar = regexp.MustCompile(`(?:^|[^\\])\|`)

func TestTablesAreNotBrokenByWhatStandsInThem(t *testing.T) {
	for name, page := range map[string][]byte{"annotations": AnnotationsPage(), "findings": FindingsPage()} {
		columns, rows := 0, 0
		for line := range strings.Lines(string(page)) {
			if !strings.HasPrefix(line, "|") {
				columns = 0
				continue
			}
			n := len(bar.FindAllString(line, -1))
			if columns == 0 {
				columns = n
			}
			if n != columns {
				t.Errorf("%s: %d bars, not %d: %s", name, n, columns, line)
			}
			rows++
		}
		if rows < 5 {
			t.Errorf("%s: only %d rows", name, rows)
		}
	}
}

func TestPagesSayEverything(t *testing.T) {
	page := string(AnnotationsPage())
	for _, i := range Items() {
		if !strings.Contains(page, code(i.Name)) {
			t.Errorf("%s %s is not on the page", i.Kind, i.Name)
		}
	}
	page, pages := string(FindingsPage()), FindingPages()
	for _, e := range finding.Catalogue {
		if !strings.Contains(page, "\n| "+string(e.Code)+" | ["+e.Name+"]") {
			t.Errorf("%s is not in the list", e.Code)
		}
		if !strings.Contains(string(pages[e.Code.Page()+".md"]), "\n## "+string(e.Code)+" "+e.Name+"\n") {
			t.Errorf("%s is on no page", e.Code)
		}
	}
}

func TestEveryClassHasAMeaning(t *testing.T) {
	for _, c := range []finding.Class{finding.Exact, finding.Approximate, finding.Noop, finding.Manual, finding.Refused, finding.Invalid, finding.Unknown} {
		if Meaning(c) == "" {
			t.Errorf("%s has none", c)
		}
	}
}
