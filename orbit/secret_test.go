package orbit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// A secret shows nowhere: by no verb, in no struct, log or JSON, and neither do the keys.
func TestSecretDoesNotShow(t *testing.T) {
	t.Parallel()
	const canary = "canary-4f1d"
	type holder struct {
		Secret Secret
		own    Secret
		List   []Secret
		Map    map[string]Secret
	}
	s := NewSecret(canary)
	keys := NewSecretKeys([]byte(canary), []byte(canary))
	c, err := keys.Cipher(PaymentSecrets)
	if err != nil {
		t.Fatal(err)
	}
	account := PaymentAccount{Provider: "stripe", Secrets: map[string]string{"secretKey": canary},
		Webhook: ProviderWebhook{"we_1", canary}}
	var out bytes.Buffer
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%e", "%T"}
	show := func(v any, verbs ...string) {
		for _, verb := range verbs {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).With("bound", v).WithGroup("group").Info("message", "value", v)
		}
	}
	for _, v := range []any{s, &s, holder{s, s, []Secret{s}, map[string]Secret{"a": s}}, &holder{own: s}, keys, &keys, c,
		fmt.Errorf("it was %v, %s", s, s)} {
		show(v, append(verbs, "%p")...)
	}
	for _, v := range []any{account, &account, []PaymentAccount{account}} {
		show(v, verbs...)
	}
	for _, verb := range verbs {
		fmt.Fprintf(&out, verb+"\n", account.Webhook)
	}
	for _, v := range []any{s, &s, holder{Secret: s, List: []Secret{s}, Map: map[string]Secret{"a": s}}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		out.Write(b)
	}
	shown := strings.ToLower(out.String())
	for form, text := range map[string]string{"as it is": canary, "in hex": fmt.Sprintf("%x", canary),
		"as bytes": strings.Trim(fmt.Sprint([]byte(canary)), "[]"), "quoted": fmt.Sprintf("%#v", []byte(canary)[:3])[7:]} {
		if at := strings.Index(shown, strings.ToLower(text)); at >= 0 {
			t.Errorf("the secret shows %s: …%s", form, shown[max(0, at-200):at+len(text)])
		}
	}
	if !strings.Contains(shown, `value=[secret]`) || !strings.Contains(shown, `"value":"[secret]"`) {
		t.Error("the mask doesn't show")
	}
}

// A secret is read from JSON, and what was masked isn't taken for one.
func TestSecretFromJSON(t *testing.T) {
	t.Parallel()
	var s struct{ Key, None Secret }
	if err := json.Unmarshal([]byte(`{"Key":"sk_test"}`), &s); err != nil || s.Key.Reveal() != "sk_test" ||
		s.Key.IsZero() || !s.None.IsZero() || s.None.Reveal() != "" {
		t.Error(s.Key.Reveal(), err)
	}
	masked, err := json.Marshal(s)
	if err != nil || json.Unmarshal(masked, &s) == nil {
		t.Errorf("%s is taken for a secret: %v", masked, err)
	}
}
