package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	views "orbit360.app/views/api"
)

// showDocs is the page for people.
func (a *API) showDocs(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", kit.ContentSecurityPolicy)
	return a.Render(c, fiber.StatusOK, views.Page(a.docs))
}

// document is what the page shows, taken from the document for machines: neither can say what the other
// doesn't.
func (a *API) document() views.Docs {
	doc := a.huma.OpenAPI()
	d := views.Docs{Addresses: a.Addresses, Version: doc.Info.Version, Intro: strings.Split(doc.Info.Description, "\n\n")}
	for _, tag := range doc.Tags {
		g := views.Group{ID: anchor(tag.Name), Name: tag.Name, About: tag.Description}
		for _, path := range a.order {
			for _, op := range operations(doc.Paths[path.path]) {
				if op.Method == path.method && slices.Contains(op.Tags, tag.Name) {
					g.Operations = append(g.Operations, a.describe(op))
				}
			}
		}
		d.Groups = append(d.Groups, g)
	}
	for _, k := range problemKinds {
		d.Problems = append(d.Problems, views.Problem{Status: strconv.Itoa(k.Status), ID: k.Name, Title: k.Title,
			About: k.About})
	}
	for _, s := range orbit.APIScopes() {
		d.Scopes = append(d.Scopes, views.Scope{Name: string(s.Value), About: s.Name,
			Permission: permissionWords(s.Value.Permission())})
	}
	for _, name := range []string{"Shop", "ShopAddress", "ShopPlan", "ShopUsage", "ShopOnboarding", "ShopStep", "Order",
		"OrderCustomer", "OrderAddress", "OrderLine", "OrderTax", "OrderDiscount", "OrderShipping", "OrderTransaction",
		"OrderRefund", "OrderRefundLine", "OrderFulfillment", "OrderFulfillmentLine", "OrderEntry", "PaymentProvider",
		"ProviderCheck", "Customer", "Discount", "DiscountMinimum", "Status", "Step",
		"Deployment", "Merchant", "Theme", "Plan", "Limits", "Preview", "Problem", "ProblemError"} {
		d.Schemas = append(d.Schemas, views.Schema{ID: name, Name: name,
			Fields: a.fields(&huma.Schema{Ref: schemaRef + name}, "", false)})
	}
	return d
}

// permissionWords is what a person needs for a scope.
func permissionWords(p orbit.Permission) string {
	switch p {
	case orbit.PermissionMember:
		return "Every member"
	case orbit.PermissionOwner:
		return "Owners"
	}
	return orbit.Permissions().Name(p)
}

const schemaRef = "#/components/schemas/"

func anchor(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

func (a *API) describe(op *huma.Operation) views.Operation {
	v := views.Operation{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary,
		About: strings.Split(op.Description, "\n\n"), Open: len(op.Security) == 0,
		Scope: string(scopeOf(op))}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			continue // Idempotency-Key, which the page explains once
		}
		v.Params = append(v.Params, views.Field{Name: p.Name, Type: p.In + ", " + typeName(p.Schema), Required: p.Required,
			About: p.Description, Bounds: bounds(p.Schema)})
	}
	if op.RequestBody != nil {
		media := op.RequestBody.Content["application/json"]
		v.Body = a.fields(media.Schema, "", true)
	}
	v.Curl = curl(op)
	for _, status := range slices.Sorted(keysOf(op.Responses)) {
		r := op.Responses[status]
		if status >= "400" {
			code, _ := strconv.Atoi(status) // ours
			k := kindOf(code)
			v.Errors = append(v.Errors, views.Problem{Status: status, ID: k.Name, Title: k.Title})
			continue
		}
		answer := views.Answer{Status: status, About: r.Description}
		for _, media := range r.Content {
			answer.Schema, answer.Example = schemaAnchor(media.Schema), pretty(media.Example)
		}
		v.Answers = append(v.Answers, answer)
	}
	return v
}

