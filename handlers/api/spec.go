package api

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// Groups of operations, in the order people need them.
const (
	tagSignIn       = "Signing in"
	tagCatalog      = "Themes and plans"
	tagMerchants    = "Merchants"
	tagProvisioning = "Provisioning"
	tagShop         = "Shop"
	tagProducts     = "Products"
	tagOrders       = "Orders"
	tagPayments     = "Payments"
	tagCustomers    = "Customers"
	tagDiscounts    = "Discounts"
	tagSelling      = "Shipping and taxes"
)

const version = "1.0.0"

// spec is the OpenAPI document, made once.
type spec struct{ json, yaml []byte }

func (a *API) config() huma.Config {
	format := huma.Format{
		Marshal: func(w io.Writer, v any) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			return enc.Encode(v)
		},
		// Bodies have been read by then, by rules stricter than any format's.
		Unmarshal: func([]byte, any) error { return nil },
	}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "ORBIT360", Version: version, Description: introduction,
				Contact: &huma.Contact{Name: "ORBIT360", URL: a.Addresses.Site("/")},
				License: &huma.License{Name: "Proprietary", Identifier: "LicenseRef-ORBIT360"}},
			Servers: []*huma.Server{{URL: a.Addresses.Site(""), Description: "The platform."},
				{URL: a.Addresses.Admin(""), Description: "The admin panel's host."}},
			Tags: []*huma.Tag{
				{Name: tagSignIn, Description: "Getting a token."},
				{Name: tagShop, Description: "A merchant's own shop: settings, plan, onboarding; open and closed."},
				{Name: tagProducts, Description: "What a shop sells, its inventory, and changes to many products at once."},
				{Name: tagOrders, Description: "What shoppers have bought: paid, fulfilled, refunded, canceled."},
				{Name: tagCustomers, Description: "Those who have ordered, and those who were added."},
				{Name: tagDiscounts, Description: "Discount codes and automatic discounts."},
				{Name: tagPayments, Description: "The ways to pay that a shop offers, and its accounts at their providers."},
				{Name: tagSelling, Description: "Where a shop ships to at what rates, and what it taxes."},
				{Name: tagCatalog, Description: "Themes and plans that merchants can choose."},
				{Name: tagMerchants, Description: "Applicants and their shops."},
				{Name: tagProvisioning, Description: "Setting up a merchant and following its progress."},
			},
			Components: a.components(),
		},
		Formats:       map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{a.plainErrors},
	}
}

func (a *API) components() *huma.Components {
	str := func(example any) *huma.Schema { return &huma.Schema{Type: "string", Examples: []any{example}} }
	maxLength, minLength := maxKey, 1
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return &huma.Components{
		Schemas:   schemas,
		Responses: a.problemResponses(schemas),
		SecuritySchemes: map[string]*huma.SecurityScheme{
			"token": {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
				Description: "An admin's access token from `POST /api/auth/token`."},
			"apiKey": {Type: "http", Scheme: "bearer", BearerFormat: "orb_…",
				Description: "An API key, created by an admin in the admin panel under **API keys**. Send it like a token."},
			"merchantToken": {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
				Description: "A merchant's access token from `POST /api/auth/token`. It may do what its owner may do in the " +
					"shop."},
			"shopKey": {Type: "http", Scheme: "bearer", BearerFormat: "orb_…", Description: scopesAbout()},
		},
		Parameters: map[string]*huma.Param{headerKey: {Name: headerKey, In: "header",
			Description: "Makes retries safe: for 24 hours, the same key with the same request returns the first response, " +
				"with `Idempotent-Replayed: true`. A different request with the same key is 422; 409 while the first is still " +
				"running. 5xx responses aren't stored.",
			Schema: &huma.Schema{Type: "string", MinLength: &minLength, MaxLength: &maxLength,
				Examples: []any{"activate-awesome-store-1"}}}},
		Headers: map[string]*huma.Header{
			"RateLimit": {Description: "What is left: `r` requests now, `t` seconds until all of them.",
				Schema: str(`"default";r=199;t=1`)},
			"RateLimit-Policy": {Description: "What is allowed: `q` requests in a window of `w` seconds.",
				Schema: str(`"default";q=200;w=2`)},
			"Retry-After":      {Description: "Seconds to wait.", Schema: &huma.Schema{Type: "integer", Examples: []any{1}}},
			"WWW-Authenticate": {Description: "How to sign in.", Schema: str(`Bearer realm="ORBIT360"`)},
			headerReplayed: {Description: "true on a repeated response.",
				Schema: &huma.Schema{Type: "string", Enum: []any{"true"}, Examples: []any{"true"}}},
		},
	}
}

// scopesAbout describes a shop's API keys with their scopes.
func scopesAbout() string {
	about := "An API key of a shop, created in its dashboard under **Settings → API keys**. Send it like a token. It " +
		"may do what its scopes name and the member who created it may do. `:write` includes `:read`. The scopes:"
	for _, s := range orbit.APIScopes() {
		about += " `" + string(s.Value) + "` (" + strings.ToLower(s.Name[:1]) + s.Name[1:] + ")"
	}
	return about + "."
}

