package admin_test

import (
	"fmt"
	"net"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

func (p *panel) url(path string) string {
	_, port, _ := net.SplitHostPort(p.addr)
	return "http://admin.localhost:" + port + path
}

// enter signs in as a person would, and has arrived when it returns: the next navigation would abort one that is
// still under way.
func (p *panel) enter(b *browsertest.Browser) {
	p.t.Helper()
	b.Open(p.url("/sign-in"))
	b.Type("#email", adminEmail)
	b.Type("#password", adminPassword+"\r")
	b.Until(`location.pathname === "/merchants"`)
}

// The way of an admin: pending merchants, the dialog, the address while typing, faults, the run live, the email.
func TestActivationInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	p.activate(p.apply("Rival"), "rival")
	id := p.apply("Moss & Fern")
	b := browsertest.New(t)

	p.enter(b)
	row := "#merchant-" + id.String()
	b.Click(row + " a[data-htmx-powered]")
	b.Until(`document.querySelector("dialog:modal #subdomain").value === "moss-fern"`)

	// The address is checked while it is typed.
	b.Type("#subdomain", "rival")
	b.Until(`document.querySelector("#subdomain-status").innerText.includes("taken by another shop")`)
	b.Type("#subdomain", "admin")
	b.Until(`document.querySelector("#subdomain-status").innerText.includes("reserved")`)

	// Sent all the same, the form comes back in the open dialog with what was typed.
	b.Click("#stripe")
	b.Click("#theme-upfront-minimal")
	b.Click("dialog footer [type=submit]")
	b.Until(`document.querySelector("dialog:modal #subdomain-error").innerText.includes("reserved") &&
		document.querySelector("#stripe").checked && document.querySelector("#theme-upfront-minimal").checked &&
		document.querySelector("#subdomain").value === "admin"`)
	b.Type("#subdomain", "moss")
	b.Until(`document.querySelector("#subdomain-status").innerText.includes("moss.localhost") &&
		document.querySelector("#subdomain-status").innerText.includes("is free")`)

	// Accepted, it leads to the progress, and that to the end, without a reload.
	b.Click("dialog footer [type=submit]")
	b.Until(fmt.Sprintf(`location.pathname === "/merchants/%s/provisioning" && !document.querySelector("dialog")`, id))
	b.Until(`document.querySelector(".run [role=progressbar]").getAttribute("aria-valuenow") === "100" &&
		document.querySelector(".run-head .badge").innerText.trim() === "COMPLETED" &&
		!document.querySelector(".step:not([data-state=done])") && document.querySelectorAll(".run-actions a").length === 2`)

	// The welcome email shows itself, in a frame that can't script, and names the link.
	b.Open(p.url("/emails"))
	b.Click("#emails .name-link")
	b.Until(`document.querySelector(".email-text").innerText.includes("/password/") &&
		document.querySelector("iframe").contentDocument === null`)
}

// The list follows what happens elsewhere: a pending merchant is activated by somebody else, fails, is retried.
func TestListFollowsInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id, other := p.apply("Moss & Fern"), p.apply("Papier Lune")
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url("/merchants?status=all"))
	row, still := fmt.Sprintf(`document.querySelector("#merchant-%s")`, id),
		fmt.Sprintf(`document.querySelector("#merchant-%s")`, other)
	b.Until(still + ` && performance.getEntriesByType("navigation").length === 1 && (window.same = ` + still + `)`)
	p.activate(id, "moss")
	b.Until(row + `.innerText.includes("Failed") && ` + row +
		`.querySelector(".cell-actions a").innerText.trim() === "Retry" && window.same.isConnected`)
	close(p.broken)
	if err := p.db.RetryRun(t.Context(), id, p.actor()); err != nil {
		t.Fatal(err)
	}
	b.Until(row + `.innerText.includes("Active") && ` + row +
		`.querySelector(".address-link").href.startsWith("http://moss.localhost:") &&
		document.querySelectorAll("#merchants tbody tr").length === 2`)

	// Searching while typing brings another page of rows, and a stream of its own.
	b.Type("#search-q", "lune")
	b.Until(`document.querySelectorAll("#merchants tbody tr").length === 1 && location.search.includes("q=lune") &&
		document.activeElement.id === "search-q" && document.querySelectorAll("[data-stream]").length === 1`)
	p.activate(other, "papier-lune")
	b.Until(still + `.innerText.includes("Active")`)
}

// A failed run is rolled back by way of a question.
func TestRollbackInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(true)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantFailed)
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url(path(id, "/provisioning")))
	b.Click(".alert a[data-htmx-powered]")
	b.Until(`document.querySelector("dialog[open]").checkVisibility()`)
	b.Click("dialog footer [type=submit]")
	b.Until(`document.querySelector(".run-head .badge").innerText.trim() === "ROLLBACK" &&
		!document.querySelector(".step:not([data-state=undone])") &&
		document.querySelector(".run-actions a").innerText.trim() === "Activate"`)
}

// With scripts off each of these flows ends the same way: links are pages, and the progress loads itself anew.
func TestActivationWithoutScripts(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	b := browsertest.New(t, browsertest.Scripts(false))
	p.enter(b)
	b.Click("#merchant-" + id.String() + " .cell-actions a")
	b.Until(`document.querySelector("main form#activation").checkVisibility()`)
	b.Click("button[form=activation]")
	b.Until(`document.querySelector("#run-` + id.String() + `[data-status=PENDING]").checkVisibility()`)
	p.work(false)
	b.Until(`document.querySelector("#run-` + id.String() + `[data-status=COMPLETED] .run-actions").checkVisibility()`)
}
