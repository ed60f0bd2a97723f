//go:build browser

package browser

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fleet is a small fleet with an Ingress in every state.
const fleet = "../../testdata/reports/fleet"

// fleetPage writes the report of the small fleet.
func fleetPage(t *testing.T) string {
	t.Helper()
	fleetOnce.Do(func() {
		fleetFile = report(t, "fleet", "-R", "-f", fleet, "--controller-config", "ingress-nginx/ingress-nginx-controller", "--team-label", "team")
	})
	return fleetFile
}

// The report of the small fleet is written once for all tests.
var (
	fleetOnce sync.Once
	fleetFile string
)

// rowsShown are the Ingresses that the list shows.
const rowsShown = `[...document.querySelectorAll("#list .rows > li")].filter((r) => r.checkVisibility()).map((r) => r.closest(".ns").querySelector("h3 .name").textContent + "/" + r.querySelector(".name").textContent)`

func TestThePageOpens(t *testing.T) {
	b := open(t, fleetPage(t), look{})
	b.picture("overview-light")
	want := "Migration report"
	if diff := cmp.Diff(want, eval[string](b, `document.querySelector("h1").textContent`)); diff != "" {
		t.Error(diff)
	}
	t.Run("it refers to nothing outside", func(t *testing.T) {
		outside := eval[[]string](b, `[...document.querySelectorAll("[src], [srcset], [action], link, [href]")].filter((e) => !e.getAttribute("href")?.startsWith("#")).map((e) => e.outerHTML)`)
		if diff := cmp.Diff([]string{}, outside); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("every link leads to something, every identity is given once", func(t *testing.T) {
		lost := eval[[]string](b, `[...document.querySelectorAll("a[href]")].map((a) => a.hash.slice(1)).filter((id) => document.querySelectorAll("[id='" + id + "']").length !== 1)`)
		if diff := cmp.Diff([]string{}, lost); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("nothing is wider than the window, even a narrow one", func(t *testing.T) {
		narrow := open(t, fleetPage(t), look{width: 390, height: 844})
		narrow.picture("overview-narrow")
		if got := eval[int](narrow, `document.documentElement.scrollWidth`); got > 390 {
			t.Errorf("the page is %d wide", got)
		}
	})
}

func TestTheListIsFiltered(t *testing.T) {
	all := []string{
		"billing/admin", "billing/api", "billing/broken", "billing/dropped", "billing/inner", "billing/metrics", "checkout/pay", "shop/images", "shop/web",
	}
	tests := map[string]struct {
		address string
		want    []string
	}{
		"nothing is left out at first":                   {"", all},
		"a word is looked for in names":                  {"q=admin", []string{"billing/admin"}},
		"a word is looked for in hosts":                  {"q=images.example", []string{"shop/images"}},
		"a word is looked for in annotations":            {"q=cors-allow-origin", []string{"shop/images"}},
		"all words must be there":                        {"q=billing+example.com+api", []string{"billing/api"}},
		"letters count in either case":                   {"q=ADMIN", []string{"billing/admin"}},
		"states are alternatives":                        {"state=skipped&state=blocked", []string{"billing/admin", "billing/inner", "checkout/pay"}},
		"a namespace":                                    {"namespace=shop", []string{"shop/images", "shop/web"}},
		"a team":                                         {"team=storefront", []string{"checkout/pay", "shop/images", "shop/web"}},
		"a class":                                        {"class=internal", []string{"billing/inner"}},
		"a code and the field that it is about":          {"code=I2G2001&field=nginx.ingress.kubernetes.io%2Fproxy-read-timeout", []string{"shop/images"}},
		"a code of one Ingress and a field of another's": {"code=I2G4001&field=nginx.ingress.kubernetes.io%2Fproxy-read-timeout", []string{}},
		"filters of all kinds narrow each other":         {"q=example&namespace=billing&class=nginx&state=skipped", []string{}},
		"a namespace that there is not":                  {"namespace=nowhere", []string{}},
		"what is looked for is text, never a pattern":    {"q=.*", []string{}},
		"an address that nobody wrote changes nothing":   {"nonsense=1&state=", all},
	}
	page := fleetPage(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			place := ""
			if test.address != "" {
				place = "ingresses?" + test.address
			}
			b := open(t, page, look{place: place})
			if diff := cmp.Diff(test.want, eval[[]string](b, rowsShown)); diff != "" {
				t.Error(diff)
			}
			none := eval[bool](b, `document.getElementById("none").checkVisibility()`)
			if none != (len(test.want) == 0) {
				t.Errorf("the page says that nothing matches: %v", none)
			}
		})
	}
}

func TestFiltersAreUsedByHand(t *testing.T) {
	b := open(t, fleetPage(t), look{})
	expect := func(step, address string, want ...string) {
		t.Helper()
		b.drawn()
		if diff := cmp.Diff(want, eval[[]string](b, rowsShown)); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
		if got := eval[string](b, "location.hash"); got != address {
			t.Errorf("%s: the address is %q, not %q", step, got, address)
		}
		told := fmt.Sprintf("%d of 9", len(want))
		if got := eval[string](b, `document.getElementById("shown").textContent`); got != told {
			t.Errorf("%s: the page says %q, not %q", step, got, told)
		}
	}
	b.click("#q")
	b.keys("example.com")
	b.click(`.states label:has([value="work"])`)
	expect("typing, then a state", "#ingresses?q=example.com&state=work", "billing/metrics")
	b.click(`.states label:has([value="blocked"])`)
	expect("a second state", "#ingresses?q=example.com&state=work&state=blocked", "billing/admin", "billing/metrics", "checkout/pay")
	b.script(`document.getElementById("namespace").focus()`)
	b.keys("checkout")
	expect("a namespace, by its first letters", "#ingresses?q=example.com&state=work&state=blocked&namespace=checkout", "checkout/pay")
	b.picture("filtered")
	b.click(`#filters [type="reset"]`)
	b.until(`document.getElementById("shown").textContent === "9 Ingresses"`)
	if got := eval[string](b, "location.hash"); got != "#ingresses" {
		t.Errorf("after clearing the address is %q", got)
	}
}

func TestLinksAreFollowed(t *testing.T) {
	page := fleetPage(t)
	t.Run("from a state to its Ingresses", func(t *testing.T) {
		b := open(t, page, look{})
		b.click(`.legend a[data-state="blocked"]`)
		if diff := cmp.Diff([]string{"billing/admin", "checkout/pay"}, eval[[]string](b, rowsShown)); diff != "" {
			t.Error(diff)
		}
		if !eval[bool](b, `document.activeElement.id === "h-ingresses"`) {
			t.Error("who uses the keyboard is left behind")
		}
	})
	t.Run("from a task to the Ingress, which opens", func(t *testing.T) {
		b := open(t, page, look{place: "ingresses?q=shop"})
		b.click(`.team .where a[href^="#i"]`)
		b.until(`document.querySelector(".row[open] .pair")`)
		if !eval[bool](b, `document.activeElement === document.querySelector(".row[open] > summary")`) {
			t.Error("who uses the keyboard is left behind")
		}
	})
	t.Run("from a finding to what its code means, and to those that have it", func(t *testing.T) {
		b := open(t, page, look{})
		b.click("#list .rows > li:first-child summary")
		b.until(`document.querySelector(".row[open] .fs a")`)
		b.click(".row[open] .fs a")
		if !eval[bool](b, `document.querySelector(":target").matches(".codes > li") && document.querySelector(":target").checkVisibility()`) {
			t.Error("the code is not shown")
		}
		b.click(":target .n a")
		if got := eval[[]string](b, rowsShown); len(got) == 0 || len(got) == 9 {
			t.Errorf("the code's Ingresses are %v", got)
		}
	})
	t.Run("from an annotation to those that use it", func(t *testing.T) {
		b := open(t, page, look{})
		b.click(`#heat a[data-field$="/limit-rps"]`)
		if diff := cmp.Diff([]string{"shop/images"}, eval[[]string](b, rowsShown)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("from a team to its Ingresses", func(t *testing.T) {
		b := open(t, page, look{})
		b.click(`.groups a[data-team="invoices"]`)
		if diff := cmp.Diff([]string{"billing/api"}, eval[[]string](b, rowsShown)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTablesAreSearched(t *testing.T) {
	b := open(t, fleetPage(t), look{})
	b.click(`[data-search="hosts"]`)
	b.keys("images")
	shown := eval[[]string](b, `[...document.querySelectorAll('[data-list="hosts"] tbody tr')].filter((r) => r.checkVisibility()).map((r) => r.cells[0].textContent)`)
	if diff := cmp.Diff([]string{"images.example.com"}, shown); diff != "" {
		t.Error(diff)
	}
	b.picture("hosts")
	b.click(`[data-search="heat"]`)
	b.keys("cors")
	keys := eval[[]string](b, `[...document.querySelectorAll("#heat tbody tr")].filter((r) => r.checkVisibility()).map((r) => r.cells[0].textContent)`)
	for _, k := range keys {
		if !strings.Contains(k, "cors") {
			t.Errorf("%s is shown", k)
		}
	}
	if len(keys) == 0 {
		t.Error("nothing is shown")
	}
	b.picture("heat")
}

func TestSharedObjectsOpen(t *testing.T) {
	b := open(t, fleetPage(t), look{})
	b.click("#shared summary")
	b.until(`document.querySelector("#shared .yaml .ln")`)
	if got := eval[string](b, `document.querySelector("#shared .yaml").innerText`); !strings.Contains(got, "kind: EnvoyFilter") {
		t.Errorf("the object is %.200s", got)
	}
	b.picture("shared")
}

func TestTheScreenshotsAreKept(t *testing.T) {
	// The last test of this file: what the others left is what CI keeps.
	for _, name := range []string{"overview-light", "filtered", "hosts", "heat", "shared"} {
		if found, _ := filepath.Glob(filepath.Join(setting("OUT"), name+".png")); len(found) != 1 {
			t.Errorf("%s.png is missing", name)
		}
	}
}
