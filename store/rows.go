package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun/schema"
)

// Rows travel as JSON where a statement should stay the same text whatever it carries: PostgreSQL
// then plans it once per connection instead of every time. bun's schema says what the columns are.

func (db *DB) fields(t reflect.Type) []*schema.Field {
	var fields []*schema.Field
	for _, f := range db.bun.Table(t).Fields {
		if !f.AutoIncrement {
			fields = append(fields, f)
		}
	}
	return fields
}

// insert adds an INSERT of all rows, a slice of a model or one of them.
func (b *batch) insert(table string, rows any) {
	v := reflect.Indirect(reflect.ValueOf(rows))
	if v.Kind() != reflect.Slice {
		one := reflect.MakeSlice(reflect.SliceOf(v.Type()), 0, 1)
		v = reflect.Append(one, v)
	}
	fields := b.db.fields(v.Type().Elem())
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = `"` + f.Name + `"`
	}
	objects := make([]map[string]any, v.Len())
	for i := range objects {
		objects[i] = map[string]any{}
		for _, f := range fields {
			if value := f.Value(v.Index(i)); !f.NullZero || !value.IsZero() {
				objects[i][f.Name] = value.Interface()
			}
		}
	}
	data, err := json.Marshal(objects)
	if err != nil {
		b.err = err
		return
	}
	list := strings.Join(columns, ", ")
	b.exec("INSERT INTO "+table+" ("+list+") SELECT "+list+" FROM jsonb_populate_recordset(NULL::"+table+", $1)", string(data))
}

// fromJSON fills a model from a row as to_jsonb writes it; null leaves it as it is.
func (db *DB) fromJSON(data []byte, model any) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	v := reflect.ValueOf(model).Elem()
	for _, f := range db.bun.Table(v.Type()).Fields {
		raw, ok := object[f.Name]
		if !ok || string(raw) == "null" {
			continue
		}
		if err := json.Unmarshal(raw, f.Value(v).Addr().Interface()); err != nil {
			return fmt.Errorf("store: column %s: %w", f.Name, err)
		}
	}
	return nil
}
