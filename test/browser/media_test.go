//go:build browser

package browser

import (
	"bytes"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

func TestItReadsWithoutScripts(t *testing.T) {
	b := open(t, fleetPage(t), look{withoutScripts: true})
	b.picture("without-scripts")
	if got := eval[int](b, `document.querySelectorAll("#list .rows > li").length`); got != 9 {
		t.Errorf("%d Ingresses are listed", got)
	}
	if eval[bool](b, `[...document.querySelectorAll(".js-only")].some((e) => e.checkVisibility())`) {
		t.Error("something is shown that does nothing")
	}
	for _, id := range []string{"overview", "platform", "teams", "annotations", "hosts", "certificates", "findings"} {
		if got := strings.TrimSpace(eval[string](b, `document.getElementById("`+id+`").textContent`)); len(got) < 100 {
			t.Errorf("section %s says only %q", id, got)
		}
	}
	b.click("#list .rows > li:first-child summary")
	text := eval[string](b, `document.querySelector("#list .row[open] .body").innerText`)
	for _, want := range []string{"blocking", "enable-modsecurity", "I2G"} {
		if !strings.Contains(text, want) {
			t.Errorf("of an opened Ingress it says %q, without %s", text, want)
		}
	}
	b.picture("without-scripts-row")
}

func TestItPrints(t *testing.T) {
	b := open(t, fleetPage(t), look{scheme: "dark"})
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	b.keep("print.pdf", pdf)
	if eval[int](b, `document.querySelectorAll(".row[open], .paper").length`) != 0 {
		t.Error("what was opened for the printer stays open")
	}
	if n := bytes.Count(pdf, []byte("/Type /Page\n")); n < 2 || n > 40 {
		t.Errorf("the report of nine Ingresses takes %d pages", n)
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if diff := cmp.Diff("rgb(28, 27, 25)", eval[string](b, `getComputedStyle(document.body).color`)); diff != "" {
		t.Error("dark colours on paper:", diff)
	}
	if eval[bool](b, `[...document.querySelectorAll("nav, .filters, .find, .skip")].some((e) => e.checkVisibility())`) {
		t.Error("what is of no use on paper is printed")
	}
	if eval[bool](b, `[...document.querySelectorAll(".team .what, .fold table")].some((e) => e.getBoundingClientRect().height === 0)`) {
		t.Error("what is folded away is not printed")
	}
}

func TestItIsDarkWhereThatIsWanted(t *testing.T) {
	page := fleetPage(t)
	ground := func(scheme string) string {
		b := open(t, page, look{scheme: scheme})
		b.picture("overview-" + scheme)
		return eval[string](b, `getComputedStyle(document.body).backgroundColor`)
	}
	if diff := cmp.Diff([]string{"rgb(250, 249, 247)", "rgb(19, 19, 18)"}, []string{ground("light"), ground("dark")}); diff != "" {
		t.Error(diff)
	}
	opened(t, look{scheme: "dark"}, "images").picture("pair-dark")
}

func TestFindingsArePrinted(t *testing.T) {
	b := open(t, fleetPage(t), look{place: "ingresses?namespace=shop"})
	b.script(`dispatchEvent(new Event("beforeprint"))`)
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if got := eval[string](b, `document.getElementById("list").innerText`); !strings.Contains(got, "proxy-read-timout is not an annotation") || strings.Contains(got, "enable-modsecurity") {
		t.Errorf("of the Ingresses shown it prints %q", got)
	}
}