const introduction = "Merchants work in their shop under `/api/merchant`, with an API key of the shop or a token. " +
	"Admins of the platform set shops up under `/api/provisioning`: create a merchant, activate it, follow it to " +
	"COMPLETED.\n\n" +
	"**JSON** in UTF-8, keys in camelCase. Times are RFC 3339 in UTC, ids are strings, money is whole numbers in the " +
	"currency's smallest unit. " +
	"Unknown keys in a body are refused. Bodies have at most 64 KiB.\n\n" +
	"**Errors** are problem documents (RFC 9457); `errors` lists everything that is wrong at once.\n\n" +
	"**Limits**: 100 requests a second for each credential, in bursts of up to 200. `RateLimit` headers on every " +
	"answer say what is left.\n\n" +
	"**Lists** have `items` and `nextCursor`; give the latter as `cursor` for the next page."

// publish makes the document from what has been registered and serves it, with the page for people.
func (a *API) publish() {
	doc := a.huma.OpenAPI()
	for _, item := range doc.Paths {
		for _, op := range operations(item) {
			// huma describes a callback's answer and Any by itself; the rest of each answer is said already.
			a.describeAnswer(op, doc.Components.Schemas)
			describeIDs(op)
		}
	}
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
	var err error
	if a.spec.json, err = doc.MarshalJSON(); err != nil {
		panic(err) // a broken build
	}
	if a.spec.yaml, err = doc.YAML(); err != nil {
		panic(err)
	}
	a.docs = a.document()
	serve := func(kind string, body []byte) fiber.Handler {
		return func(c *fiber.Ctx) error {
			c.Set(fiber.HeaderContentType, kind)
			c.Set(fiber.HeaderCacheControl, "public, max-age=300")
			return c.Send(body)
		}
	}
	a.app.Get("/api/openapi.json", serve("application/json", a.spec.json))
	a.app.Get("/api/openapi.yaml", serve("application/yaml", a.spec.yaml))
	a.app.Get("/api/docs", a.showDocs)
	a.app.Get("/api", func(c *fiber.Ctx) error { return c.Redirect("/api/docs", fiber.StatusSeeOther) })
	a.app.Use(a.nothingHere)
}

// describeIDs says that ids are UUIDs, on a copy: huma would otherwise refuse others with 422, while here
// what can't be an id names nothing, which is 404.
func describeIDs(op *huma.Operation) {
	for i, p := range op.Parameters {
		if p.In == "path" {
			param, schema := *p, *p.Schema
			schema.Format = "uuid"
			param.Schema = &schema
			op.Parameters[i] = &param
		}
	}
}

func operations(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// nothingHere answers what no operation takes: 405 where another method would do, else 404.
func (a *API) nothingHere(c *fiber.Ctx) error {
	methods := a.methods(c.Path())
	if len(methods) == 0 {
		return orbit.Errorf(orbit.NotFound, "There is nothing at this address. See /api/docs.")
	}
	c.Set(fiber.HeaderAllow, strings.Join(methods, ", "))
	return statusError{fiber.StatusMethodNotAllowed, "This address doesn't take " + shortText(c.Method()) + ", but " +
		strings.Join(methods, ", ") + "."}
}

// methods returns those that an address takes.
func (a *API) methods(path string) (methods []string) {
	if slices.Contains([]string{"/api", "/api/docs", "/api/openapi.json", "/api/openapi.yaml"}, path) {
		return []string{fiber.MethodGet, fiber.MethodHead}
	}
	for template, item := range a.huma.OpenAPI().Paths {
		if !matches(template, path) {
			continue
		}
		for _, op := range operations(item) {
			methods = append(methods, op.Method)
			if op.Method == fiber.MethodGet {
				methods = append(methods, fiber.MethodHead)
			}
		}
	}
	slices.Sort(methods)
	return methods
}

// matches reports whether a path is one of a template such as /merchants/{id}.
func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && (!strings.HasPrefix(want[i], "{") || got[i] == "") {
			return false
		}
	}
	return true
}

// describeAnswer says what huma can't know: activating answers with a Status or, for a dry run, with a
// Preview; events are text.
func (a *API) describeAnswer(op *huma.Operation, schemas huma.Registry) {
	switch op.OperationID {
	case "activateMerchant":
		op.Responses["422"] = a.problemResponse(schemas, kindOf(422),
			[]ProblemError{{"body.subdomain", "“admin” is reserved. Choose another subdomain.", "admin"},
				{"body.plan", "This plan isn't available. Choose another.", "gold"}})
		op.Responses["202"].Content["application/json"].Schema = schemas.Schema(reflect.TypeFor[Status](), true, "")
		op.Responses["200"] = &huma.Response{Description: "For a dry run: what would happen.",
			Headers: op.Responses["202"].Headers,
			Content: map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[Preview](), true,
				""), Example: examplePreview(a)}}}
	case "refundOrder":
		op.Responses["200"] = &huma.Response{Description: "For a dry run: what would be refunded.",
			Headers: op.Responses["201"].Headers,
			Content: map[string]*huma.MediaType{"application/json": {Schema: op.Responses["201"].Content["application/json"].
				Schema, Example: exampleRefund(orbit.RefundID{})}}}
	case "exportOrders", "exportProducts":
		op.Responses["200"].Content["text/csv"].Schema = &huma.Schema{Type: "string"}
	case "streamProvisioning":
		op.Responses["200"].Content["text/event-stream"].Schema = &huma.Schema{Type: "string"}
	}
}
