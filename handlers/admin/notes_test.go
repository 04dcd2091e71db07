package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// TestNotes: a note is added once however often its form is sent, shown with its author, and deleted after a question;
// what can't be one comes back with what was typed.
func TestNotes(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, rival := p.apply("Moss & Fern"), p.apply("Rival")
	form := p.get(path(id, "")).want(t, 200).hidden("#note-form")
	bad := p.post(path(id, "/notes"), url.Values{"id": form["id"], "note": {" \n "}}).want(t, 422)
	if bad.words("#note-form .fault") != "Enter a note." || bad.hidden("#note-form").Get("id") != form.Get("id") {
		t.Error(bad.words("#note-form"))
	}
	long := strings.Repeat("a", orbit.MaxNote+1)
	bad = p.post(path(id, "/notes"), url.Values{"id": form["id"], "note": {long}}).want(t, 422)
	if bad.Find("#note-form textarea").Text() != long {
		t.Error("what was typed is gone")
	}
	form.Set("note", "Asked for <b>help</b>.\nCall back.")
	for range 2 {
		p.post(path(id, "/notes"), form).want(t, 303)
	}
	a := p.get(path(id, "")).want(t, 200)
	if a.Find(".notes > li").Length() != 1 || a.Find(".note-text").Text() != form.Get("note") ||
		!strings.HasPrefix(a.words(".notes .name-detail"), "Ada Okafor · ") ||
		!strings.Contains(a.words("#activity tbody tr"), "Added a note") {
		t.Error(a.words("#notes"), a.words("#activity"))
	}
	if got := p.get(path(rival, "")).want(t, 200).Find(".notes > li").Length(); got != 0 {
		t.Error("the other merchant's page has", got)
	}
	question, _ := a.Find(".notes a").Attr("href")
	p.get(strings.Replace(question, id.String(), rival.String(), 1)).want(t, 404)
	a = p.get(question, dialog).want(t, 200)
	action, _ := a.Find("form").Attr("action")
	if !strings.Contains(a.words(".note-quoted"), "Call back.") {
		t.Error(a.words("form"))
	}
	for range 2 {
		p.post(action, nil).want(t, 303)
	}
	p.get(question).want(t, 404)
	a = p.get(path(id, "/notes")).want(t, 200)
	if !strings.Contains(a.words("main"), "No notes yet") {
		t.Error(a.words("main"))
	}
	p.post(path(id, "/notes"), url.Values{"note": {"x"}}).want(t, 400)
}

// TestManyNotes: a merchant's page shows the newest notes and leads to all of them, a page at a time, up to the bound.
func TestManyNotes(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	p.sql(fmt.Sprintf(`INSERT INTO merchant_notes (merchant_id, id, text, created_at)
		SELECT '%s', gen_random_uuid(), 'Note ' || n, now() - make_interval(hours => n)
		FROM generate_series(1, %d) n`, id, orbit.MaxNotes))
	a := p.get(path(id, "")).want(t, 200)
	if a.Find(".notes > li").Length() != 5 || a.words(".note-text") != "Note 1" ||
		!strings.HasPrefix(a.words(".notes .name-detail"), "A former admin") {
		t.Error(a.words("#notes"))
	}
	all, _ := a.Find(`#notes a:contains("See all 200 notes")`).Attr("href")
	if got := p.get(all+"?page=8").want(t, 200); got.Find(".notes > li").Length() != 25 ||
		!strings.Contains(got.words("#notes"), "Note 176") {
		t.Error(got.words("#notes"))
	}
	p.get(all+"?page=9").want(t, 200)
	form := a.hidden("#note-form")
	form.Set("note", "One too many")
	if a := p.post(path(id, "/notes"), form).want(t, 409); !strings.Contains(a.words("#note-form .fault"),
		"A merchant can have 200 notes") {
		t.Error(a.words("#note-form"))
	}
}

// TestNotesInABrowser: typed and added without leaving the page, deleted in a dialog.
func TestNotesInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, _ := p.themed()
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url(path(id, "")))
	for i, text := range []string{"Prefers email. Owner is away until Monday.", strings.Repeat("A long note. ", 40)} {
		b.Type("#note", text)
		b.Click("#note-form [type=submit]")
		b.Until(fmt.Sprintf(`document.querySelectorAll(".notes > li").length === %d &&
			document.querySelector("#note").value === ""`, i+1))
	}
	b.Look("notes")
	b.Click(".notes > li:first-child a")
	b.Until(`document.querySelector("dialog[open]").checkVisibility()`)
	b.WindowLook("notes-delete")
	b.Click("dialog footer [type=submit]")
	b.Until(`document.querySelectorAll(".notes > li").length === 1 && !document.querySelector("dialog[open]")`)
	b.Open(p.url(path(id, "/notes")))
	b.Look("notes-all")
}
