package main

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"jwt-check-bot/bot/workspace"
)

// closed is what an app is told of a view that the person has closed.
const closed = "views.update: not_found"

// TestPageFaults has Slack misbehave from the page, as somebody does who wants to know what becomes of a check then.
func TestPageFaults(t *testing.T) {
	browser := startBrowser(t)

	t.Run("limit and disconnect", func(t *testing.T) {
		p := openPage(t, browser, "faults", desktop)
		p.shoot("1-closed")
		p.opens()
		p.records("connected", "Connection opened")
		p.shoot("2-open")
		p.do("rate-limit the channel", chromedp.Click(hook("limit")))
		p.reads(`#in-force`, "#incidents takes no messages of jwt-check until", "what is in force")
		p.shoot("3-limited")
		token := p.asks("expired", chromedp.Evaluate[chromedp.Void](`document.getElementById("limit").click()`)) // from now on again
		p.records("limited", "429 ratelimited: chat.postMessage, Retry-After")
		p.choose("reason", "refresh_requested")
		p.do("disconnect while the summary waits", chromedp.Click(hook("disconnect")))
		p.records("disconnected", "Disconnect announced: refresh_requested")
		p.reads(`#channel [data-testid="message"]`, "Rejected · expired", "the verdict in the channel, late")
		p.until("nothing is in force any more", `document.getElementById("in-force").textContent === ""`)
		p.shoot("4-record")
		p.do("open the thread beside it", chromedp.Click(chromedp.CSS(`#messages > :last-child [data-testid="replies"]`)),
			chromedp.WaitVisible(hook("thread")))
		p.shoot("5-thread")
		p.unseen(token)
		if n := ask[int](p, `document.querySelectorAll("#messages [data-testid=message]").length`); n != 2 {
			t.Errorf("%d messages in the channel, want Ben's and the verdict", n)
		}
		p.finish(closed)
	})

	t.Run("redelivery and no connection", func(t *testing.T) {
		p := openPage(t, browser, "faults-away", desktop)
		p.opens()
		token := p.asks("wrong-audience")
		p.reads(`#channel [data-testid="message"]`, "Rejected · audience-mismatch", "the verdict in the channel")
		p.do("deliver the last envelope again", chromedp.Click(hook("redeliver")))
		p.records("redelivered", "Delivered again: view_submission")
		p.choose("reason", "too_many_websockets") // after which the bot stays away for longer than the rest takes
		p.do("disconnect", chromedp.Focus(hook("disconnect")), chromedp.KeyEvent(kb.Enter))
		p.records("disconnected", "Disconnect announced: too_many_websockets")
		p.reads("#offline", "is not connected to this workspace", "that the bot is not there")
		p.shoot("1-record")
		p.do("cut what is cut", chromedp.Click(hook("disconnect")))
		p.reads(`[data-testid="faults-status"]`, "The app has no connection that could end.", "why that does nothing")
		p.do("ask nevertheless", chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter))
		p.reads(`#channel [data-testid="ephemeral"]`, `/jwt-check failed with the error "dispatch_failed"`, "Slack's own words")
		p.shoot("2-asked")
		p.unseen(token)
		p.finish(closed)
	})

	t.Run("phone", func(t *testing.T) {
		p := openPage(t, browser, "phone-faults", mobile)
		p.fits("1-closed")
		p.do("open it", chromedp.Tap(chromedp.CSS("#faults summary")), chromedp.WaitVisible(hook("disconnect")))
		p.fits("2-open")
		p.choose("outage-seconds", "60")
		p.do("begin an outage", chromedp.Tap(hook("outage")))
		p.reads(`#in-force`, "The Web API answers 500 until", "what is in force")
		p.fits("3-outage")
		p.do("end it", chromedp.Tap(hook("mend")))
		p.reads(`[data-testid="faults-status"]`, "All works again.", "that it is over")
		p.do("share the channel", chromedp.Tap(hook("share")), chromedp.WaitVisible(hook("shared")))
		p.do("archive it", chromedp.Tap(hook("archive")))
		p.reads(`#channel-mark`, "Archived", "that it is archived")
		p.do("go to the record", chromedp.Evaluate[chromedp.Void](`document.querySelector(".faults-body").scrollTop = 1e6`))
		p.fits("4-record")
		p.finish()
	})
}

// opens shows the controls, with the keyboard.
func (p *tab) opens() {
	p.t.Helper()
	p.do("open the controls", chromedp.Focus(chromedp.CSS("#faults summary")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(hook("disconnect")))
}

// choose chooses an option of a select as its own menu would.
func (p *tab) choose(id, value string) {
	p.t.Helper()
	p.do("choose "+value, chromedp.SetValue(hook(id), value))
}

// records waits until the record's newest line of a kind reads so.
func (p *tab) records(kind, text string) {
	p.t.Helper()
	p.reads(`[data-testid="entry"][data-kind="`+kind+`"]`, text, "it in the record")
}

// asks has a sample checked for the channel, leaves the view while the work goes on, and returns the token. What is to be
// done before the form is sent may be told.
func (p *tab) asks(sample string, before ...chromedp.Action[chromedp.Void]) string {
	p.t.Helper()
	p.do("ask", chromedp.Click(hook("channel-"+workspace.Incidents)), chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter),
		chromedp.WaitVisible(hook("modal")), chromedp.WaitVisible(hook("sample-"+sample)), chromedp.Click(hook("sample-"+sample)))
	token := p.pasted()
	p.do("submit", append(before, chromedp.Click(hook("submit")))...)
	p.until("the form is gone", `!document.getElementById("field-token")`)
	p.do("close the view", chromedp.Click(hook("close")), chromedp.WaitNotVisible(hook("modal")))
	p.painted()
	return token
}
