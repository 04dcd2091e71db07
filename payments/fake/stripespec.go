package fake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/param/coercer"
	"github.com/stripe/stripe-mock/spec"
)

// stripeSpec is what Stripe publishes of the calls that its fake answers.
type stripeSpec struct {
	version  string
	requests map[string]*spec.Schema // by method and path: "POST /v1/refunds"
	samples  map[string]map[string]any
}

// published reads Stripe's OpenAPI document once: 8 MB, of which only the operations in use are decoded.
var published = sync.OnceValue(func() *stripeSpec {
	var document struct {
		Info  spec.Info                  `json:"info"`
		Paths map[string]json.RawMessage `json:"paths"`
	}
	var fixtures struct {
		Resources map[string]json.RawMessage `json:"resources"`
	}
	mustDecode(embedded.OpenAPISpec, &document)
	mustDecode(embedded.OpenAPIFixtures, &fixtures)
	s := &stripeSpec{version: document.Info.Version, requests: map[string]*spec.Schema{},
		samples: map[string]map[string]any{}}
	for _, c := range (*Stripe)(nil).calls() {
		method, path, _ := strings.Cut(c.pattern, " ")
		var operations map[string]*spec.Operation
		mustDecode(document.Paths[path], &operations)
		operation := operations[strings.ToLower(method)]
		schema := spec.BuildQuerySchema(operation)
		if body := operation.RequestBody; method == "POST" && body != nil {
			schema = body.Content["application/x-www-form-urlencoded"].Schema
		}
		strict(schema)
		s.requests[c.pattern] = schema
	}
	for _, kind := range []string{"account", "charge", "checkout.session", "dispute", "event", "payment_intent", "refund",
		"webhook_endpoint"} {
		var sample map[string]any
		mustDecode(fixtures.Resources[kind], &sample)
		s.samples[kind] = sample
	}
	return s
})

func mustDecode(text []byte, into any) {
	if err := json.Unmarshal(text, into); err != nil {
		panic(fmt.Sprintf("fake: Stripe's document can't be read: %v", err))
	}
}

// strict has objects within a request refuse what they don't name, as Stripe does: the document says it of the
// outermost one only.
func strict(s *spec.Schema) {
	if s == nil {
		return
	}
	if s.AdditionalProperties == nil && len(s.Properties) > 0 {
		s.AdditionalPropertiesAllowed = false
	}
	for _, property := range s.Properties {
		strict(property)
	}
	for _, either := range s.AnyOf {
		strict(either)
	}
	strict(s.Items)
	strict(s.AdditionalProperties)
}

// check converts parameters to their types and returns the first thing that the document refuses.
func (s *stripeSpec) check(call string, params map[string]any) *stripeError {
	schema := s.requests[call]
	if err := coercer.CoerceParams(schema, params); err != nil {
		return invalid("parameter_invalid", "", "Invalid request: %v", err)
	}
	return checkObject(schema, params, "")
}

func checkObject(schema *spec.Schema, params map[string]any, path string) *stripeError {
	for _, name := range schema.Required {
		if _, ok := params[name]; !ok {
			return missingParam(within(path, name))
		}
	}
	for name, value := range params {
		property, known := schema.Properties[name]
		switch {
		case known:
		case schema.AdditionalProperties != nil:
			property = schema.AdditionalProperties
		case !schema.AdditionalPropertiesAllowed:
			return invalid("parameter_unknown", within(path, name), "Received unknown parameter: %s", within(path, name))
		default:
			continue
		}
		if err := checkValue(property, value, within(path, name)); err != nil {
			return err
		}
	}
	return nil
}

func checkValue(schema *spec.Schema, value any, path string) *stripeError {
	if len(schema.AnyOf) > 0 {
		var last *stripeError
		for _, either := range schema.AnyOf {
			if last = checkValue(either, value, path); last == nil {
				return nil
			}
		}
		return last
	}
	switch schema.Type {
	case spec.TypeObject:
		object, ok := value.(map[string]any)
		if !ok {
			return invalid("parameter_invalid_object", path, "Invalid object: %s", path)
		}
		return checkObject(schema, object, path)
	case spec.TypeArray:
		list, ok := value.([]any)
		if !ok {
			return invalid("parameter_invalid_array", path, "Invalid array: %s", path)
		}
		for i, item := range list {
			if schema.Items == nil {
				break
			}
			if err := checkValue(schema.Items, item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	case spec.TypeInteger:
		if _, ok := value.(int); !ok {
			return invalid("parameter_invalid_integer", path, "Invalid integer: %v", value)
		}
	case spec.TypeBoolean:
		if _, ok := value.(bool); !ok {
			return invalid("parameter_invalid_boolean", path, "Invalid boolean: %v", value)
		}
	case spec.TypeString:
		return checkText(schema, value, path)
	}
	return nil
}

func checkText(schema *spec.Schema, value any, path string) *stripeError {
	text, ok := value.(string)
	switch {
	case !ok:
		return invalid("parameter_invalid_string", path, "Invalid string: %s", path)
	case schema.MaxLength > 0 && utf8.RuneCountInString(text) > schema.MaxLength:
		return invalid("parameter_invalid_string", path, "Invalid string: %s; must be at most %d characters", path,
			schema.MaxLength)
	case len(schema.Enum) > 0 && !slices.Contains(schema.Enum, any(text)):
		return invalid("parameter_invalid_enum", path, "Invalid %s: must be one of %v", path, schema.Enum)
	}
	return nil
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "[" + name + "]"
}
