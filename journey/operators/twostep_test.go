package operators

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"orbit360.app/journey/journeytest"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

var setupSecret = regexp.MustCompile(`data-copy="([A-Z2-7]{16,})"`)

// TestTwoStepReset: somebody has lost their app. A start that names their account lets them in with the password alone,
// ends their API tokens and tells them; a start for an address without an account is refused.
func TestTwoStepReset(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	turnOn := func() {
		t.Helper()
		_, at := c.Must(303, "admin", "/account/two-step/setup", "current_password", programtest.AdminPassword)
		page, _ := c.Must(200, "admin", at)
		found := setupSecret.FindStringSubmatch(page)
		if found == nil {
			t.Fatal("no secret on the page")
		}
		code, err := orbit.TOTPCode(found[1], orbit.TOTPStep(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		c.Must(200, "admin", "/account/two-step", "code", code)
	}
	turnOn()
	signIn := func() string {
		t.Helper()
		_, to := p.Client().Must(303, "admin", "/sign-in", "email", programtest.AdminEmail, "password",
			programtest.AdminPassword)
		return to
	}
	if to := signIn(); to != "/sign-in/code" {
		t.Fatalf("signing in leads to %s", to)
	}

	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	p.Out = nil
	if err := p.Start("TWO_STEP_RESET=nobody@example.com"); err == nil ||
		!strings.Contains(err.Error(), "TWO_STEP_RESET names nobody@example.com, which no account has.") {
		t.Fatal("starts for nobody:", err)
	}
	p.Out = nil
	p.MustStart("TWO_STEP_RESET=" + strings.ToUpper(programtest.AdminEmail))
	if to := signIn(); to != "/" {
		t.Fatalf("after the reset signing in leads to %s", to)
	}
	for page, want := range map[string]string{"/audit": "Reset two-step sign-in of",
		"/emails": "Two-step sign-in was reset"} {
		if body, _ := c.Must(200, "admin", page); strings.Count(body, want) == 0 {
			t.Errorf("%s doesn't say %q", page, want)
		}
	}

	// Removed from the settings, it resets nothing.
	turnOn()
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	p.MustStart()
	if to := signIn(); to != "/sign-in/code" {
		t.Fatalf("after another start signing in leads to %s", to)
	}
}
