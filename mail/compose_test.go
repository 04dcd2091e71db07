package mail

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"orbit360.app/orbit"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	composer = Composer{Addresses: orbit.Addresses{Scheme: "https", Base: "orbit360.app"}, Status: orbit.EmailQueued}
	runID    = must(orbit.ParseID[orbit.Run]("01960000-0000-7000-8000-0000000000aa"))
	moss     = orbit.Merchant{ID: must(orbit.ParseID[orbit.Merchant]("01960000-0000-7000-8000-000000000001")),
		Code: "ORB-7K3M9Q2X",
		Name: "Moss & Stone", OwnerName: "Ada Lovelace", Email: "ada@example.com", Category: "home-garden"}
	// What people may type, and what they may try.
	nasty = orbit.Merchant{ID: must(orbit.ParseID[orbit.Merchant]("01960000-0000-7000-8000-000000000002")),
		Code:      "ORB-22222222",
		Name:      `<img src=x onerror=alert(1)> & "Söhne"` + strings.Repeat(" lang", 8),
		OwnerName: `</td><script>alert(1)</script>`, Email: "zoë@xn--mnchen-3ya.example", Category: "art-crafts"}
)

const confirm = "https://orbit360.app/apply/confirm/q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// noticeOf is what an owner learns about their account.
func noticeOf(m orbit.Merchant) NoticeData {
	return NoticeData{ID: orbit.EmailID(m.ID), User: orbit.User{Name: m.OwnerName, Email: m.Email},
		At: time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC),
		Origin: orbit.SessionOrigin{Audience: "dashboard", Address: "198.51.100.7",
			Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
		Account: "https://dashboard.orbit360.app/account", Reset: "https://dashboard.orbit360.app/password"}
}

// limitsOf is a shop that has used much of its plan, and so many of 500 orders.
func limitsOf(m orbit.Merchant, orders int64) LimitsData {
	starter := orbit.DefaultPlans()[0]
	meters := orbit.Noticed(starter.Limits.Meters(orbit.Usage{Products: 80, OrdersThisMonth: orders,
		BandwidthBytesThisMonth: 51 << 30}))
	return LimitsData{Merchant: m, Owner: orbit.User{ID: orbit.UserID(m.ID), Name: m.OwnerName, Email: m.Email},
		Plan: starter, Meters: meters, Month: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		PlanURL: "https://dashboard.orbit360.app/moss-and-stone/settings/plan"}
}

// themeOf is a shop that got another theme.
func themeOf(m orbit.Merchant) ThemeChangedData {
	from, to := orbit.DefaultThemes()[0], orbit.DefaultThemes()[1]
	at := time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)
	return ThemeChangedData{Owner: orbit.User{ID: orbit.UserID(m.ID), Name: m.OwnerName, Email: m.Email},
		ThemeChanged: orbit.ThemeChanged{Merchant: m, From: from, To: to, Before: orbit.Release{Number: 3},
			After: orbit.Release{ID: orbit.ReleaseID(m.ID), Number: 4, CreatedAt: at}},
		ReleasesURL: "https://dashboard.orbit360.app/moss-and-stone/releases"}
}

// suspensionOf is a shop that was suspended, or resumed.
func suspensionOf(m orbit.Merchant) SuspensionData {
	return SuspensionData{Merchant: m, Owner: orbit.User{ID: orbit.UserID(m.ID), Name: m.OwnerName, Email: m.Email},
		Reason: "The statement of October is unpaid. Pay it, and <b>write</b> to us.",
		At:     time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)}
}

func invitationTo(m orbit.Merchant) InvitationData {
	return InvitationData{Shop: m, Inviter: m.OwnerName, URL: "https://dashboard.orbit360.app/invitations/abc",
		Invitation: orbit.Invitation{ID: orbit.InvitationID(m.ID), MerchantID: m.ID, Email: "eve@example.com",
			Permissions: []orbit.Permission{orbit.PermissionOrders, orbit.PermissionOnlineStore},
			SentAt:      time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)}}
}

