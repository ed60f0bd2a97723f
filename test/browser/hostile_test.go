//go:build browser

package browser

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAHostileInputStaysText reports on Ingresses whose names and values try to become markup, scripts, styles or other texts.
func TestAHostileInputStaysText(t *testing.T) {
	page := report(t, "hostile", "-f", "testdata/hostile.yaml", "--team-label", "team")
	for name, l := range map[string]look{"with scripts": {}, "without scripts": {withoutScripts: true}} {
		t.Run(name, func(t *testing.T) {
			b := open(t, page, l)
			b.script(`for (const d of document.querySelectorAll("details")) d.open = true`)
			if !l.withoutScripts {
				b.until(`[...document.querySelectorAll(".row")].every((r) => r.querySelector(".pair"))`)
				b.click("#q")
				b.keys("<img src=x onerror=alert(1)>")
			}
			b.picture("hostile-" + strings.ReplaceAll(name, " ", "-"))
			if eval[bool](b, `"taken" in window`) {
				t.Error("the input runs scripts")
			}
			made := eval[[]string](b, `[...document.querySelectorAll("img, iframe, object, embed, link, base, form:not(#filters), video, audio, math, marquee, style ~ style, body style, [onerror], [onload], [onclick], [style]:not(.page), a[href]:not([href^='#'])")].map((e) => e.outerHTML.slice(0, 200))`)
			if diff := cmp.Diff([]string{}, made); diff != "" {
				t.Error("the input makes elements:", diff)
			}
			scripts := eval[int](b, `[...document.scripts].filter((s) => !s.type).length`)
			if scripts != 2 {
				t.Errorf("there are %d scripts", scripts)
			}
			turned := eval[[]string](b, `document.body.innerText.match(/[\u0000-\u0008\u000b-\u001f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g) ?? []`)
			if diff := cmp.Diff([]string{}, turned); diff != "" {
				t.Error("signs that nobody sees are among the texts:", diff)
			}
		})
	}
}
