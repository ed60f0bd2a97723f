//go:build browser

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// opened opens the row of an Ingress of the small fleet.
func opened(t *testing.T, l look, name string) *tab {
	t.Helper()
	b := open(t, fleetPage(t), l)
	b.script(`const row = [...document.querySelectorAll(".row")].find((r) => r.querySelector(".name").textContent === "` + name + `");
		row.querySelector("summary").scrollIntoView(); row.querySelector("summary").click()`)
	b.until(`document.querySelector(".row[open] .pair")`)
	return b
}

// lit are the lines that light up in a pane: 0 the Ingress's, 1 those of its objects.
func lit(b *tab, pane string) []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll(".row[open] .pane")[`+pane+`].querySelectorAll(".ln.on code")].map((c) => c.textContent.trim())`)
}

// lineWith chooses a line by what it holds.
func lineWith(b *tab, pane, text string) {
	b.t.Helper()
	b.script(`const line = [...document.querySelectorAll(".row[open] .pane")[` + pane + `].querySelectorAll(".ln.link")].find((l) => l.textContent.includes("` + text + `"));
		line.scrollIntoView({ block: "center" }); line.querySelector("button").click()`)
}

func TestAnIngressBesideItsObjects(t *testing.T) {
	b := opened(t, look{}, "images")
	left := eval[string](b, `document.querySelectorAll(".row[open] .pane")[0].innerText`)
	for _, want := range []string{"kind: Ingress", "images.example.com", "cors-allow-origin"} {
		if !strings.Contains(left, want) {
			t.Errorf("the Ingress lacks %s", want)
		}
	}
	kinds := eval[[]string](b, `[...document.querySelectorAll(".row[open] .obj > summary")].map((s) => s.firstChild.textContent)`)
	for _, want := range []string{"VirtualService", "Gateway"} {
		if !strings.Contains(strings.Join(kinds, " "), want) {
			t.Errorf("its objects are %v", kinds)
		}
	}
	t.Run("a path lights up the route that it becomes, and a wire joins them", func(t *testing.T) {
		lineWith(b, "0", "path: /img")
		if got := strings.Join(lit(b, "1"), "\n"); !strings.Contains(got, "/img") {
			t.Errorf("lit are:\n%s", got)
		}
		if n := eval[int](b, `document.querySelectorAll(".row[open] .wires path").length`); n == 0 {
			t.Error("nothing joins them")
		}
		if got := eval[string](b, `document.querySelector(".row[open] .said").textContent`); !strings.Contains(got, " lines of the objects belong to it.") {
			t.Errorf("in words: %q", got)
		}
		b.picture("pair-light")
	})
	t.Run("a line of an object lights up what it comes from", func(t *testing.T) {
		lineWith(b, "1", "/img")
		if got := strings.Join(lit(b, "0"), "\n"); !strings.Contains(got, "path: /img") {
			t.Errorf("lit are:\n%s", got)
		}
	})
	t.Run("the place of a finding lights up", func(t *testing.T) {
		b.script(`[...document.querySelectorAll(".row[open] .fs button.at")].find((p) => p.textContent.includes("proxy-read-timout")).click()`)
		if diff := cmp.Diff([]string{`nginx.ingress.kubernetes.io/proxy-read-timout: "30"`}, lit(b, "0")); diff != "" {
			t.Error(diff)
		}
		if got := eval[string](b, `document.querySelector(".row[open] .said").textContent`); !strings.Contains(got, "is not an annotation of the controller") {
			t.Errorf("in words: %q", got)
		}
	})
	t.Run("choosing a line again lets go", func(t *testing.T) {
		lineWith(b, "0", "path: /img")
		lineWith(b, "0", "path: /img")
		if diff := cmp.Diff([]string{}, lit(b, "0")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnIngressThatBecomesNothing(t *testing.T) {
	b := opened(t, look{}, "inner")
	if got := eval[string](b, `document.querySelectorAll(".row[open] .pane")[1].innerText.trim()`); got != "Nothing is written for it." {
		t.Errorf("beside it stands %q", got)
	}
}

func TestTheKeyboardIsEnough(t *testing.T) {
	b := open(t, fleetPage(t), look{})
	focus := func() string {
		return eval[string](b, `(() => { const e = document.activeElement; return e.tagName + (e.id ? "#" + e.id : "") + (e.className ? "." + e.className : ""); })()`)
	}
	seen := func(step string) {
		t.Helper()
		if !eval[bool](b, `[document.activeElement, document.activeElement.parentElement].some((e) => getComputedStyle(e).outlineStyle !== "none")`) {
			t.Errorf("%s: nobody sees that %s has the focus", step, focus())
		}
	}
	tabTo := func(condition string) {
		t.Helper()
		for range 60 {
			b.keys(kb.Tab)
			if eval[bool](b, "document.activeElement.matches('"+condition+"')") {
				seen(condition)
				return
			}
		}
		t.Fatalf("sixty tabs do not reach %s, but %s", condition, focus())
	}
	b.keys(kb.Tab)
	if got := focus(); got != "A.skip" {
		t.Fatalf("the first thing is %s, not the way past the contents", got)
	}
	b.keys(kb.Enter)
	tabTo("#q")
	b.keys("images")
	tabTo("[type=checkbox]")
	b.keys(" ", " ") // on, and off again
	tabTo("summary")
	b.keys(kb.Enter)
	b.until(`document.querySelector(".row[open] .pair")`)
	tabTo(".pane button.no")
	side := func() string {
		return eval[string](b, `[...document.querySelectorAll(".row[open] .pane")].findIndex((p) => p.contains(document.activeElement)) + ": " + document.activeElement.parentElement.textContent`)
	}
	first := side()
	b.keys(kb.ArrowDown)
	if side() == first || !strings.HasPrefix(side(), "0: ") {
		t.Errorf("down leads from %q to %q", first, side())
	}
	b.keys(kb.End, kb.ArrowRight)
	if !strings.HasPrefix(side(), "1: ") {
		t.Errorf("right leads to %q", side())
	}
	seen("the other side")
	b.keys(kb.Enter)
	if len(lit(b, "0")) == 0 || len(lit(b, "1")) == 0 {
		t.Errorf("lit are %v and %v", lit(b, "0"), lit(b, "1"))
	}
	b.picture("keyboard")
	b.keys(kb.ArrowLeft)
	if !strings.HasPrefix(side(), "0: ") {
		t.Errorf("left leads to %q", side())
	}
	b.keys(kb.Escape)
	if diff := cmp.Diff([]string{}, lit(b, "0")); diff != "" {
		t.Error(diff)
	}
}