func ownershipOf(m orbit.Merchant) OwnershipData {
	from := orbit.StaffMember{UserID: orbit.NewID[orbit.User](), Name: m.OwnerName, Email: m.Email}
	to := orbit.StaffMember{UserID: orbit.NewID[orbit.User](), Name: "Eve Adams", Email: "eve@example.com"}
	return OwnershipData{ID: orbit.EmailID(m.ID), Shop: m, From: from, To: to, Recipient: to,
		Dashboard: "https://dashboard.orbit360.app/moss-and-stone", At: time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)}
}

func emails(t *testing.T) map[string]orbit.Email {
	t.Helper()
	welcome := WelcomeData{Merchant: moss, RunID: runID, DashboardURL: "https://dashboard.orbit360.app/ORB-7K3M9Q2X",
		WebsiteURL:     "https://moss-and-stone.orbit360.app",
		SetPasswordURL: "https://dashboard.orbit360.app/set-password?token=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"}
	live := welcome
	live.Merchant, live.Live, live.SetPasswordURL, live.Confirmed = nasty, true, "", true
	emails := map[string]orbit.Email{}
	for name, compose := range map[string]func() (orbit.Email, error){
		"applied":       func() (orbit.Email, error) { return composer.Applied(AppliedData{moss, confirm}) },
		"applied-nasty": func() (orbit.Email, error) { return composer.Applied(AppliedData{nasty, confirm}) },
		"welcome":       func() (orbit.Email, error) { return composer.Welcome(welcome) },
		"welcome-live":  func() (orbit.Email, error) { return composer.Welcome(live) },
		"password": func() (orbit.Email, error) {
			return composer.ResetPassword(ResetData{Request: 1, Name: "Ada Lovelace", Email: "ada@example.com",
				URL: "https://dashboard.orbit360.app/set-password?token=abc"})
		},
		"invitation":       func() (orbit.Email, error) { return composer.Invitation(invitationTo(moss)) },
		"invitation-nasty": func() (orbit.Email, error) { return composer.Invitation(invitationTo(nasty)) },
		"ownership":        func() (orbit.Email, error) { return composer.OwnershipTransferred(ownershipOf(moss)) },
		"password-changed": func() (orbit.Email, error) { return composer.PasswordChanged(noticeOf(moss)) },
		"two-step-on":      func() (orbit.Email, error) { return composer.TwoStepChanged(noticeOf(moss), true) },
		"two-step-off":     func() (orbit.Email, error) { return composer.TwoStepChanged(noticeOf(nasty), false) },
		"webhook-failed": func() (orbit.Email, error) {
			return composer.WebhookFailed(WebhookFailedData{ID: noticeOf(nasty).ID, Shop: nasty,
				Webhook: orbit.Webhook{URL: "https://hooks.example.com/secret"}, Member: orbit.StaffMember{Name: "Eve",
					Email: "eve@example.com"}, URL: "https://dashboard.orbit360.app/nasty/settings/webhooks/1"})
		},
		"two-step-reset": func() (orbit.Email, error) {
			d := noticeOf(moss)
			d.Origin = orbit.SessionOrigin{}
			return composer.TwoStepReset(d)
		},
		"new-sign-in":         func() (orbit.Email, error) { return composer.NewSignIn(noticeOf(nasty)) },
		"limits":              func() (orbit.Email, error) { return composer.Limits(limitsOf(moss, 12)) },
		"limits-nasty":        func() (orbit.Email, error) { return composer.Limits(limitsOf(nasty, 500)) },
		"suspended":           func() (orbit.Email, error) { return composer.Suspended(suspensionOf(moss)) },
		"suspended-nasty":     func() (orbit.Email, error) { return composer.Suspended(suspensionOf(nasty)) },
		"resumed":             func() (orbit.Email, error) { return composer.Resumed(suspensionOf(moss)) },
		"theme-changed":       func() (orbit.Email, error) { return composer.ThemeChanged(themeOf(moss)) },
		"theme-changed-nasty": func() (orbit.Email, error) { return composer.ThemeChanged(themeOf(nasty)) },
	} {
		m, err := compose()
		if err != nil {
			t.Fatal(err)
		}
		emails[name] = m
	}
	for name, d := range orderEmails() {
		emails[name] = d.email(t)
	}
	return emails
}

