package api

import (
	"cmp"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// maxFaults is how many faults one answer lists.
const maxFaults = 100

// content says in an operation's input that its body is a T; huma describes it, reader reads it.
type content[T any] struct{}

// Schema is T's.
func (content[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

// reader fills a struct from a body by the same tags that describe it, and notes everything that doesn't
// fit: keys that aren't there (case counts), values of another type, required ones that are missing.
type reader struct {
	wrong   orbit.Faults // these come before what the rules have to say about a field
	missing orbit.Faults // and these after: a rule's sentence is the better one
	names   map[string]string
	fixed   []string // fields that objects have and bodies can't
	most    int      // entries of the list that is read, 0 for maxFaults
}

// read is the body as a T, as far as it fits, and what doesn't.
func read[T any](c *call) (v T, r *reader) {
	r = &reader{fixed: c.readOnly}
	r.object(reflect.ValueOf(&v).Elem(), c.body, "")
	return v, r
}

// with adds what the rules say about the content that fits. The result is nil where nothing is wrong.
func (r *reader) with(err error) error {
	if len(r.wrong) == 0 && len(r.missing) == 0 {
		return err
	}
	if err != nil && len(orbit.FaultsOf(err)) == 0 && orbit.CodeOf(err) != orbit.Invalid {
		return err // the database is away, or there is no such merchant
	}
	faults := slices.Clone(r.wrong)
	for _, f := range orbit.FaultsOf(err) {
		if !covered(f.Field, r.wrong) {
			faults = append(faults, f)
		}
	}
	for _, f := range r.missing {
		if !covered(f.Field, faults) {
			faults = append(faults, f)
		}
	}
	refusal := faults[:min(len(faults), maxFaults)].Err()
	if err != nil && orbit.CodeOf(err) == orbit.Invalid {
		refusal = orbit.Errorf(orbit.Invalid, "%s", orbit.Sentence(err)).With(faults[:min(len(faults), maxFaults)]...)
	}
	return refusal
}

// renamed has faults name the fields as they were sent, where a rule knows them by another name.
func (r *reader) renamed(err error) error {
	e, ok := errors.AsType[*orbit.Error](err)
	if !ok || len(r.names) == 0 || len(e.Faults) == 0 {
		return err
	}
	clone := *e
	clone.Faults = slices.Clone(e.Faults)
	for i, f := range clone.Faults {
		if name := r.names[f.Field]; name != "" {
			clone.Faults[i].Field = name
		}
	}
	return &clone
}

// ok reports whether everything fitted.
func (r *reader) ok() bool { return len(r.wrong) == 0 && len(r.missing) == 0 }

// covered reports whether a field, or what holds it, has a fault already.
func covered(field string, faults []orbit.Fault) bool {
	return slices.ContainsFunc(faults, func(f orbit.Fault) bool {
		return field == f.Field || strings.HasPrefix(field, f.Field+".") || strings.HasPrefix(field, f.Field+"[")
	})
}

func (r *reader) fault(at, format string, args ...any) {
	r.wrong.Add(at, "", format, args...)
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func (r *reader) object(v reflect.Value, n *node, at string) {
	fields := map[string]int{}
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = i
		if n.field(name) == nil && !strings.Contains(options, "omitempty") {
			r.missing.Add(join(at, name), "", "This is required.")
		}
	}
	for i, key := range n.keys {
		if f, ok := fields[key]; ok {
			most := r.most
			r.most, _ = strconv.Atoi(v.Type().Field(f).Tag.Get("maxItems"))
			r.value(v.Field(f), n.items[i], join(at, key))
			r.most = most
			continue
		}
		message := "There is no such field here."
		if at == "" && slices.Contains(r.fixed, key) {
			message = "This field is read-only."
		}
		for name := range fields {
			if strings.EqualFold(name, key) {
				message = "There is no such field here. Is it " + name + "?"
			}
		}
		r.fault(join(at, shortText(key)), "%s", message)
	}
}

func (r *reader) value(v reflect.Value, n *node, at string) {
	if change, ok := v.Addr().Interface().(interface{ read(*reader, *node, string) }); ok {
		change.read(r, n, at)
		return
	}
	if v.Kind() == reflect.Pointer {
		if n.kind == 'n' {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String && n.kind == '"':
		if strings.ContainsRune(n.text, 0) {
			r.fault(at, "Text can't contain NUL characters.")
			return
		}
		v.SetString(n.text)
	case v.Kind() == reflect.Bool && (n.kind == 't' || n.kind == 'f'):
		v.SetBool(n.kind == 't')
	case v.Kind() == reflect.Int64 && n.kind == '0':
		i, sentence := wholeNumber(n.text)
		if sentence != "" {
			r.fault(at, "%s", sentence)
		}
		v.SetInt(i)
	case v.Kind() == reflect.Slice && n.kind == '[':
		if most := cmp.Or(r.most, maxFaults); len(n.items) > most {
			r.fault(at, "A list can have at most %d entries.", most)
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
		for i, item := range n.items {
			r.value(v.Index(i), item, at+"["+strconv.Itoa(i)+"]")
		}
	case v.Kind() == reflect.Struct && n.kind == '{':
		r.object(v, n, at)
	case v.Kind() == reflect.Map && n.kind == '{':
		v.Set(reflect.ValueOf(r.free(n, at)).Convert(v.Type()))
	default:
		r.fault(at, "This has to be %s.", kinds[v.Kind()])
	}
}

var kinds = map[reflect.Kind]string{reflect.String: "text, in quotes", reflect.Bool: "true or false",
	reflect.Int64: "a whole number without quotes",
	reflect.Slice: "a list: […]", reflect.Struct: "an object: {…}", reflect.Map: "an object: {…}"}

// wholeNumber reads an integer; 10.0 and 1e1 are integers too.
func wholeNumber(text string) (int64, string) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i, ""
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.Abs(f) > 1<<53:
		return 0, "This number is too large."
	case f != math.Trunc(f):
		return 0, "This has to be a whole number."
	}
	return int64(f), ""
}

// free returns an object with any keys. Numbers become float64, as with encoding/json.
func (r *reader) free(n *node, at string) map[string]any {
	m := make(map[string]any, len(n.keys))
	for i, key := range n.keys {
		if strings.ContainsRune(key, 0) {
			r.fault(at, "Keys can't contain NUL characters.")
			continue
		}
		m[key] = r.any(n.items[i], join(at, key))
	}
	return m
}

func (r *reader) any(n *node, at string) any {
	switch n.kind {
	case '"':
		if strings.ContainsRune(n.text, 0) {
			r.fault(at, "Text can't contain NUL characters.")
		}
		return n.text
	case '0':
		f, err := strconv.ParseFloat(n.text, 64)
		if err != nil {
			r.fault(at, "This number is too large.")
		}
		return f
	case 't', 'f':
		return n.kind == 't'
	case '{':
		return r.free(n, at)
	case '[':
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = r.any(item, at)
		}
		return list
	}
	return nil
}
