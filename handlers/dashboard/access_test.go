package dashboard_test

import (
	"slices"
	"strings"
	"testing"

	"orbit360.app/handlers/dashboard"
	"orbit360.app/orbit"
)

// staff makes a person of a shop's staff out of another shop's owner.
func (w *world) staff(of orbit.MerchantID, email string, may ...orbit.Permission) {
	w.Helper()
	list := make([]string, len(may))
	for i, p := range may {
		list[i] = string(p)
	}
	if _, err := w.db.Pool().Exec(w.Context(), `INSERT INTO memberships (merchant_id, user_id, role, permissions)
		SELECT $1, id, 'staff', $3 FROM users WHERE email = $2
		ON CONFLICT (user_id, merchant_id) DO UPDATE SET permissions = excluded.permissions`,
		of.String(), email, list); err != nil {
		w.Fatal(err)
	}
}

// samples holds a value for each parameter of a path. A shop has none of these: where a request is let in, it is 404 or
// refused for what it lacks.
func samples() map[string]string {
	return map[string]string{
		":order": orbit.NewID[orbit.Order]().String(), ":product": orbit.NewID[orbit.Product]().String(),
		":payment": orbit.NewID[orbit.Payment]().String(), ":transaction": orbit.NewID[orbit.Transaction]().String(),
		":image": orbit.NewID[orbit.Media]().String(), ":file": "x.jpg", ":number": "9",
		":discount": orbit.NewID[orbit.Discount]().String(),
		":zone":     orbit.NewID[orbit.ShippingZone]().String(),
		":taxrate":  orbit.NewID[orbit.TaxRate]().String(),
		":customer": orbit.NewID[orbit.Customer]().String(),
		":apikey":   orbit.NewID[orbit.APIKey]().String(),
		":import":   orbit.NewID[orbit.Import]().String(), ":operation": orbit.NewID[orbit.Operation]().String(),
		":share":  orbit.NewID[orbit.Release]().String(),
		":member": orbit.NewID[orbit.User]().String(), ":invitation": orbit.NewID[orbit.Invitation]().String(),
		":month": "2026-01", ":provider": "stripe",
		":webhook": orbit.NewID[orbit.Webhook]().String(), ":delivery": orbit.NewID[orbit.Delivery]().String(),
	}
}

func (w *world) sampled(path string) string {
	w.Helper()
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, ":") {
			if segments[i] = samples()[s]; segments[i] == "" {
				w.Fatalf("%s: there is no sample of %s", path, s)
			}
		}
	}
	return strings.Join(segments, "/")
}

func (w *world) status(cookie, method, path string) int {
	w.Helper()
	if method == "GET" {
		res, _ := w.get(cookie, path)
		return res.StatusCode
	}
	res, _ := w.post(cookie, path, nil)
	return res.StatusCode
}

// TestEveryRouteAsksWho walks the list of routes: nobody, a member of another shop, staff with every permission but the
// one, and staff with that one alone.
func TestEveryRouteAsksWho(t *testing.T) {
	t.Parallel()
	w := begin(t)
	routes := dashboard.Routes()
	if len(routes) < 30 {
		t.Fatalf("%d routes", len(routes))
	}
	for _, one := range routes {
		path := w.home(w.moss) + w.sampled(one.Path)
		if got, want := w.status("", one.Method, path), map[string]int{"GET": 303, "POST": 401}[one.Method]; got != want {
			t.Errorf("%s %s: nobody gets %d", one.Method, one.Path, got)
		}
		if got := w.status(w.bob, one.Method, path); got != 404 {
			t.Errorf("%s %s: another shop's owner gets %d", one.Method, one.Path, got)
		}
	}
	cases := append(orbit.Permissions().Values(), orbit.PermissionOwner)
	for _, p := range cases {
		others := slices.DeleteFunc(orbit.Permissions().Values(), func(o orbit.Permission) bool { return o == p })
		w.staff(w.moss, "bob@example.com", others...)
		for _, one := range routes {
			if one.Permission != p {
				continue
			}
			if got := w.status(w.bob, one.Method, w.home(w.moss)+w.sampled(one.Path)); got != 403 {
				t.Errorf("%s %s: staff without %q gets %d", one.Method, one.Path, p, got)
			}
		}
		if p == orbit.PermissionOwner {
			continue
		}
		w.staff(w.moss, "bob@example.com", p)
		for _, one := range routes {
			got := w.status(w.bob, one.Method, w.home(w.moss)+w.sampled(one.Path))
			allowed := one.Permission == p || one.Permission == orbit.PermissionMember
			if allowed == (got == 403) || got >= 500 {
				t.Errorf("%s %s: staff with %q alone gets %d", one.Method, one.Path, p, got)
			}
		}
	}
}

