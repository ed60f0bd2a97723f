//go:build browser

package browser

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// violation is what axe-core finds.
type violation struct {
	ID    string
	Help  string
	Nodes []struct {
		HTML           string
		FailureSummary string
	}
}

// TestItIsAccessible asks axe-core, with everything open that can be opened.
func TestItIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(setting("AXE"))
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]look{
		"in the light": {}, "in the dark": {scheme: "dark"}, "on a small screen": {width: 390, height: 844}, "on a small screen in the dark": {scheme: "dark", width: 390, height: 844},
	} {
		t.Run(name, func(t *testing.T) {
			b := opened(t, l, "images")
			b.script(`for (const d of document.querySelectorAll("details:not(.row)")) d.open = true`)
			b.until(`document.querySelector("#shared .yaml")`)
			lineWith(b, "0", "path: /img")
			eval[json.RawMessage](b, string(axe)+"; 0")
			found := eval[[]violation](b, `axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => r.violations)`)
			for _, v := range found {
				for _, n := range v.Nodes[:min(len(v.Nodes), 5)] {
					t.Errorf("%s: %s (%d times)\n%.300s\n%s", v.ID, v.Help, len(v.Nodes), n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n  "))
				}
			}
			if n := eval[int](b, `axe.run(document, { runOnly: ["color-contrast"] }).then((r) => r.passes.flatMap((p) => p.nodes).length)`); n < 50 {
				t.Errorf("the contrast of %d texts was measured: axe-core does not see the page", n)
			}
		})
	}
}
