package orbit_test

import (
	"testing"

	"orbit360.app/orbit"
)

func TestLoopbackURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                            "",
		"http://127.0.0.1:12111":      "http://127.0.0.1:12111",
		"http://127.0.0.1:12111/":     "http://127.0.0.1:12111",
		"http://127.9.9.9/stripe":     "http://127.9.9.9/stripe",
		"https://localhost:8443":      "https://localhost:8443",
		"http://[::1]:80":             "http://[::1]:80",
		"http://[::ffff:127.0.0.1]:1": "http://[::ffff:127.0.0.1]:1",
	} {
		if got, err := orbit.LoopbackURL(address); got != want || err != nil {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
	for _, address := range []string{
		"https://api.stripe.com", "http://10.0.0.1", "http://169.254.169.254", "http://0.0.0.0:80", "http://[::]:80",
		"http://localhost.example.com", "http://127.0.0.1.example.com", "http://127.0.0.1@example.com",
		"http://example.com#@127.0.0.1", "http://2130706433", "http://127.1", "ftp://127.0.0.1", "127.0.0.1:12111",
		"localhost", "/v1", "http://", "http://user:pass@127.0.0.1", "http://127.0.0.1?x=1", "http://127.0.0.1 ",
		"http://[::ffff:10.0.0.1]:1",
	} {
		if got, err := orbit.LoopbackURL(address); orbit.CodeOf(err) != orbit.Invalid {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}
