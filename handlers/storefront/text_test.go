package storefront_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"
)

// What a shopper pastes with characters that nobody sees is what they meant: nothing of it is dropped unsaid.
func TestTextNobodySees(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	for _, q := range []string{"mu\u200bg", "\ufeffmug", "\u202dmug\u202c", "m\u00adug", "\u00a0mug\u2060"} {
		if a := s.get("moss", "/search?"+url.Values{"q": {q}}.Encode()); a.doc(t).Find(".card").Length() != 1 ||
			a.doc(t).Find("input[name=q]").AttrOr("value", "") != "mug" {
			t.Errorf("%+q finds %d products, and the page says %q was searched", q, a.doc(t).Find(".card").Length(),
				a.doc(t).Find("input[name=q]").AttrOr("value", ""))
		}
	}
	if a := s.get("moss", "/search?"+url.Values{"q": {"mug\u202egum\nx"}}.Encode()); a.status != 200 ||
		a.doc(t).Find("input[name=q]").AttrOr("value", "") != "mug gum x" {
		t.Error("what can't be searched:", a.doc(t).Find("input[name=q]").AttrOr("value", ""))
	}
	if _, err := s.super.Exec(t.Context(), `INSERT INTO discounts (merchant_id, code, kind, value, minimum, active)
		VALUES ($1, 'MOSS10', 'percent', 10, 0, true)`, s.moss.String()); err != nil {
		t.Fatal(err)
	}
	cookie := s.shopper("moss", "stoneware-mug", "2")
	form := s.checkout("moss", cookie)

	bad := maps.Clone(form)
	for name, value := range map[string]string{"email": "ada\u00a0b@example.com", "name": "\u200b\u2060\u3164",
		"phone": "ring twice", "discount": "MOSS10\x00", "city": "Del\u202eft"} {
		bad.Set(name, value)
	}
	a := s.ask("POST", "moss", "/checkout", cookie, bad, false)
	for field, words := range map[string]string{"email": "can't contain spaces", "name": "is required",
		"phone": "Enter a phone number", "discount": "isn't valid", "city": "reverse the direction"} {
		if got := a.doc(t).Find("#" + field + "-fault").Text(); a.status != 422 || !strings.Contains(got, words) {
			t.Errorf("%s: %d %q", field, a.status, got)
		}
	}
	if got := a.doc(t).Find("#phone").AttrOr("value", ""); got != "ring twice" {
		t.Error("the phone that was typed is lost:", got)
	}

	for name, value := range map[string]string{"email": "\u202aada@exam\u00adple.com\u202c\u200b",
		"name": "Zoe\u0308\u00a0 O\u2060k", "phone": "\u202d+1\u00a0(555)\u00a0010\u20110199\u202c",
		"discount": "mo\u200bss\u00a010", "note": "Ring.\r\nTwice 👩\u200d🚀"} {
		form.Set(name, value)
	}
	a = s.ask("POST", "moss", "/checkout", cookie, form, false) // the code makes it cheaper: asked again
	form.Set("seen", a.doc(t).Find("input[name=seen]").AttrOr("value", ""))
	if a = s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != 303 {
		t.Fatal(a.status, a.body)
	}
	var got [5]string
	err := s.super.QueryRow(t.Context(), `SELECT email, address ->> 'name', phone, discount_code, note FROM orders`).
		Scan(&got[0], &got[1], &got[2], &got[3], &got[4])
	if err != nil {
		t.Fatal(err)
	}
	if want := [5]string{"ada@example.com", "Zoë Ok", "+1 (555) 010-0199", "MOSS10",
		"Ring.\nTwice 👩\u200d🚀"}; got != want {
		t.Errorf("%+q, want %+q", got, want)
	}
}