// TestMenuShowsWhatOneMay: staff see the lines of the menu that lead somewhere for them.
func TestMenuShowsWhatOneMay(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	_, page := w.get(w.bob, w.home(w.moss))
	menu := strings.Fields(page.Find(".side-nav .side-list").First().Text())
	if !slices.Equal(menu, []string{"Home", "Products"}) {
		t.Errorf("%q", menu)
	}
}

// TestShortAddresses: a shop's pages have one address, and its id and code lead there.
func TestShortAddresses(t *testing.T) {
	t.Parallel()
	w := begin(t)
	m := w.merchant(w.moss)
	for _, key := range []string{m.ID.String(), m.Code, strings.ToLower(m.Code)} {
		for _, rest := range []string{"", "?a=1", "/orders?q=a%2Fb&x=" + key} {
			res, _ := w.get(w.ada, "/"+key+rest)
			if got := res.Header.Get("Location"); res.StatusCode != 308 || got != "/moss-and-stone"+rest {
				t.Errorf("/%s%s: %d %s", key, rest, res.StatusCode, got)
			}
		}
		if res, _ := w.get(w.bob, "/"+key); res.StatusCode != 404 || res.Header.Get("Location") != "" {
			t.Errorf("another's /%s: %d", key, res.StatusCode)
		}
	}
}

// visited makes somebody an admin, and their own session one of a visit to Moss.
func (w *world) visited(email string) {
	w.Helper()
	_, err := w.db.Pool().Exec(w.Context(), `WITH u AS (UPDATE users SET role = 'admin' WHERE email = $2 RETURNING id),
		v AS (INSERT INTO support_visits (id, merchant_id, admin_id, session_id, reason, opened_at, expires_at)
			SELECT gen_random_uuid(), $1, u.id, s.id, 'x', now(), now() + interval '1 hour'
			FROM u JOIN sessions s ON s.user_id = u.id LIMIT 1 RETURNING id, admin_id)
		UPDATE sessions s SET visit_id = v.id FROM v WHERE s.user_id = v.admin_id`, w.moss.String(), email)
	if err != nil {
		w.Fatal(err)
	}
}

// TestSupportIsDenied walks the list of routes as an admin on a visit: what takes an owner, payments or keys is
// refused.
func TestSupportIsDenied(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.visited("bob@example.com")
	denied := []orbit.Permission{orbit.PermissionOwner, orbit.PermissionPayments, orbit.PermissionDevelopers}
	n := 0
	for _, one := range dashboard.Routes() {
		got := w.status(w.bob, one.Method, w.home(w.moss)+w.sampled(one.Path))
		if slices.Contains(denied, one.Permission) {
			n++
		}
		if slices.Contains(denied, one.Permission) != (got == 403) || got >= 500 {
			t.Errorf("%s %s: support gets %d", one.Method, one.Path, got)
		}
		if got := w.status(w.bob, one.Method, w.home(w.nord)+w.sampled(one.Path)); got != 404 {
			t.Errorf("%s %s: in the admin's own shop support gets %d", one.Method, one.Path, got)
		}
	}
	if n == 0 {
		t.Error("nothing is denied")
	}
}
