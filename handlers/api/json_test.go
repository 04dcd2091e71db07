package api_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Each line is a body for POST /plans and how it is refused; nothing is made of any.
func TestStrictJSON(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	before := p.count(`SELECT count(*) FROM plans`)
	plan := func(more string) string { return `{"name":"Growth","price":100` + more + `}` }
	for name, c := range map[string]struct {
		body   string
		status int
		at     string // of the one error
	}{
		"malformed":             {`{"name":`, 400, ""},
		"not JSON at all":       {`name=Growth`, 400, ""},
		"single quotes":         {`{'name':'Growth'}`, 400, ""},
		"trailing comma":        {`{"name":"Growth","price":1,}`, 400, ""},
		"comment":               {`{"name":"Growth"/**/}`, 400, ""},
		"NaN":                   {plan(`,"x":NaN`), 400, ""},
		"trailing data":         {plan("") + `{}`, 400, ""},
		"trailing word":         {plan("") + ` true`, 400, ""},
		"byte order mark":       {"\ufeff" + plan(""), 400, ""},
		"only space":            {"  ", 400, ""},
		"duplicate key":         {plan(`,"price":200`), 400, ""},
		"duplicate, escaped":    {plan(`,"pr\u0069ce":200`), 400, ""},
		"duplicate, inside":     {plan(`,"limits":{"products":1,"products":2}`), 400, ""},
		"bad UTF-8":             {"{\"name\":\"Gr\xffwth\",\"price\":1}", 400, ""},
		"bad UTF-8 in a key":    {"{\"na\xc0me\":\"Growth\",\"price\":1}", 400, ""},
		"half a surrogate":      {`{"name":"Gr\ud800wth","price":1}`, 400, ""},
		"deep lists":            {plan(`,"features":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), 400, ""},
		"deep objects":          {strings.Repeat(`{"a":`, 5_000) + `1` + strings.Repeat(`}`, 5_000), 400, ""},
		"raw control character": {"{\"name\":\"Gro\nwth\",\"price\":1}", 400, ""},
		"NUL":                   {`{"name":"Gro\u0000wth","price":1}`, 422, "body.name"},
		"NUL in a list":         {plan(`,"features":["a\u0000b"]`), 422, "body.features[0]"},
		"line break":            {`{"name":"Gro\nwth","price":1}`, 422, "body.name"},
		"a list":                {`[]`, 422, ""},
		"null":                  {`null`, 422, ""},
		"unknown key":           {plan(`,"color":"red"`), 422, "body.color"},
		"unknown, inside":       {plan(`,"limits":{"wishes":3}`), 422, "body.limits.wishes"},
		"other case":            {`{"Name":"Growth","name":"Growth","price":1}`, 422, "body.Name"},
		"id in the body":        {plan(`,"id":"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d9e"`), 422, "body.id"},
		"proto":                 {plan(`,"__proto__":{}`), 422, "body.__proto__"},
		"name a number":         {`{"name":12,"price":1}`, 422, "body.name"},
		"name null":             {`{"name":null,"price":1}`, 422, "body.name"},
		"price text":            {`{"name":"Growth","price":"100"}`, 422, "body.price"},
		"price left out":        {`{"name":"Growth"}`, 422, "body.price"},
		"price null":            {`{"name":"Growth","price":null}`, 422, "body.price"},
		"fraction of a cent":    {`{"name":"Growth","price":79.99}`, 422, "body.price"},
		"negative":              {`{"name":"Growth","price":-1}`, 422, "body.price"},
		"2^63":                  {`{"name":"Growth","price":9223372036854775808}`, 422, "body.price"},
		"-2^63-1":               {`{"name":"Growth","price":-9223372036854775809}`, 422, "body.price"},
		"1e400":                 {`{"name":"Growth","price":1e400}`, 422, "body.price"},
		"1e999999999":           {`{"name":"Growth","price":1e999999999}`, 422, "body.price"},
		"limit 2^63":            {plan(`,"limits":{"products":9223372036854775808}`), 422, "body.limits.products"},
		"limit below zero":      {plan(`,"limits":{"products":-1}`), 422, "body.limits.products"},
		"limits a list":         {plan(`,"limits":[]`), 422, "body.limits"},
		"popular as text":       {plan(`,"popular":"true"`), 422, "body.popular"},
		"feature a number":      {plan(`,"features":["a",2]`), 422, "body.features[1]"},
		"too many features":     {plan(`,"features":[` + strings.Repeat(`"a",`, 500) + `"a"]`), 422, "body.features"},
		"unknown currency":      {plan(`,"currency":"usd"`), 422, "body.currency"},
		"unknown cycle":         {plan(`,"billingCycle":"weekly"`), 422, "body.billingCycle"},
		"slug":                  {plan(`,"slug":"No Slug"`), 422, "body.slug"},
		"70 KB":                 {plan(`,"slug":"` + strings.Repeat("a", 70_000) + `"`), 413, ""},
		"800 KB":                {plan(`,"slug":"` + strings.Repeat("a", 800_000) + `"`), 413, ""},
	} {
		a := p.do("POST", base+"/plans", c.body)
		if a.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %s", name, a.StatusCode, c.status, a.raw)
			continue
		}
		a.want(t, c.status)
		if got := a.locations(); c.at == "" && len(got) > 0 || c.at != "" && (len(got) != 1 || got[0] != c.at) {
			t.Errorf("%s: errors at %v, want %q", name, got, c.at)
		}
	}
	for name, o := range map[string]option{
		"form": with("Content-Type", "application/x-www-form-urlencoded"), "xml": with("Content-Type", "application/xml"),
		"text": with("Content-Type", "text/plain"),
		"none": with("Content-Type", ""), "another charset": with("Content-Type", "application/json; charset=utf-16"),
		"like JSON": with("Content-Type", "text/json"), "junk": with("Content-Type", ";;;"),
		"gzip": with("Content-Encoding", "gzip"),
	} {
		if a := p.do("POST", base+"/plans", plan(""), o); a.StatusCode != 415 {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	p.do("POST", base+"/plans", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nGrowth\r\n--x--\r\n",
		with("Content-Type", "multipart/form-data; boundary=x")).want(t, 415)
	if n := p.count(`SELECT count(*) FROM plans`); n != before {
		t.Errorf("%d plans were made of bad bodies", n-before)
	}
	p.do("POST", base+"/plans", plan(`,"slug":"one"`), with("Content-Type",
		"application/vnd.orbit+json; charset=UTF-8")).want(t, 201)
	p.do("POST", base+"/plans", plan(`,"slug":"two"`), with("Content-Type", "APPLICATION/JSON; Charset=UTF-8")).want(t,
		201)
	p.do("POST", base+"/plans", plan(`,"slug":"three"`), with("Content-Type", "Application/Vnd.Orbit+JSON")).want(t, 201)
	a := p.do("POST", base+"/plans", `{"name":"Exact","price":1e2,"limits":{"products":5.0,"storageBytes":null}}`).want(t,
		201)
	if a.at("price") != 100.0 || a.at("limits", "products") != 5.0 || a.at("limits", "storageBytes") != nil ||
		a.at("currency") != "USD" || a.at("active") != true {
		t.Errorf("made %s", a.raw)
	}
}

// Everything that is wrong is said at once, by place, with what was sent.
func TestEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	rival, id := p.merchant("Rival"), p.merchant("Moss")
	p.do("POST", base+"/merchants/"+rival+"/activate", order("rival")).want(t, 202)
	a := p.do("POST", base+"/merchants/"+id+"/activate",
		`{"theme":"nope","planId":3,"subdomain":"rival","customDomain":"*.example.com","category":"guns",`+
			`"integrations":{"stripe":1,"x":true},"status":"active","merchantId":"x"}`).want(t, 422)
	want := []string{"body.category", "body.customDomain", "body.integrations.stripe", "body.integrations.x",
		"body.merchantId", "body.planId", "body.status", "body.subdomain", "body.theme"}
	got := a.locations()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("errors at %v", got)
	}
	for _, e := range a.at("errors").([]any) {
		if m := e.(map[string]any); m["location"] == "body.subdomain" && (m["value"] != "rival" || m["message"] == "") {
			t.Errorf("said %v", m)
		}
	}
	a = p.do("POST", base+"/themes",
		`{"name":"","slug":"-","engine":"nope","config":{"accent":"red;}body{"},`+
			`"thumbnail":"javascript:alert(1)","version":"x"}`).want(t, 422)
	if got := a.locations(); len(got) != 5 {
		t.Errorf("theme: %v", got)
	}
	a = p.do("POST", base+"/themes", `{"name":"Red","engine":"modern","config":{"nonsense":1,"color":{"a":[1]}}}`).want(t,
		422)
	if got := a.locations(); len(got) != 2 || got[0] != "body.config.color" {
		t.Errorf("config: %v in %s", got, a.raw)
	}
	a = p.do("POST", base+"/merchants", `{"name":"a\r\nBcc: x","email":"no","category":""}`).want(t, 422)
	if got := a.locations(); len(got) != 4 {
		t.Errorf("merchant: %v", got)
	}
	// PUT replaces: what is left out returns to its default.
	plan := p.do("POST", base+"/plans",
		`{"name":"Growth","price":100,"popular":true,"active":false,"features":["a"]}`).want(t, 201).at("id").(string)
	a = p.do("PUT", base+"/plans/"+plan, `{"name":"Growth","price":200}`).want(t, 200)
	if a.at("popular") != false || a.at("active") != true || len(a.at("features").([]any)) != 0 ||
		a.at("price") != 200.0 || a.at("slug") != "growth" {
		t.Errorf("replaced: %s", a.raw)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	var made []string
	for i := range 7 {
		made = append(made, p.merchant("Shop "+strconv.Itoa(i)))
	}
	slices.Reverse(made)
	var seen []string
	cursor := ""
	for {
		path := base + "/merchants?status=pending&q=shop&limit=3"
		if cursor != "" {
			path += "&cursor=" + cursor
		}
		a := p.do("GET", path, nil).want(t, 200)
		for _, item := range a.at("items").([]any) {
			seen = append(seen, item.(map[string]any)["id"].(string))
		}
		if a.at("nextCursor") == nil {
			break
		}
		cursor = a.at("nextCursor").(string)
		p.merchant("Shop in between") // new lines don't shift the pages
	}
	if !slices.Equal(seen, made) {
		t.Errorf("saw %v, made %v", seen, made)
	}
	if a := p.do("GET", base+"/merchants?status=failed", nil).want(t,
		200); string(a.raw) != `{"items":[],"nextCursor":null}`+"\n" {
		t.Errorf("an empty list is %s", a.raw)
	}
	for kind, n := range map[string]int{"themes": 3, "plans": 3} {
		first := p.do("GET", base+"/"+kind+"?limit=2&active=true", nil).want(t, 200)
		second := p.do("GET", base+"/"+kind+"?limit=2&active=true&cursor="+first.at("nextCursor").(string), nil).want(t, 200)
		if got := len(first.at("items").([]any)) + len(second.at("items").([]any)); got != n ||
			second.at("nextCursor") != nil {
			t.Errorf("%s: %d in two pages", kind, got)
		}
		p.do("GET", base+"/"+kind+"?cursor="+first.at("nextCursor").(string), nil).want(t, 422) // another filter's
	}
	flipped := []byte(cursor)
	flipped[30] ^= 1
	for _, query := range []string{"limit=0", "limit=-1", "limit=101", "limit=many", "limit=1.5",
		"limit=9223372036854775808", "cursor=forged", "cursor=" + string(flipped), "cursor=" + strings.Repeat("A", 5000),
		"status=lost", "status=pending%00", "q=%00", "q=a%0Ab", "q=%ff", "q=" + strings.Repeat("a", 300)} {
		if a := p.do("GET", base+"/merchants?"+query, nil); a.StatusCode != 422 {
			t.Errorf("%s: %d %s", query, a.StatusCode, a.raw)
		}
	}
	p.do("GET", base+"/themes?active=perhaps", nil).want(t, 422)
	p.do("GET", base+"/merchants?q=%25_%5C%27", nil).want(t, 200)
}

// Text that nobody sees is as little in what programs send as in forms; a password is what was sent.
func TestJSONTextNobodySees(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	a := p.do("POST", base+"/plans",
		`{"name":"\u202aZoe\u0308's\u200b\u00a0plan\u202c","price":100,"features":["\ufeff👩\u200d🚀","می\u200cخ"]}`).want(t,
		201)
	if want := `"name":"Zoë's plan"`; !strings.Contains(string(a.raw), want) ||
		!strings.Contains(string(a.raw), "\"features\":[\"👩\u200d🚀\",\"می\u200cخ\"]") {
		t.Errorf("%+q", a.raw)
	}
	p.do("POST", base+"/plans", `{"name":"\u200b\u3164\u2060","price":100}`).want(t, 422)
	p.do("POST", base+"/merchants",
		`{"name":"Juni\u00adper","ownerName":"Ada","email":"a\u2060da@juniper.example","category":"fashion"}`).want(t, 201)
	for _, q := range []string{"q=jun%E2%80%8Biper", "q=%E2%80%ADjuniper%E2%80%AC"} {
		if a := p.do("GET", base+"/merchants?"+q, "").want(t, 200); !strings.Contains(string(a.raw), "ada@juniper.example") {
			t.Error(q, a.raw)
		}
	}
	p.do("POST", "/api/auth/token", `{"email":"\u202aada@example.com\u202c","password":"`+adminPassword+`\u200b"}`,
		anonymous).want(t, 401)
}
