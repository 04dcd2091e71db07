package journey

import (
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// TestThemeDraft types into the theme editor and leaves in the same moment: what was typed is there again. Then it is
// scheduled, shared and compared.
func TestThemeDraft(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	b := browsertest.New(t, browsertest.OneProcess())
	p.MoveIn(b, p.Welcome(c, "modern@example.com"))
	home := b.Location()
	b.Press("Online store")
	b.See("Version 1")
	theme := b.Location()
	b.Press("Header")
	b.Fill("Announcement", "Left in the middle")
	browsertest.Eval[bool](b, `(location.href = "`+home+`", true)`)
	b.Until(`!location.pathname.endsWith("/theme")`)
	announcement := func() string {
		b.Open(theme)
		return browsertest.Eval[string](b, `document.querySelector("#config-announcement").value`)
	}
	p.Until("the draft", func() bool { return announcement() == "Left in the middle" })
	b.See("Only you see it, on any device")
	b.Look("draft")
	b.Press("Discard draft")
	b.See("Draft discarded.")
	if got := announcement(); got != "" {
		t.Errorf("discarded: %q", got)
	}
	b.Press("Header")
	b.Fill("Announcement", "From tomorrow on")
	b.See("Draft saved just now")
	b.Press("Publish later")
	b.Set("#publish_at", time.Now().UTC().Add(24*time.Hour).Format("2006-01-02T15:04"))
	b.Press("Schedule")
	b.See("It replaces whatever is live then.")
	b.Look("scheduled")
	b.Press("Share preview")
	b.Press("Create link")
	b.See("The link is ready.")
	b.Look("shares")
	b.Press("Revoke")
	b.See("No shared previews")
	b.Open(theme)
	b.Set("#config-background", "#fff7ed")
	b.Press("Publish")
	b.See("Version 2 was published after this was scheduled.")
	b.Press("Cancel schedule")
	b.See("The scheduled version was canceled.")
	b.Press("Version history")
	b.Until(`location.pathname.endsWith("/releases")`) // the page before says "Version 2" too
	b.See("Version 2")
	b.Fits("history")
	b.Press("Compare")
	b.See("#fff7ed")
	b.UntilInFrame(`document.body.innerText.includes("Stoneware Mug")`)
	b.Look("compare")
}

// TestTwoEditors types in a theme editor while the same person changes texts elsewhere: each keeps what it changed
// last, and the editor says so before it publishes. Then Publish is pressed right before a preview is asked for.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	b := browsertest.New(t, browsertest.OneProcess())
	p.MoveIn(b, p.Welcome(c, "modern@example.com"))
	b.Press("Online store")
	b.See("Version 1")
	theme := b.Location()
	// What the editor says that it shows is what was typed once the draft has it.
	kept := func(key, value string) {
		t.Helper()
		b.Set("#config-"+key, value)
		b.Until(`(e => !e.disabled && e.value === "` + value + `")(
			document.querySelector("[name='was.config.` + key + `']"))`)
	}
	kept("announcement", "Typed here")
	kept("hero_heading", "Typed and removed")
	kept("hero_heading", "")
	b.See("Draft saved just now")
	for key, text := range map[string]string{"announcement": "Typed on the phone", "hero_text": "For slow mornings"} {
		if status := browsertest.Eval[int](b, `(request => {
			request.open("POST", "`+strings.TrimSuffix(theme, "theme")+`onboarding/website?field=config.`+key+`", false);
			request.send(new URLSearchParams({"config.`+key+`": "`+text+`"}));
			return request.status;
		})(new XMLHttpRequest())`); status >= 400 {
			t.Fatal(status)
		}
	}
	kept("background", "#fffaf0")
	b.UntilInFrame(`["Typed on the phone", "For slow mornings"].every(text => document.body.innerText.includes(text))
		&& !document.body.innerText.includes("Typed and removed")
		&& getComputedStyle(document.body).backgroundColor === "rgb(255, 250, 240)"`)
	b.Press("Publish")
	b.See("Some settings changed while you were editing")
	b.Fits("elsewhere")
	shown := browsertest.Eval[string](b, `["announcement", "hero_heading", "hero_text", "background"].map(key =>
		document.querySelector("#config-" + key).value).join("; ")`)
	if shown != "Typed on the phone; ; For slow mornings; #fffaf0" {
		t.Error(shown)
	}
	// The time of a preview comes after Publish was pressed and before the browser has sent the form.
	b.On(`document.querySelector("#config-announcement")`, `
		const soon = new Map(), later = setTimeout, never = clearTimeout;
		window.setTimeout = (call) => { soon.set(soon.size + 1, call); return soon.size };
		window.clearTimeout = (id) => soon.delete(id);
		e.value = "Published in the same moment";
		e.dispatchEvent(new Event("input", {bubbles: true}));
		window.setTimeout = later;
		[...document.querySelectorAll("button")].find(button => button.innerText.trim() === "Publish").click();
		window.clearTimeout = never;
		for (const call of soon.values()) call()`)
	b.See("Version 2 is live.")
	b.Open(theme)
	if got := browsertest.Eval[string](b, `document.querySelector("#config-announcement").value`); got !=
		"Published in the same moment" {
		t.Errorf("published: %q", got)
	}
}
