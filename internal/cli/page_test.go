package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/translate"
)

// codeParts are what the HTML report holds whatever the input is.
var codeParts = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|<meta http-equiv="Content-Security-Policy"[^>]*>`)

var packedPart = regexp.MustCompile(`(<script type="application/gzip" id="d\d+">)([^<]*)`)

// TestPagesOfFleets compares the HTML report of the mixed fleet, as far as it is made of the fleet: code is left out, and
// packed data is unpacked.
func TestPagesOfFleets(t *testing.T) {
	const golden = "page.html"
	t.Chdir("../../testdata/reports")
	page := pageOfFleet(t)
	got := codeParts.ReplaceAllString(page, "<!-- code -->")
	got = packedPart.ReplaceAllStringFunc(got, func(s string) string {
		m := packedPart.FindStringSubmatch(s)
		return m[1] + "\n" + unpackPage(t, m[2])
	})
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("testdata/reports/%s differs; run make golden and read the difference\n%s", golden, diff)
	}
	if page != pageOfFleet(t) {
		t.Error("two runs give two pages")
	}
}

func pageOfFleet(t *testing.T) string {
	t.Helper()
	var out, errs bytes.Buffer
	Run(t.Context(), []string{"ingress2gw", "report", "-o", "html", "-f", "fleet", "--controller-config", "ingress-nginx/ingress-nginx-controller", "--team-label", "team"},
		Streams{In: strings.NewReader(""), Out: &out, Err: &errs},
		Dependencies{Version: "dev", Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, Getenv: func(string) string { return "" }})
	require.NotEmpty(t, out.String(), errs.String())
	return out.String()
}

// unpackPage shows what is packed for each Ingress: findings, and the lines that belong together. Of shared objects, which other
// goldens show, only the names.
func unpackPage(t *testing.T, packed string) string {
	t.Helper()
	type yaml struct {
		Text  []int
		Links [][]int
	}
	type object struct {
		Kind, Name, Owner string
		YAML              yaml
	}
	var chunk struct {
		Texts []string
		All   []struct {
			object
			Place, Quiet string
			Findings     [][]int
			Objects      []object
		}
	}
	data, err := base64.RawURLEncoding.DecodeString(packed)
	require.NoError(t, err)
	zip, err := gzip.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(zip).Decode(&chunk))
	var b strings.Builder
	lines := func(y yaml) {
		links := map[int]string{}
		for _, l := range y.Links {
			for i := l[0]; i < l[0]+l[1]; i++ {
				for _, f := range l[2:] {
					links[i] += "  # " + chunk.Texts[f]
				}
			}
		}
		for i, text := range y.Text {
			fmt.Fprintf(&b, "  %s%s\n", chunk.Texts[text], links[i])
		}
	}
	for _, x := range chunk.All {
		if x.Kind != "" {
			fmt.Fprintf(&b, "shared: %s %s\n", x.Kind, x.Name)
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", x.Place, x.Quiet)
		lines(x.YAML)
		for _, f := range x.Findings {
			fmt.Fprintf(&b, "  %v %s\n", f[:5], chunk.Texts[f[5]])
		}
		for _, o := range x.Objects {
			fmt.Fprintf(&b, " %s %s of %q\n", o.Kind, o.Name, o.Owner)
			lines(o.YAML)
		}
	}
	return b.String()
}
