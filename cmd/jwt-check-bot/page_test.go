package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"jwt-check-bot/bot/workspace"
)

const phoneWidth = 375

var (
	desktop = chromedp.EmulateViewport(1280, 800)
	mobile  = chromedp.EmulateViewport(phoneWidth, 844, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait, chromedp.EmulateScale(2))
)

// TestPage does the main job in a real browser, as a person with a keyboard, a mouse or a finger does it.
func TestPage(t *testing.T) {
	browser := startBrowser(t)

	t.Run("command", func(t *testing.T) {
		p := openPage(t, browser, "desktop", desktop)
		p.shoot("1-incident")
		p.do("type the command", chromedp.SendKeys(hook("composer"), "/jwt-check"), chromedp.WaitVisible(hook("command-menu")))
		p.shoot("2-command")
		p.do("press Enter", chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(hook("modal")), chromedp.WaitVisible(hook("sample-expired")))
		p.shoot("3-form")
		p.do("take the sample", chromedp.Click(hook("sample-expired")))
		token := p.pasted()
		p.shoot("4-filled")
		p.do("submit", chromedp.Click(hook("submit")))
		p.reads(`[data-testid="modal"]`, "Posted to the channel", "the result in the view")
		p.shoot("5-result")
		p.reads(`#channel [data-testid="message"]`, "Rejected · expired", "the verdict in the channel")
		p.unseen(token)
		p.do("close the view", chromedp.Click(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.shoot("6-channel")
		p.do("open the thread of the verdict", chromedp.Click(chromedp.CSS(`#messages > :last-child [data-testid="replies"]`)))
		for _, detail := range []string{"Claims, redacted", "Expiry (exp)", "the cause", "hidden"} {
			p.reads(`[data-testid="thread"] [data-testid="message"]`, detail, "the details in the thread")
		}
		p.shoot("7-thread")
		p.unseen(token)
		p.finish()
	})

	t.Run("shortcut", func(t *testing.T) {
		p := openPage(t, browser, "shortcut", desktop)
		ts, _ := p.demo.incident()
		message := `#messages [data-ts="` + ts + `"]`
		p.do("choose Check a JWT on the message",
			chromedp.Click(within(message, "message-action-jwt_check_message")), chromedp.WaitVisible(hook("modal")), chromedp.Click(hook("sample-staging")))
		token := p.pasted()
		p.do("submit", chromedp.Click(hook("submit")))
		p.reads(`[data-testid="modal"]`, "Posted to the thread", "the result in the view")
		p.shoot("1-result")
		p.do("close the view", chromedp.Click(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.reads(`[data-testid="thread"] [data-testid="message"]`, "Rejected · wrong-environment", "the verdict in the thread")
		p.shoot("2-thread")
		if n := ask[int](p, `document.querySelectorAll("#messages [data-testid=message]").length`); n != 1 {
			t.Errorf("%d messages in the channel: only Ben's belongs there", n)
		}
		p.unseen(token)
		p.finish()
	})

	t.Run("phone", func(t *testing.T) {
		p := openPage(t, browser, "phone", mobile)
		p.fits("1-incident")
		p.do("type the command", chromedp.SendKeys(hook("composer"), "/jwt-check"), chromedp.WaitVisible(hook("command-menu")))
		p.fits("2-command")
		p.do("send it", chromedp.Tap(chromedp.CSS(`#channel .send`)), chromedp.WaitVisible(hook("modal")), chromedp.WaitVisible(hook("samples")))
		p.fits("3-form")
		p.do("open the samples", chromedp.Tap(chromedp.CSS(`#samples summary`)), chromedp.WaitVisible(hook("sample-expired")))
		p.fits("4-samples")
		p.do("take the sample", chromedp.Tap(hook("sample-expired")))
		token := p.pasted()
		p.fits("5-filled")
		p.do("submit", chromedp.Tap(hook("submit")))
		p.reads(`[data-testid="modal"]`, "Posted to the channel", "the result in the view")
		p.fits("6-result")
		p.do("close the view", chromedp.Tap(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.reads(`#channel [data-testid="message"]`, "Rejected · expired", "the verdict in the channel")
		p.fits("7-channel")
		p.do("open the thread of the verdict", chromedp.Tap(chromedp.CSS(`#messages > :last-child [data-testid="replies"]`)))
		p.reads(`[data-testid="thread"] [data-testid="message"]`, "Claims, redacted", "the details in the thread")
		p.fits("8-thread")
		p.do("go to the end", chromedp.Evaluate[chromedp.Void](`document.getElementById("thread-scroll").scrollTop = 1e6`))
		p.fits("9-thread-end")
		ts, _ := p.demo.incident()
		message := `#messages [data-ts="` + ts + `"]`
		p.do("go back and tap the message",
			chromedp.Tap(chromedp.CSS("#thread-back")), chromedp.WaitVisible(chromedp.CSS(message)),
			chromedp.Tap(chromedp.CSS(message+" .text")), chromedp.WaitVisible(within(message, "message-action-jwt_check_message")))
		p.fits("10-actions")
		p.do("go to the list of channels", chromedp.Tap(chromedp.CSS("#to-list")), chromedp.WaitVisible(hook("channel-"+workspace.Incidents)))
		p.until("the focus is on a channel", `document.activeElement.dataset.testid === "channel-`+workspace.Incidents+`"`)
		p.fits("11-channels")
		p.unseen(token)
		p.finish()
	})

	t.Run("draft", func(t *testing.T) {
		p := openPage(t, browser, "draft", desktop)
		p.do("ask to see the result alone first",
			chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter), chromedp.WaitVisible(hook("modal")),
			chromedp.Click(hook("sample-good")), chromedp.Click(chromedp.CSS(`[data-testid="field-share"][value="me"]`)))
		token := p.pasted()
		p.do("submit", chromedp.Click(hook("submit")), chromedp.WaitVisible(hook("action-post")))
		p.reads(`[data-testid="modal"]`, "Accepted", "the draft in the view")
		p.shoot("1-draft")
		if n := ask[int](p, `document.querySelectorAll("#messages [data-testid=message]").length`); n != 1 {
			t.Errorf("%d messages in the channel before the draft was posted", n)
		}
		p.unseen(token)
		p.do("post it", chromedp.Click(hook("action-post")))
		p.reads(`[data-testid="modal"]`, "Posted to the channel", "that it was posted")
		p.reads(`#channel [data-testid="message"]`, "Accepted", "the verdict in the channel")
		p.shoot("2-posted")
		p.finish()
	})

	t.Run("error", func(t *testing.T) {
		p := openPage(t, browser, "error", desktop)
		p.do("open the form and submit it empty",
			chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter), chromedp.WaitVisible(hook("modal")),
			chromedp.WaitVisible(hook("sample-good")), // the drawer moves the form aside: a click before that would miss
			chromedp.Click(hook("submit")), chromedp.WaitVisible(hook("error-token")))
		p.until("the focus is on the field", `document.activeElement.dataset.testid === "field-token"`)
		p.until("the field is marked, and described by its error", `document.activeElement.getAttribute("aria-invalid") === "true" &&
			document.activeElement.getAttribute("aria-describedby").split(" ").includes(document.querySelector("[data-testid=error-token]").id)`)
		p.shoot("1-empty")
		p.do("type into it", chromedp.KeyEvent("x"), chromedp.WaitNotPresent(hook("error-token")))
		p.do("leave the form", chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(hook("modal")))
		p.until("the focus is back in the message box", `document.activeElement.dataset.testid === "composer"`)
		p.finish()
	})
}

// pasted waits until the form holds a sample, and returns its token.
func (p *tab) pasted() string {
	p.t.Helper()
	p.until("the token in its field", `document.getElementById("field-token").value.length > 100`)
	return tokenOf(ask[string](p, `document.getElementById("field-token").value`))
}

// fits fails if anything is wider than the phone. A phone's innerWidth does not tell: it zooms out to what it is given.
func (p *tab) fits(scene string) {
	p.t.Helper()
	p.shoot(scene)
	if wide := ask[int](p, `Math.max(document.documentElement.scrollWidth, innerWidth)`); wide > phoneWidth {
		p.t.Errorf("%s: the page is %d pixels wide", scene, wide)
	}
	beyond := ask[[]string](p, fmt.Sprintf(`[...document.body.querySelectorAll(":not(.sr-only, svg *)")]
		.filter((n) => n.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
		.filter((n) => { const r = n.getBoundingClientRect(); return r.width > 1 && (r.left < -0.5 || r.right > %d.5); })
		.map((n) => n.tagName + "." + n.className).slice(0, 6)`, phoneWidth))
	if len(beyond) > 0 {
		p.t.Errorf("%s: cut off at the side: %q", scene, beyond)
	}
}

// unseen fails if a part of the token or a hidden claim is anywhere in the page.
func (p *tab) unseen(token string) {
	p.t.Helper()
	seen := tracesOf(token)
	for place, text := range ask[map[string]string](p, `Promise.all([import("/state.js"), import("/inputs.js")]).then(([{ state, page }, { modal }]) => ({
		"the document": document.documentElement.outerHTML,
		"what one reads": document.body.innerText,
		"the fields": [...document.querySelectorAll("input, textarea")].map((n) => n.value).join(),
		"what the script keeps": JSON.stringify([state, [...modal.typed], [...modal.sampled], [...page.drafts]]),
		"what the browser keeps": JSON.stringify([localStorage, sessionStorage, location.href, history.state, document.cookie]),
	}))`) {
		seen.absentFrom(p.t, place, text)
	}
}
