package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// step bounds one wait: generous, because the machine may be a busy one. A test that passes never waits for it.
const step = 60 * time.Second

// findBrowser returns a browser of this machine. Without one the test is skipped, unless JWTCHECK_TEST_REQUIRE
// (a comma separated list) has "browser": where everything has to run, nothing is skipped in silence.
func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const none = "no browser found: install chromium to test the page"
	if slices.Contains(list(os.Getenv("JWTCHECK_TEST_REQUIRE")), "browser") {
		t.Fatal(none)
	}
	t.Skip(none)
	return ""
}

// startBrowser starts a browser for the test, with a fresh profile directory, which the allocator removes: it knows how
// to outwait the browser's last writes. No name resolves in it: the page has to do with its own server.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(findBrowser(t)),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		// Headless browsers say that they have no mouse; touch emulation still overrides this.
		chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"),
	}
	for _, name := range []string{"background-networking", "quic", "sync", "component-update", "extensions", "default-apps", "dev-shm-usage",
		"background-timer-throttling", "backgrounding-occluded-windows", "renderer-backgrounding"} {
		options = append(options, chromedp.Flag("disable-"+name, true))
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, kill := chromedp.NewContext(ctx)
	t.Cleanup(kill)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // first the polite way, on which the browser clears up after itself
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("the browser did not start: ", err)
	}
	return ctx
}

// tab is the demo's page in a browser profile of its own, with all that went wrong in it.
type tab struct {
	t    *testing.T
	ctx  context.Context
	demo *demo
	name string // of its screenshots

	mu     sync.Mutex
	faults []string
}

// openPage starts the demo and opens its page, in a window of the given size.
func openPage(t *testing.T, browser context.Context, name string, size chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	d, err := startDemo(t.Context(), "127.0.0.1:0", slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	if err := d.connected(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	p := &tab{t: t, ctx: ctx, demo: d, name: name}
	if err := chromedp.Listen(ctx, p.watch); err != nil {
		t.Fatal("no tab: ", err)
	}
	p.do("open the page", size, chromedp.Navigate(d.workspace.URL()))
	p.until("the page and the bot are connected", `document.querySelector("[data-testid=connection]").textContent === "Connected"`)
	return p
}

// watch hears the console and every request. It runs on the goroutine that reads from the browser.
func (p *tab) watch(event any) {
	fault := ""
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			fault = fmt.Sprintf("the page wrote to the console: %s", e.Type)
		}
	case *runtime.EventExceptionThrown:
		fault = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			fault += " " + e.ExceptionDetails.Exception.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			fault = fmt.Sprintf("the browser wrote to the console: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		// The browser draws its own controls from data URLs.
		if !strings.HasPrefix(e.Request.URL, p.demo.workspace.URL()+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			fault = "a request to elsewhere: " + e.Request.URL
		}
	case *network.EventWebSocketCreated:
		fault = "a socket: " + e.URL
	}
	if fault != "" {
		p.mu.Lock()
		p.faults = append(p.faults, fault)
		p.mu.Unlock()
	}
}

// finish asks what must hold after every job: a clean console, no foreign request, nothing that Slack would refuse except
// what the job brings about.
func (p *tab) finish(planned ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		p.t.Error(f)
	}
	for _, r := range p.demo.workspace.Refusals() {
		if !slices.Contains(planned, r) {
			p.t.Errorf("the workspace refused: %s", r)
		}
	}
}

func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, step)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fatal(what, err)
	}
}

// until waits for a JavaScript expression, or the promise that it makes, to be true.
func (p *tab) until(what, expression string) {
	p.t.Helper()
	p.do(what, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		// An interval, because a page that is not painted gets no animation frames.
		_, err := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(0))(ctx, t)
		return err
	}))
}

// reads waits until an element of the selector shows the text.
func (p *tab) reads(selector, text, what string) {
	p.t.Helper()
	p.until(what, fmt.Sprintf("[...document.querySelectorAll(%s)].some((n) => n.checkVisibility() && n.innerText.includes(%s))", strconv.Quote(selector), strconv.Quote(text)))
}

// ask evaluates a JavaScript expression, and awaits it where it is a promise.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, step)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fatal(expression, err)
	}
	return v
}

// fatal ends the test with what the page shows: the form's token is in no text, only in a field's value.
func (p *tab) fatal(what string, err error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t.Fatalf("%s: %v\nfaults: %q\nthe page:\n%s", what, err, p.faults, text)
}

func hook(id string) chromedp.CSS { return chromedp.CSS(`[data-testid="` + id + `"]`) }

// within is a hook inside another element.
func within(selector, id string) chromedp.CSS {
	return chromedp.CSS(selector + ` [data-testid="` + id + `"]`)
}

// shoot writes what the window shows, light and dark, to the directory JWTCHECK_SCREENSHOTS, if that is set.
func (p *tab) shoot(scene string) {
	p.t.Helper()
	dir := os.Getenv("JWTCHECK_SCREENSHOTS")
	if dir == "" {
		return
	}
	for _, scheme := range []string{"dark", "light"} {
		ctx, cancel := context.WithTimeout(p.ctx, step)
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		var png []byte
		if err == nil {
			png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, p.name+"-"+scene+"-"+scheme+".png"), png, 0o644)
		}
		cancel()
		if err != nil {
			p.t.Fatal(err)
		}
	}
}
