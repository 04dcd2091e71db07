package mail

import (
	"fmt"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func TestParseSMTPURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Server{
		"smtp://user:p%40ss%2Fw@mail.example.com:587": {Host: "mail.example.com", Port: 587, User: "user",
			TLS: TLSMandatory, password: "p@ss/w"},
		"smtp://mail.example.com":    {Host: "mail.example.com", Port: 587, TLS: TLSMandatory},
		"smtp://mail.example.com:25": {Host: "mail.example.com", Port: 25, TLS: TLSOpportunistic},
		"smtp://a:b@mail.example.com:2525": {Host: "mail.example.com", Port: 2525, User: "a",
			TLS: TLSMandatory, password: "b"},
		"smtps://a:b@MAIL.example.com/": {Host: "mail.example.com", Port: 465, User: "a", TLS: TLSImplicit,
			password: "b"},
		"smtp://127.0.0.1:587":                {Host: "127.0.0.1", Port: 587, TLS: TLSOpportunistic},
		"smtp://localhost":                    {Host: "localhost", Port: 587, TLS: TLSOpportunistic},
		"smtp://[::1]:1025":                   {Host: "::1", Port: 1025, TLS: TLSOpportunistic},
		"smtp://mail.example.com:25?tls=none": {Host: "mail.example.com", Port: 25, TLS: TLSNone},
		"smtp://a:b@localhost?tls=none": {Host: "localhost", Port: 587, User: "a", TLS: TLSNone,
			password: "b"},
		" smtp://mail.example.com:587?tls=opportunistic ": {Host: "mail.example.com", Port: 587, TLS: TLSOpportunistic},
		"smtp://a%40b.example:c@mail.example.com": {Host: "mail.example.com", Port: 587, User: "a@b.example",
			TLS: TLSMandatory, password: "c"},
	} {
		if got, err := ParseSMTPURL(raw); err != nil || got != want {
			t.Errorf("%s: %+v, %v", raw, got, err)
		}
	}
}

func TestParseSMTPURLRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "mail.example.com:587", "http://u:hunter2@mail.example.com", "smtp://", "smtp://u:hunter2@",
		"smtp://u:hunter2@mail.example.com:99999",
		"smtp://u:hunter2@mail.example.com:0", "smtp://u:hunter2@mail.example.com:x", "smtp://u:hunter2%zz@mail.example.com",
		"smtp://u:hunter2/x@mail.example.com",
		"smtp://u:hunter2#x@mail.example.com", "smtp://u:hunter2@mail.example.com?tls=maybe",
		"smtp://u:hunter2@mail.example.com?tls=none", "smtp://u@mail.example.com",
		"smtp://:hunter2@mail.example.com", "smtps://u:hunter2@mail.example.com?tls=none",
		"smtp://u:hunter2@mail.example.com?debug=1",
		"smtp://u:hunter2@mail.example.com?tls=none&tls=mandatory", "smtp://u:hunter2%0d%0a@mail.example.com",
		"smtp://u:hunter2@mail example.com",
		"smtp://u:hunter2@mail.example.com/queue", "smtp:u:hunter2@mail.example.com",
	} {
		_, err := ParseSMTPURL(raw)
		if orbit.CodeOf(err) != orbit.Invalid || strings.ContainsAny(err.Error(), "\r\n") ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func FuzzParseSMTPURL(f *testing.F) {
	f.Add("smtp://user:password@host:587?tls=none")
	f.Add("smtps://u:p%2F@[::1]")
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := ParseSMTPURL(raw)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") || orbit.CodeOf(err) != orbit.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		if s.Host == "" || s.Port < 1 || s.Port > 65535 || s.TLS == "" {
			t.Errorf("%+v", s)
		}
	})
}

func TestServerHidesItsPassword(t *testing.T) {
	t.Parallel()
	s := must(ParseSMTPURL("smtp://ada:hunter2@mail.example.com"))
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, s); strings.Contains(got, "hunter2") || !strings.Contains(got, "mail.example.com:587") {
			t.Error(format, got)
		}
	}
}

func TestParseFrom(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"ORBIT360 <no-reply@orbit360.app>": `"ORBIT360" <no-reply@orbit360.app>`,
		"no-reply@Localhost":               "<no-reply@localhost>",
		`"Zoë, Shop" <z@example.com>`:      "=?utf-8?b?Wm/DqywgU2hvcA==?= <z@example.com>",
	} {
		if got, err := ParseFrom(raw); err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", raw, got.String(), err)
		}
	}
	for _, raw := range []string{"", "ORBIT360", "a@b@c", "A <a@example.com>, B <b@example.com>",
		"A <a@example.com>\r\nBcc: b@example.com", "a@[127.0.0.1]", "a@127.0.0.1", "a@exa mple.com"} {
		if got, err := ParseFrom(raw); orbit.CodeOf(err) != orbit.Invalid {
			t.Errorf("%q: %v, %v", raw, got, err)
		}
	}
}
