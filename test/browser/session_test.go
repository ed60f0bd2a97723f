//go:build browser

package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything. It is no measure: machines that test are busy.
const patience = 5 * time.Minute

// setting is a variable that `make browser` sets.
func setting(name string) string {
	v := os.Getenv(name)
	if v == "" {
		fmt.Fprintf(os.Stderr, "%s is not set: run the tests by make browser\n", name)
		os.Exit(2)
	}
	return v
}

var chromium = sync.OnceValue(func() context.Context {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(setting("CHROMIUM")),
		chromedp.NoSandbox, chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("force-device-scale-factor", "1"))
	all, _ := chromedp.NewExecAllocator(context.Background(), options...)
	first, _ := chromedp.NewContext(all)
	if err := chromedp.Do(first); err != nil {
		fmt.Fprintln(os.Stderr, "starting Chromium:", err)
		os.Exit(2)
	}
	return first
})

func TestMain(m *testing.M) {
	code := m.Run()
	chromedp.Cancel(chromium()) //nolint:errcheck // it ends with us anyway
	os.Exit(code)
}

// report writes a report of the given files with the product's own command, and gives the path of the page.
func report(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := filepath.Abs(filepath.Join(setting("OUT"), name+".html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	cmd := exec.CommandContext(t.Context(), setting("CONVERTER"), append([]string{"report", "-o", "html", "--fail-on", "never"}, args...)...)
	cmd.Stderr = &told
	text, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) { // 1: withheld protections are always told
		t.Fatalf("%v: %s", err, told.String())
	}
	if err := os.WriteFile(out, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return out
}

// tab is a page in the browser. When its test ends, the page must have had no error, asked for nothing and said nothing.
type tab struct {
	t         testing.TB
	ctx       context.Context
	listeners sync.WaitGroup
	mu        sync.Mutex
	trouble   []string

	withoutScripts bool
	close          func() // once; at the end of the test at the latest
}

// look is how a page is looked at.
type look struct {
	scheme         string // light (default) or dark
	width, height  int64  // default 1440 × 1000
	withoutScripts bool
	place          string // behind the #
}

func open(t testing.TB, file string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium())
	ctx, late := context.WithTimeout(ctx, patience)
	b := &tab{t: t, ctx: ctx, withoutScripts: l.withoutScripts}
	b.close = sync.OnceFunc(func() {
		eval[int](b, "0") // what the page did before was told by now
		late()
		b.listeners.Wait()
		cancel()
		for _, s := range b.trouble {
			t.Error(s)
		}
	})
	t.Cleanup(b.close)
	watch(b, runtime.ExceptionThrown, func(e runtime.EventExceptionThrown) string {
		return "exception: " + e.ExceptionDetails.Text + " " + thrown(e)
	})
	watch(b, runtime.ConsoleAPICalled, func(e runtime.EventConsoleAPICalled) string { return fmt.Sprintf("console.%s", e.Type) })
	watch(b, log.EntryAdded, func(e log.EventEntryAdded) string { return fmt.Sprintf("log: %s: %s", e.Entry.Level, e.Entry.Text) })
	watch(b, network.RequestWillBeSent, func(e network.EventRequestWillBeSent) string {
		if e.Type == network.ResourceTypeDocument && strings.HasPrefix(e.Request.URL, "file://"+file) {
			return ""
		}
		return "request: " + e.Request.URL
	})
	watch(b, page.JavascriptDialogOpening, func(e page.EventJavascriptDialogOpening) string {
		call(b, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		return "dialog: " + e.Message
	})
	b.prepare(l)
	address := "file://" + file
	if l.place != "" {
		address += "#" + l.place
	}
	b.do(chromedp.Navigate(address))
	return b
}

func (b *tab) prepare(l look) {
	b.t.Helper()
	if l.scheme == "" {
		l.scheme = "light"
	}
	if l.width == 0 {
		l.width, l.height = 1440, 1000
	}
	call(b, log.Enable, cdp.Empty{})
	call(b, network.Enable, network.EnableParams{})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.withoutScripts})
	b.do(chromedp.EmulateViewport(l.width, l.height))
}

// watch notes events that a page must not cause; say gives "" for those that it may.
func watch[E any](b *tab, event cdp.Event[E], say func(E) string) {
	events := chromedp.Events(b.ctx, event)
	b.listeners.Go(func() {
		for e, err := range events {
			if err != nil {
				return
			}
			if s := say(e); s != "" {
				b.mu.Lock()
				b.trouble = append(b.trouble, s)
				b.mu.Unlock()
			}
		}
	})
}

func thrown(e runtime.EventExceptionThrown) string {
	if x := e.ExceptionDetails.Exception; x != nil {
		return x.Description
	}
	return ""
}

func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Errorf("%s: %v", command.Method, err)
	}
	return r
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("in the browser: %v", err)
	}
}

// eval gives the value of an expression, or of what it promises.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// script runs statements.
func (b *tab) script(statements string) {
	b.t.Helper()
	eval[chromedp.Void](b, "(async () => {"+statements+"})()")
}

// until waits for a condition of the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	b.script("while (!(" + condition + ")) await new Promise((go) => setTimeout(go, 10));")
}

// click clicks what a selector finds first, where it is seen.
func (b *tab) click(selector string) {
	b.t.Helper()
	for range 3 { // what comes into sight is laid out only then, and may move the rest
		b.script(fmt.Sprintf(`document.querySelector(%q).scrollIntoView({ block: "center" })`, selector))
		b.drawn()
	}
	b.do(chromedp.Click(chromedp.CSS(selector)))
	b.drawn()
}

// drawn waits until the page is drawn as it is now. Without scripts no page can tell.
func (b *tab) drawn() {
	b.t.Helper()
	if !b.withoutScripts {
		b.script("await new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")
	}
}

// keys presses keys.
func (b *tab) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// picture keeps what is seen.
func (b *tab) picture(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	b.keep(name+".png", png)
}

func (b *tab) keep(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(setting("OUT"), name), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
