package api

import (
	"html"
	"strings"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// Docs is all that the page shows.
type Docs struct {
	Addresses orbit.Addresses
	Version   string
	Intro     []string // paragraphs
	Groups    []Group
	Problems  []Problem
	Schemas   []Schema
	Scopes    []Scope
}

// Scope is what an API key of a shop may be used for.
type Scope struct {
	Name       string
	About      string
	Permission string // that a person needs, in words
}

// Group is a number of operations that belong together.
type Group struct {
	ID         string
	Name       string
	About      string
	Operations []Operation
}

// Operation is one method of one address.
type Operation struct {
	ID      string
	Method  string
	Path    string
	Summary string
	About   []string // paragraphs
	Open    bool     // needs no token
	Scope   string   // that a merchant's operation takes
	Params  []Field
	Body    []Field
	Curl    string
	Answers []Answer
	Errors  []Problem
}

// Field is one parameter, or one key of a body or an answer.
type Field struct {
	Name     string
	Type     string
	Required bool
	About    string
	Bounds   string
}

// Answer is one good answer.
type Answer struct {
	Status  string
	About   string
	Schema  string // anchor of the answer's schema, "" for none
	Example string
}

// Problem is one kind of error.
type Problem struct {
	Status string
	ID     string
	Title  string
	About  string
}

// Schema is one kind of object that answers hold.
type Schema struct {
	ID     string
	Name   string
	About  string
	Fields []Field
}

func (d Docs) shell() ui.Frame {
	return ui.Frame{
		Layout: ui.Site,
		Document: ui.DocumentProps{Title: "API",
			Description: "The JSON API of ORBIT360: work in your shop, or set up shops, from your own software.",
			Canonical:   d.Addresses.Site("/api/docs")},
		Nav: []ui.NavItem{
			{Label: "Themes", Href: d.Addresses.Site("/themes")},
			{Label: "Pricing", Href: d.Addresses.Site("/pricing")},
			{Label: "API", Href: "/api/docs", Current: true},
		},
		NavEnd: []ui.NavItem{{Label: "Sign in", Href: d.Addresses.Dashboard("/")}},
		Foot: []ui.NavItem{{Label: "OpenAPI (JSON)", Href: "/api/openapi.json"},
			{Label: "OpenAPI (YAML)", Href: "/api/openapi.yaml"}, {Label: "API keys", Href: d.Addresses.Admin("/api-keys")}},
		Wide: true,
	}
}

// span is a piece of a sentence.
type span struct {
	text string
	mark byte // 0, '*' for strong or '`' for code
}

// spans reads the two marks that our descriptions use: **strong** and `code`.
func spans(s string) (all []span) {
	for s != "" {
		i := strings.IndexAny(s, "`*")
		if i < 0 {
			return append(all, span{text: s})
		}
		mark := s[i : i+1]
		if s[i] == '*' {
			mark = "**"
		}
		inside, rest, closed := strings.Cut(strings.TrimPrefix(s[i:], mark), mark)
		if !closed || !strings.HasPrefix(s[i:], mark) {
			all = append(all, span{text: s[:i+1]})
			s = s[i+1:]
			continue
		}
		if i > 0 {
			all = append(all, span{text: s[:i]})
		}
		all = append(all, span{inside, mark[0]})
		s = rest
	}
	return all
}

// words is a sentence with its marks. It is no templ: that would put white space around each piece.
func words(s string) templ.Component {
	var b strings.Builder
	for _, piece := range spans(s) {
		escaped := html.EscapeString(piece.text)
		switch piece.mark {
		case '`':
			escaped = "<code>" + escaped + "</code>"
		case '*':
			escaped = "<strong>" + escaped + "</strong>"
		}
		b.WriteString(escaped)
	}
	return templ.Raw(b.String())
}

// step is one part of the walk through the whole flow.
type step struct{ title, about, curl string }

// shopSteps is how a merchant's program begins.
func (d Docs) shopSteps() []step {
	base := d.Addresses.Site("/api")
	return []step{
		{"Create an API key",
			"In your dashboard, under **Settings → API keys**: a name, the scopes that the program needs, and when it " +
				"expires. The key is shown once. Keep it in a variable; this walk needs `shop:write`.",
			"API=" + base + "\nTOKEN=orb_…"},
		{"Read your shop", "Its settings, what it has used of its plan, and how far it is on its way to be opened.",
			"curl -s $API/merchant/shop -H \"Authorization: Bearer $TOKEN\""},
		{"Change something",
			"Only what is sent changes. With `If-Match`, only if nobody else has changed it since: the `version` that you " +
				"have read goes in.",
			"curl -s -X PATCH $API/merchant/shop \\\n" +
				"  -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n" +
				"  -H 'If-Match: \"1\"' \\\n" +
				"  -d '{\"phone\":\"+1 555 010 0199\"}'"},
	}
}

func (d Docs) steps() []step {
	base := d.Addresses.Site("/api")
	return []step{
		{"Sign in",
			"Use an admin's email and password. The token is valid for an hour; keep it in a variable. (`jq` reads a value " +
				"from JSON; any other tool will do.)",
			"API=" + base +
				"\nTOKEN=$(curl -s $API/auth/token -H 'Content-Type: application/json' \\\n  -d " +
				"'{\"email\":\"admin@example.com\",\"password\":\"your password\"}' | jq -r .accessToken)"},
		{"Seed the defaults", "Creates three themes and three plans if they don't exist. Safe to repeat.",
			"curl -s -X POST $API/provisioning/seed-defaults -H \"Authorization: Bearer $TOKEN\""},
		{"Create a merchant", "It is pending until it is activated.",
			"ID=$(curl -s $API/provisioning/merchants \\\n" +
				"  -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n" +
				"  -d '{\"name\":\"Awesome Store\",\"ownerName\":\"Ada Okafor\",\"email\":\"ada@example.com\"," +
				"\"category\":\"electronics\"}' \\\n  | jq -r .id)"},
		{"Activate it",
			"`202`: the activation is accepted and the seven steps start. The `Idempotency-Key` makes it safe to send again " +
				"if the response was lost. Add `?dryRun=true` to preview the result without changing anything.",
			"curl -s $API/provisioning/merchants/$ID/activate \\\n" +
				"  -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n" +
				"  -H \"Idempotency-Key: activate-$ID\" \\\n" +
				"  -d '{\"theme\":\"upfront-modern\",\"plan\":\"professional\"," +
				"\"subdomain\":\"awesome-store\",\"category\":\"electronics\"}'"},
		{"Follow it",
			"One event at once, then one for every change; the stream ends after `COMPLETED`, `FAILED` or a finished " +
				"`ROLLBACK`.",
			"curl -sN $API/provisioning/merchants/$ID/provisioning-events -H \"Authorization: Bearer $TOKEN\""},
		{"Read the deployment", "The website's and the dashboard's address, the merchant ID, the state of DNS and TLS.",
			"curl -s $API/provisioning/merchants/$ID/provisioning-status -H \"Authorization: Bearer $TOKEN\" | jq .deployment"},
	}
}
