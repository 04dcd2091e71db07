package pg

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun/schema"
)

// querier is a pool, a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// scan runs a query whose text doesn't depend on data, so that it is planned once per connection, and
// fills dest: a model, which takes the first row and is NotFound without one, or a slice of models.
// Columns find their fields by bun's schema.
func (db *DB) Scan(ctx context.Context, on querier, dest any, sql string, args ...any) error {
	// As text, which is what bun's fields read.
	rows, err := on.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, Texts(args)...)...)
	if err != nil {
		return MapError(err)
	}
	defer rows.Close()
	out := reflect.ValueOf(dest).Elem()
	one := out.Kind() != reflect.Slice
	model := out.Type()
	if !one {
		model = model.Elem()
	}
	var fields []*schema.Field
	for rows.Next() {
		if fields == nil {
			if fields, err = db.found(model, rows.FieldDescriptions()); err != nil {
				return err
			}
		}
		row := out
		if !one {
			row = grow(out)
		}
		if err := fill(row, fields, rows.RawValues()); err != nil {
			return err
		}
		if one {
			return nil
		}
	}
	if err := rows.Err(); err != nil || !one {
		return MapError(err)
	}
	return MapError(pgx.ErrNoRows)
}

// grow adds an empty row to a slice.
func grow(rows reflect.Value) reflect.Value {
	n := rows.Len()
	rows.Grow(1)
	rows.SetLen(n + 1)
	rows.Index(n).SetZero()
	return rows.Index(n)
}

// found are the fields of a model that columns fill, by bun's schema.
func (db *DB) found(model reflect.Type, columns []pgconn.FieldDescription) ([]*schema.Field, error) {
	table := db.bun.Table(model)
	fields := make([]*schema.Field, len(columns))
	for i, column := range columns {
		if fields[i] = table.LookupField(column.Name); fields[i] == nil {
			return nil, fmt.Errorf("store: %s has no column %s", model, column.Name)
		}
	}
	return fields, nil
}

func fill(row reflect.Value, fields []*schema.Field, raw [][]byte) error {
	for i, field := range fields {
		var src any
		if raw[i] != nil {
			src = raw[i]
		}
		if err := field.ScanValue(row, src); err != nil {
			return fmt.Errorf("store: column %s: %w", field.Name, err)
		}
	}
	return nil
}

// columns lists a model's columns as alias."col" AS "prefixcol".
func (db *DB) Columns(alias, prefix string, model any) string {
	type key struct {
		t             reflect.Type
		alias, prefix string
	}
	k := key{reflect.TypeOf(model), alias, prefix}
	if list, ok := db.lists.Load(k); ok {
		return list.(string)
	}
	var b strings.Builder
	for _, f := range db.bun.Table(k.t).Fields {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(alias + `."` + f.Name + `" AS "` + prefix + f.Name + `"`)
	}
	db.lists.Store(k, b.String())
	return b.String()
}

// First is the first of all, or the zero value of none.
func First[T any](all []T) (one T) {
	if len(all) > 0 {
		one = all[0]
	}
	return one
}
