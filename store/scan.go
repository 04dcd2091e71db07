package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
)

// querier is a pool, a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// scan runs a query whose text doesn't depend on data, so that it is planned once per connection, and
// fills dest: a model, which takes the first row and is NotFound without one, or a slice of models.
// Columns find their fields by bun's schema.
func (db *DB) scan(ctx context.Context, on querier, dest any, sql string, args ...any) error {
	// As text, which is what bun's fields read.
	rows, err := on.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, texts(args)...)...)
	if err != nil {
		return mapError(err)
	}
	defer rows.Close()
	out := reflect.ValueOf(dest).Elem()
	one := out.Kind() != reflect.Slice
	for rows.Next() {
		row := out
		if !one {
			row = reflect.New(out.Type().Elem()).Elem()
		}
		if err := db.fill(row, rows); err != nil {
			return err
		}
		if one {
			return nil
		}
		out.Set(reflect.Append(out, row))
	}
	if err := rows.Err(); err != nil || !one {
		return mapError(err)
	}
	return mapError(pgx.ErrNoRows)
}

func (db *DB) fill(row reflect.Value, rows pgx.Rows) error {
	table := db.bun.Table(row.Type())
	raw := rows.RawValues()
	for i, column := range rows.FieldDescriptions() {
		field := table.LookupField(column.Name)
		if field == nil {
			return fmt.Errorf("store: %s has no column %s", row.Type(), column.Name)
		}
		var src any
		if raw[i] != nil {
			src = raw[i]
		}
		if err := field.ScanValue(row, src); err != nil {
			return fmt.Errorf("store: column %s: %w", column.Name, err)
		}
	}
	return nil
}

// columns lists a model's columns as alias."col" AS "prefixcol".
func (db *DB) columns(alias, prefix string, model any) string {
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
