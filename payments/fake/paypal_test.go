package fake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

// ppCaller calls a PayPal by hand, as one account.
type ppCaller struct {
	*testing.T
	*fake.PayPal
	token string
}

func (c ppCaller) call(method, path, id, body string) (status int, answer string) {
	c.Helper()
	req, err := http.NewRequestWithContext(c.Context(), method, c.URL+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	if id != "" {
		req.Header.Set("PayPal-Request-Id", id)
	}
	return c.send(req)
}

func (c ppCaller) send(req *http.Request) (status int, answer string) {
	c.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// signIn gets the token of an account.
func (c *ppCaller) signIn(world string, account orbit.PaymentAccount) int {
	c.Helper()
	req, err := http.NewRequestWithContext(c.Context(), http.MethodPost, c.URL+world+"/v1/oauth2/token",
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		c.Fatal(err)
	}
	req.SetBasicAuth(account.Secrets["clientId"], account.Secrets["clientSecret"])
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, text := c.send(req)
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		c.Fatal(err)
	}
	c.token = answer.Token
	return status
}

const ppOrderBody = `{"intent":"CAPTURE","purchase_units":[{"reference_id":"order","custom_id":"payment",` +
	`"invoice_id":"invoice","description":"Shop","amount":{"currency_code":"EUR","value":"12.00"}}],"payment_source":` +
	`{"paypal":{"experience_context":{"user_action":"PAY_NOW","shipping_preference":"NO_SHIPPING","locale":"de-DE",` +
	`"return_url":"https://shop.example/r","cancel_url":"https://shop.example/c"}}}}`

// TestPayPalIsStrict: whatever isn't as PayPal documents it is refused.
func TestPayPalIsStrict(t *testing.T) {
	t.Parallel()
	c := ppCaller{t, fake.NewPayPal(), ""}
	t.Cleanup(c.Close)
	if status, _ := c.call("POST", "/v2/checkout/orders", "1", ppOrderBody); status != 401 {
		t.Error("without a token:", status)
	}
	account := c.Account(true)
	if status := c.signIn("/live", account); status != 401 || c.token != "" {
		t.Error("a sandbox account in the other world:", status)
	}
	if status := c.signIn("/sandbox", account); status != 200 || c.token == "" {
		t.Fatal(status)
	}
	status, first := c.call("POST", "/v2/checkout/orders", "1", ppOrderBody)
	if status != 201 || !strings.Contains(first, "payer-action") {
		t.Fatal(status, first)
	}
	if status, again := c.call("POST", "/v2/checkout/orders", "1", ppOrderBody); status != 201 || again != first {
		t.Error("the same request has another answer:", status, again)
	}
	for name, change := range map[string][3]string{
		"request ID":    {"12.00", "13.00", "422 DUPLICATE_REQUEST_ID"},
		"unknown":       {`"intent"`, `"color":"red","intent"`, "400 "},
		"nested":        {`"user_action"`, `"shipping":1,"user_action"`, "400 "},
		"wrong type":    {`"12.00"`, `12`, "400 "},
		"after it":      {`}}}}`, `}}}}{}`, "400 "},
		"broken":        {`}}}}`, `}}}`, "400 "},
		"intent":        {"CAPTURE", "AUTHORIZE", "400 "},
		"no amount":     {`"amount":{"currency_code":"EUR","value":"12.00"}`, `"amount":null`, "400 "},
		"no custom ID":  {`"custom_id":"payment",`, "", "400 "},
		"shipping":      {"NO_SHIPPING", "GET_FROM_FILE", "400 "},
		"locale":        {"de-DE", "de_DE", "400 "},
		"return URL":    {"https://shop.example/r", "/r", "400 "},
		"description":   {`"Shop"`, `"` + strings.Repeat("x", 128) + `"`, "400 "},
		"currency":      {"EUR", "KWD", "422 CURRENCY_NOT_SUPPORTED"},
		"decimals":      {"12.00", "12.0", "422 DECIMAL_PRECISION"},
		"no decimals":   {"EUR", "HUF", "422 DECIMAL_PRECISION"},
		"nothing":       {"12.00", "0.00", "422 CANNOT_BE_ZERO_OR_NEGATIVE"},
		"less":          {"12.00", "-1.00", "422 "},
		"no request ID": {"", "", "400 PAYPAL_REQUEST_ID_REQUIRED"},
	} {
		id := map[string]string{"request ID": "1", "no request ID": ""}[name]
		if name != "request ID" && name != "no request ID" {
			id = "of " + name
		}
		want, issue, _ := strings.Cut(change[2], " ")
		body := strings.Replace(ppOrderBody, change[0], change[1], 1)
		status, answer := c.call("POST", "/v2/checkout/orders", id, body)
		if strconv.Itoa(status) != want || !strings.Contains(answer, issue) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for _, path := range []string{"/v2/checkout/orders/ORDER0", "/v2/checkout/orders/", "/v2/payments/captures/x", "/"} {
		if status, _ := c.call("GET", path, "", ""); status != 404 {
			t.Error(path, status)
		}
	}
	other := ppCaller{t, c.PayPal, ""}
	other.signIn("/sandbox", c.Account(true))
	var order struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(first), &order); err != nil {
		t.Fatal(err)
	}
	for _, call := range []struct {
		as     ppCaller
		status int
		issue  string
	}{{c, 422, "ORDER_NOT_APPROVED"}, {other, 404, ""}} {
		status, answer := call.as.call("POST", "/v2/checkout/orders/"+order.ID+"/capture", "2", "{}")
		if status != call.status || !strings.Contains(answer, call.issue) {
			t.Error(status, answer)
		}
	}
	if len(c.Ledger.Payments()) > 0 {
		t.Error("something was charged:", c.Ledger.Payments())
	}
}