func TestEmailsAreAsWritten(t *testing.T) {
	t.Parallel()
	for name, m := range emails(t) {
		head := "Message-ID: " + m.MessageID + "\nTo: " + m.Recipient + "\nSubject: " + m.Subject + "\n\n"
		for ext, got := range map[string]string{".txt": head + m.Text, ".html": m.HTML} {
			path := filepath.Join("testdata", name+ext)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, diff)
			}
		}
	}
}

// Whatever stands in the HTML stands in the text too; nothing is fetched, nothing runs, and user text stays text.
func TestEmailsAreSafeAndWhole(t *testing.T) {
	t.Parallel()
	for name, m := range emails(t) {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(m.HTML))
		if err != nil {
			t.Fatal(err)
		}
		if n := doc.Find("img, script, link, iframe, form, [onerror], [background]").Length(); n > 0 ||
			strings.Contains(m.HTML, "url(") || strings.Contains(m.HTML, "&amp;#") {
			t.Errorf("%s fetches or runs something, or is escaped twice (%d)", name, n)
		}
		doc.Find("a").Each(func(_ int, a *goquery.Selection) {
			if href := a.AttrOr("href", ""); !strings.Contains(m.Text, href) {
				t.Errorf("%s: %s isn't in the text", name, href)
			}
		})
		flat := strings.Join(strings.Fields(m.Text), " ")
		doc.Find("h1, h2, .card p, .value").Each(func(_ int, s *goquery.Selection) {
			words := strings.Join(strings.Fields(s.Text()), " ")
			if words != "" && !strings.HasPrefix(words, "If the button") && !strings.Contains(flat, words) {
				t.Errorf("%s: %q isn't in the text", name, words)
			}
		})
		for _, line := range strings.Split(m.Text, "\n") {
			if len([]rune(line)) > 78 && !strings.Contains(line, "https://") {
				t.Errorf("%s: a line of %d characters: %s", name, len([]rune(line)), line)
			}
		}
		if m.Status != orbit.EmailQueued || m.Recipient == "" {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	t.Parallel()
	first, again := emails(t), emails(t)
	seen := map[string]string{}
	for name, m := range first {
		if m.MessageID != again[name].MessageID {
			t.Errorf("%s has another Message-ID the second time", name)
		}
		if m.MessageID != "<welcome."+runID.String()+"@orbit360.app>" && strings.HasPrefix(name, "welcome") {
			t.Errorf("%s: %s", name, m.MessageID)
		}
		if other := seen[m.MessageID]; other != "" && !strings.HasPrefix(name, "welcome") {
			t.Errorf("%s and %s share %s", name, other, m.MessageID)
		}
		seen[m.MessageID] = name
	}
	other := must(composer.ResetPassword(ResetData{Request: 2, Email: "ada@example.com",
		URL: "https://dashboard.orbit360.app/set-password?token=abd"}))
	if other.MessageID == first["password"].MessageID {
		t.Error("two requests share a Message-ID")
	}
	if strings.Contains(other.MessageID, "abd") {
		t.Error("a Message-ID shows the token")
	}
}

// Application.Check refuses line breaks. Should one come in by another way, it still begins no header.
func TestNoLineBreakReachesAHeader(t *testing.T) {
	t.Parallel()
	m := moss
	m.Name, m.Email = "Moss\r\nBcc: all@example.com\u2028\x00x", "ada@example.com\r\nBcc: b@example.com"
	got := must(composer.Applied(AppliedData{m, confirm}))
	if strings.ContainsAny(got.Subject+got.Recipient+got.MessageID, "\r\n\x00\u2028") {
		t.Errorf("%q %q", got.Subject, got.Recipient)
	}
}