func keysOf[K comparable, V any](m map[K]V) func(yield func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// schemaAnchor is where a schema stands on the page: of a page of a list, that of its items.
func schemaAnchor(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	name := strings.TrimPrefix(strings.TrimPrefix(s.Ref, schemaRef), "Page")
	if slices.Contains([]string{"Token", "Seeded"}, name) {
		return ""
	}
	return name
}

// fields returns an object's keys; those of objects inside a body follow under their path.
func (a *API) fields(s *huma.Schema, prefix string, deep bool) (all []views.Field) {
	if s.Ref != "" {
		s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	for _, name := range propertyOrder(s) {
		p := s.Properties[name]
		f := views.Field{Name: prefix + name, Type: typeName(p), Required: deep && slices.Contains(s.Required, name),
			About: p.Description, Bounds: bounds(p)}
		all = append(all, f)
		if deep && p.Ref != "" {
			all = append(all, a.fields(p, prefix+name+".", true)...)
		}
	}
	return all
}

// propertyOrder is the order of the Go fields, which huma keeps only in what it writes.
func propertyOrder(s *huma.Schema) []string {
	names := slices.Collect(keysOf(s.Properties))
	place := func(name string) int {
		if i := slices.Index(fieldOrder, name); i >= 0 {
			return i
		}
		return len(fieldOrder)
	}
	slices.SortFunc(names, func(x, y string) int {
		if px, py := place(x), place(y); px != py {
			return px - py
		}
		return strings.Compare(x, y)
	})
	return names
}

// fieldOrder is how people expect fields to follow each other.
var fieldOrder = []string{
	"id", "merchant", "key", "email", "password", "name", "owner", "ownerName", "slug", "theme", "themeId",
	"plan", "planId", "subdomain", "customDomain", "primaryHost", "category", "status", "live", "legalName",
	"phone", "address", "currentStep", "completionPercent", "percent", "steps", "retryCount", "maxRetries",
	"errorLog", "description", "thumbnail", "version", "engine", "config", "price", "currency", "billingCycle",
	"features", "limits", "integrations", "goLive", "popular", "active", "location", "message", "value",
	"startedAt", "completedAt", "locale", "timezone", "weightUnit", "orderPrefix", "tagline", "seo", "social",
	"usage", "onboarding", "done", "number", "paymentStatus", "fulfillmentStatus", "test", "customer", "shippingAddress",
	"billingAddress", "taxIncluded", "lines", "subtotal", "discounts", "shipping", "taxes", "total", "paid", "refunded",
	"due", "transactions", "refunds", "fulfillments", "note", "customerNote", "timeline", "createdAt", "updatedAt",
	"deployment",
}

func typeName(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, schemaRef)
	case len(s.AnyOf) > 0:
		return typeName(s.AnyOf[0]) + " or null"
	case s.Type == huma.TypeArray:
		return "list of " + typeName(s.Items)
	case s.Type == "":
		return "anything"
	}
	name := s.Type
	if s.Format != "" && s.Type == huma.TypeString {
		name += " (" + s.Format + ")"
	}
	if s.Nullable {
		name += " or null"
	}
	return name
}

func bounds(s *huma.Schema) string {
	var parts []string
	say := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		say("one of %s", strings.Join(values, ", "))
	}
	if s.MinLength != nil {
		say("at least %d characters", *s.MinLength)
	}
	if s.MaxLength != nil {
		say("at most %d characters", *s.MaxLength)
	}
	switch low, high := s.Minimum, s.Maximum; {
	case low != nil && high != nil:
		say("from %s to %s", decimal(*low), decimal(*high))
	case low != nil:
		say("from %s", decimal(*low))
	}
	if s.Default != nil {
		say("%v if left out", s.Default)
	}
	return strings.Join(parts, ", ")
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// curl is an operation's call. $API and $TOKEN are those of the walk at the top of the page.
func curl(op *huma.Operation) string {
	b := "curl -s"
	if strings.HasSuffix(op.Path, "-events") {
		b += "N"
	}
	if op.Method != fiber.MethodGet && (op.Method != fiber.MethodPost || op.RequestBody == nil) {
		b += " -X " + op.Method
	}
	b += " $API" + strings.ReplaceAll(strings.TrimPrefix(op.Path, "/api"), "{id}", "$ID")
	if len(op.Security) > 0 {
		b += " \\\n  -H \"Authorization: Bearer $TOKEN\""
	}
	if op.RequestBody != nil {
		body, err := json.Marshal(op.RequestBody.Content["application/json"].Example)
		if err != nil {
			panic(err) // one of our examples
		}
		b += " -H 'Content-Type: application/json' \\\n  -d '" + string(body) + "'"
	}
	return b
}

func pretty(example any) string {
	if s, ok := example.(string); ok || example == nil {
		return s
	}
	b, err := json.MarshalIndent(example, "", "  ")
	if err != nil {
		panic(err) // one of our examples
	}
	return string(b)
}
