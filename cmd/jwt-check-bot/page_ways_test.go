package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"jwt-check-bot/bot/workspace"
)

// TestPageWaysIn tries each way in that TestPage does not, and what guards them, in a real browser.
func TestPageWaysIn(t *testing.T) {
	browser := startBrowser(t)

	t.Run("mention", func(t *testing.T) {
		p := openPage(t, browser, "mention", desktop)
		ts, _ := p.demo.incident()
		p.do("open the thread and mention the bot", chromedp.Click(within(`#messages [data-ts="`+ts+`"]`, "replies")),
			chromedp.WaitVisible(hook("thread-composer")), chromedp.SendKeys(hook("thread-composer"), "@jwt-check why is it refused?"+kb.Enter),
			chromedp.WaitVisible(within(`[data-testid="thread"]`, "action-jwt_check_open")))
		p.reads(`[data-testid="thread"] [data-testid="ephemeral"]`, "The summary goes to this thread", "the button, for her alone")
		p.shoot("1-button")
		p.do("press it", chromedp.Click(within(`[data-testid="thread"]`, "action-jwt_check_open")))
		token := p.checks("wrong-audience", "Posted to the thread")
		p.reads(`[data-testid="thread"] [data-testid="message"]`, "Rejected · audience-mismatch", "the verdict in the thread")
		p.shoot("2-thread")
		p.do("check another one", chromedp.Click(within(`[data-testid="thread"]`, "action-jwt_check_again")))
		second := p.checks("missing-scope", "Posted to the thread")
		p.reads(`[data-testid="thread"] [data-testid="message"]`, "Rejected · insufficient-scope", "the next verdict in the same thread")
		if n := ask[int](p, `document.querySelectorAll("#messages [data-testid=message]").length`); n != 1 {
			t.Errorf("%d messages in the channel: only Ben's belongs there", n)
		}
		p.shoot("3-another")
		p.unseen(token)
		p.unseen(second)
		p.finish()
	})

	t.Run("link", func(t *testing.T) {
		p := openPage(t, browser, "link", desktop)
		ts, link := p.demo.incident()
		p.do("type the command with a link and a profile", chromedp.SendKeys(hook("composer"), "/jwt-check "+link+" staging"+kb.Enter), chromedp.WaitVisible(hook("modal")))
		p.until("the profile is chosen", `document.getElementById("field-profile").value === "staging"`)
		token := p.checks("staging", "Posted to the thread") // the sample chooses production again
		p.do("type at once", chromedp.KeyEvent("x"))
		p.until("it is in the message box", `document.querySelector("[data-testid=composer]").value === "x"`)
		p.do("take it back", chromedp.KeyEvent(kb.Backspace))
		p.do("open the thread", chromedp.Click(within(`#messages [data-ts="`+ts+`"]`, "replies")))
		p.reads(`[data-testid="thread"] [data-testid="message"]`, "Rejected · wrong-environment", "the verdict in the thread")
		p.do("ask for help", chromedp.SendKeys(hook("composer"), "/jwt-check help"+kb.Enter))
		p.reads(`#channel [data-testid="ephemeral"]`, "How to have a token checked", "the help, for her alone")
		p.shoot("1-help")
		p.do("press a line's button", chromedp.Click(hook("action-jwt_check_open:staging")), chromedp.WaitVisible(hook("modal")))
		p.until("its profile is chosen", `document.getElementById("field-profile").value === "staging"`)
		p.unseen(token)
		p.finish()
	})

	t.Run("home", func(t *testing.T) {
		p := openPage(t, browser, "home", desktop)
		p.do("open the home tab", chromedp.Click(hook("app-home")), chromedp.WaitVisible(within(`[data-testid="home"]`, "action-jwt_check_open")))
		p.reads(`[data-testid="home"]`, "Why is this token refused?", "what it does")
		p.reads(`[data-testid="home"]`, "production (chosen where you choose none)", "the profiles")
		p.shoot("1-home")
		p.do("press its button", chromedp.Click(within(`[data-testid="home"]`, "action-jwt_check_open")), chromedp.WaitVisible(hook("modal")))
		p.reads(`[data-testid="modal"]`, "Only you see the result", "who will see it")
		p.shoot("2-form")
		token := p.checks("expired", "Only you see the result")
		p.shoot("3-result")
		p.unseen(token)
		p.do("close the view", chromedp.Click(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.do("go back to the channel", chromedp.Click(hook("channel-"+workspace.Incidents)), chromedp.WaitVisible(hook("composer")))
		if n := ask[int](p, `document.querySelectorAll("#messages [data-testid=message]").length`); n != 1 {
			t.Errorf("%d messages in the channel: nothing of it belongs there", n)
		}
		p.finish()
	})

	t.Run("shared", func(t *testing.T) {
		p := openPage(t, browser, "shared", desktop)
		p.do("open the shared channel", chromedp.Click(hook("channel-"+workspace.Partners)), chromedp.WaitVisible(hook("shared")))
		p.do("type the command", chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter), chromedp.WaitVisible(hook("modal")))
		p.reads(`[data-testid="modal"]`, "Only you see the result. Another organisation reads this channel.", "who will see it, before the token is pasted")
		p.shoot("1-form")
		token := p.checks("expired", "Another organisation reads this channel.")
		p.shoot("2-result")
		if ask[bool](p, `Boolean(document.querySelector("[data-testid=action-post]"))`) {
			t.Error("there is a button that would post it")
		}
		p.unseen(token)
		p.do("close the view", chromedp.Click(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.view(workspace.Olu)
		p.do("ask as somebody of another organisation", chromedp.Click(hook("composer")), chromedp.SendKeys(hook("composer"), "@jwt-check help"+kb.Enter))
		p.reads(`#channel [data-testid="ephemeral"]`, "you are of another organisation", "the refusal")
		p.reads(`#channel .byline`, "EXTERNAL", "the mark beside the name")
		p.shoot("3-external")
		p.view(workspace.Gus)
		p.do("ask as a guest", chromedp.WaitVisible(hook("channel-"+workspace.Incidents)), chromedp.Click(hook("channel-"+workspace.Incidents)),
			chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter))
		p.reads(`#channel [data-testid="ephemeral"]`, "I check no tokens for guests", "the refusal")
		p.shoot("4-guest")
		p.finish()
	})

	t.Run("not invited", func(t *testing.T) {
		p := openPage(t, browser, "invite", desktop)
		p.do("type the command where the bot is not", chromedp.Click(hook("channel-"+workspace.General)),
			chromedp.WaitVisible(chromedp.CSS(`#channel-mark`)), chromedp.SendKeys(hook("composer"), "/jwt-check"+kb.Enter), chromedp.WaitVisible(hook("modal")))
		p.reads(`[data-testid="modal"]`, "type /invite @jwt-check in it", "the mend, before the token is pasted")
		p.shoot("1-form")
		token := p.checks("expired", "type /invite @jwt-check in it")
		if err := p.demo.workspace.Person(workspace.Ben).Command(t.Context(), workspace.General, "/invite", "@jwt-check"); err != nil {
			t.Fatal(err)
		}
		p.do("post it once it is invited", chromedp.Click(hook("action-post")))
		p.reads(`[data-testid="modal"]`, "Posted to the channel", "that it was posted")
		p.shoot("2-posted")
		p.unseen(token)
		p.finish()
	})

	t.Run("phone", func(t *testing.T) {
		p := openPage(t, browser, "phone-ways", mobile)
		p.do("go to the list, and to the home tab", chromedp.Tap(chromedp.CSS("#to-list")), chromedp.WaitVisible(hook("app-home")))
		p.fits("1-list")
		p.do("open it", chromedp.Tap(hook("app-home")), chromedp.WaitVisible(within(`[data-testid="home"]`, "action-jwt_check_open")))
		p.fits("2-home")
		p.do("go back and to the shared channel", chromedp.Tap(chromedp.CSS("#home-to-list")), chromedp.WaitVisible(hook("channel-"+workspace.Partners)),
			chromedp.Tap(hook("channel-"+workspace.Partners)), chromedp.WaitVisible(hook("shared")))
		p.fits("3-shared")
		p.do("type the command", chromedp.SendKeys(hook("composer"), "/jwt-check"), chromedp.WaitVisible(hook("command-menu")),
			chromedp.Tap(chromedp.CSS(`#channel .send`)), chromedp.WaitVisible(hook("modal")), chromedp.WaitVisible(hook("samples")))
		p.fits("4-form")
		p.do("leave", chromedp.Tap(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.finish()
	})
}

// checks fills the open form with a sample, submits it, waits for the result and returns the token.
func (p *tab) checks(sample, result string) string {
	p.t.Helper()
	p.do("take the sample "+sample, chromedp.WaitVisible(hook("sample-"+sample)), chromedp.Click(hook("sample-"+sample)))
	token := p.pasted()
	p.do("submit", chromedp.Click(hook("submit")))
	p.until("the form is gone", `!document.getElementById("field-token")`)
	p.until("the result in the view", `[...document.querySelectorAll("[data-testid=modal]")].some((n) => n.innerText.includes("cause") || n.innerText.includes("Rejected"))`)
	p.reads(`[data-testid="modal"]`, result, "where the result is")
	if !strings.Contains(result, "Only you") && !strings.Contains(result, "Another organisation") && !strings.Contains(result, "/invite") {
		p.do("close the view", chromedp.Click(hook("close")), chromedp.WaitNotVisible(hook("modal")))
		p.painted()
	}
	return token
}

// painted waits until the browser has drawn the page as it is now: what is clicked or typed before that may still go
// to what was there.
func (p *tab) painted() {
	p.t.Helper()
	p.do("ask for the next frames", chromedp.Evaluate[chromedp.Void](`requestAnimationFrame(() => requestAnimationFrame(() => { window.drawn = true })), window.drawn = false, undefined`))
	p.until("they are drawn", `window.drawn === true`)
}

// view has the page show what somebody else sees.
func (p *tab) view(user string) {
	p.t.Helper()
	p.do("view as "+user, chromedp.Evaluate[chromedp.Void](`(() => { const s = document.getElementById("person"); s.value = "`+user+`"; s.dispatchEvent(new Event("change", { bubbles: true })); })()`))
	p.until("it is theirs", `import("/state.js").then(({ state }) => state.me.id === "`+user+`")`)
}
