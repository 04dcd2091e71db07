package pg

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun/schema"
)

// A statement should stay the same text whatever it carries: PostgreSQL then plans it once per connection instead of
// every time. So several rows travel as JSON. bun's schema says what the columns are.

// insertion is how rows of a model go into a table.
type insertion struct {
	fields    []*schema.Field
	one, many string // statements: a parameter a column; one parameter, an array of objects
}

func (db *DB) insertion(table string, t reflect.Type) *insertion {
	type key struct {
		table string
		t     reflect.Type
	}
	if known, ok := db.lists.Load(key{table, t}); ok {
		return known.(*insertion)
	}
	in := &insertion{}
	var columns, places []string
	for _, f := range db.bun.Table(t).Fields {
		if !f.AutoIncrement {
			in.fields = append(in.fields, f)
			columns = append(columns, `"`+f.Name+`"`)
			places = append(places, fmt.Sprintf("$%d", len(in.fields)))
		}
	}
	list := strings.Join(columns, ", ")
	in.one = "INSERT INTO " + table + " (" + list + ") VALUES (" + strings.Join(places, ", ") + ")"
	in.many = "INSERT INTO " + table + " (" + list + ") SELECT " + list + " FROM jsonb_populate_recordset(NULL::" + table +
		", $1)"
	db.lists.Store(key{table, t}, in)
	return in
}

// Insert adds an INSERT of all rows, a slice of a model or one of them.
func (b *Batch) Insert(table string, rows any) {
	v := reflect.Indirect(reflect.ValueOf(rows))
	if v.Kind() == reflect.Slice && v.Len() == 1 {
		v = v.Index(0)
	}
	if v.Kind() != reflect.Slice {
		in := b.db.insertion(table, v.Type())
		b.Exec(in.one, values(in.fields, v)...)
		return
	}
	b.Exec(b.db.insertion(table, v.Type().Elem()).many, b.Rows(rows))
}

// Rows returns rows of a model, a slice, as jsonb_populate_recordset takes them: one statement is the same for any
// number of them.
func (b *Batch) Rows(rows any) string {
	v := reflect.Indirect(reflect.ValueOf(rows))
	fields := b.db.insertion("", v.Type().Elem()).fields
	data := []byte{'['}
	for i := range v.Len() {
		if i > 0 {
			data = append(data, ',')
		}
		data = append(data, '{')
		for _, f := range fields {
			value := f.Value(v.Index(i))
			if f.NullZero && value.IsZero() {
				continue
			}
			if data[len(data)-1] != '{' {
				data = append(data, ',')
			}
			data = append(append(append(data, '"'), f.Name...), '"', ':')
			var err error
			if data, err = appendJSON(data, value); err != nil {
				b.Err = err
				return ""
			}
		}
		data = append(data, '}')
	}
	return string(append(data, ']'))
}

// values returns what a row has in some fields, as arguments.
func values(fields []*schema.Field, row reflect.Value) []any {
	args := make([]any, len(fields))
	for i, f := range fields {
		if value := f.Value(row); !f.NullZero || !value.IsZero() {
			args[i] = value.Interface()
		}
	}
	return args
}

// Insert adds one row where it meets no conflict (an ON CONFLICT clause), and reports how many that were.
func Insert(ctx context.Context, on Source, table string, row any, conflict string) (made int, err error) {
	db, _ := on.source()
	v := reflect.Indirect(reflect.ValueOf(row))
	in := db.insertion(table, v.Type())
	return Exec(ctx, on, in.one+" "+conflict, values(in.fields, v)...)
}

// Update adds an UPDATE of all that a row, found by its id, has.
func (b *Batch) Update(table string, row any) {
	v := reflect.Indirect(reflect.ValueOf(row))
	fields := b.db.bun.Table(v.Type()).DataFields
	var set []string
	for i, f := range fields {
		set = append(set, fmt.Sprintf(`"%s" = $%d`, f.Name, i+2))
	}
	b.Exec("UPDATE "+table+" SET "+strings.Join(set, ", ")+" WHERE id = $1",
		slices.Concat(values(b.db.bun.Table(v.Type()).PKs, v), values(fields, v))...)
}

// appendJSON is json.Marshal without its ceremony for what most columns hold.
func appendJSON(data []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); plain(s) {
			return append(append(append(data, '"'), s...), '"'), nil
		}
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(data, v.Int(), 10), nil
	}
	value, err := json.Marshal(v.Interface())
	return append(data, value...), err
}

// plain reports whether a text is the same in JSON.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
