package kit_test

import (
	"net/url"
	"sync"
	"testing"
)

// A code of the app, and a recovery code, sign in once, also where they are sent many times at once.
func TestCodesAtOnce(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	secret, recovery := p.turnOn(p.signIn("ann@example.com"))
	for what, word := range map[string]string{"code": p.code(secret, 0), "recovery code": recovery[0]} {
		p.exec(`DELETE FROM throttles`)
		cookies := make([]string, 8)
		for i := range cookies {
			cookies[i] = p.password("ann@example.com")
		}
		statuses := make(chan int, len(cookies))
		var all sync.WaitGroup
		for _, cookie := range cookies {
			all.Go(func() {
				status, _, _, _ := p.send(p.app, cookie, "/sign-in/code", url.Values{"code": {word}})
				statuses <- status
			})
		}
		all.Wait()
		close(statuses)
		in := 0
		for status := range statuses {
			if status == 303 {
				in++
			} else if status != 422 {
				t.Errorf("a used %s: %d", what, status)
			}
		}
		if in != 1 {
			t.Errorf("one %s signs in %d times", what, in)
		}
	}
}
