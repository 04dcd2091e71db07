package pg

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun/schema"
)

// Source is where statements run: the database, in which each is a transaction of its own, or a transaction (Tx).
type Source interface{ source() (*DB, conn) }

// conn is a pool or a transaction.
type conn interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func (db *DB) source() (*DB, conn) { return db, db.pool }

// One returns the first row of a statement, as All does. NotFound where there is none.
func One[T any](ctx context.Context, on Source, sql string, args ...any) (T, error) {
	rows, err := collect[T](ctx, on, 1, sql, args)
	if err == nil && len(rows) == 0 {
		err = pgx.ErrNoRows
	}
	return First(rows), mapError(err)
}

// All returns the rows of a statement with $1 placeholders: values of its only column, or structs, of which the fields
// are found by the columns' names (bun's schema). The text must not depend on data: it is planned once per connection.
func All[T any](ctx context.Context, on Source, sql string, args ...any) ([]T, error) {
	rows, err := collect[T](ctx, on, -1, sql, args)
	return rows, mapError(err)
}

// Exec runs a statement that returns nothing, and reports how many rows it has changed.
func Exec(ctx context.Context, on Source, sql string, args ...any) (changed int, err error) {
	_, conn := on.source()
	tag, err := conn.Exec(ctx, sql, texts(args)...)
	return int(tag.RowsAffected()), mapError(err)
}

// Select returns the rows of a query that bun builds: one with conditions that vary, planned with its values
// each time.
func Select[T any](ctx context.Context, q interface {
	Scan(ctx context.Context, dest ...any) error
}) (rows []T, err error) {
	err = q.Scan(ctx, &rows)
	return rows, mapError(err)
}

// collect reads at most so many rows, or all (-1).
func collect[T any](ctx context.Context, on Source, most int, sql string, args []any) (all []T, err error) {
	db, conn := on.source()
	// As text, which is what bun's fields read.
	rows, err := conn.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, texts(args)...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	model := mapping{db: db}
	for one := isValue(reflect.TypeFor[T]()); len(all) != most && rows.Next(); {
		var row T
		if one {
			err = rows.Scan(&row)
		} else {
			err = model.fill(reflect.ValueOf(&row).Elem(), rows.FieldDescriptions(), rows.RawValues())
		}
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	rows.Close() // an error of the statement may come after its first row
	return all, rows.Err()
}

// isValue reports whether a type is that of a column, not of a row.
func isValue(t reflect.Type) bool {
	return t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]())
}

// mapping fills structs of one type from rows by bun's schema.
type mapping struct {
	db     *DB
	fields []*schema.Field
}

func (m *mapping) fill(row reflect.Value, columns []pgconn.FieldDescription, raw [][]byte) error {
	if m.fields == nil {
		table := m.db.bun.Table(row.Type())
		for _, column := range columns {
			field := table.LookupField(column.Name)
			if field == nil {
				return fmt.Errorf("%s has no column %s", row.Type(), column.Name)
			}
			m.fields = append(m.fields, field)
		}
	}
	for i, field := range m.fields {
		var src any
		if raw[i] != nil {
			src = raw[i]
		}
		if columns[i].DataTypeOID == pgtype.ByteaOID && raw[i] != nil {
			data, err := hex.DecodeString(strings.TrimPrefix(string(raw[i]), `\x`))
			if err != nil {
				return fmt.Errorf("column %s: %w", field.Name, err)
			}
			src = data
		}
		if err := field.ScanValue(row, src); err != nil {
			return fmt.Errorf("column %s: %w", field.Name, err)
		}
	}
	return nil
}

// grow adds an empty row to a slice.
func grow(rows reflect.Value) reflect.Value {
	n := rows.Len()
	rows.Grow(1)
	rows.SetLen(n + 1)
	rows.Index(n).SetZero()
	return rows.Index(n)
}

// Columns lists a model's columns as alias."col" AS "prefixcol".
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

// First returns the first of all, or the zero value of none.
func First[T any](all []T) (one T) {
	if len(all) > 0 {
		one = all[0]
	}
	return one
}

// NoRow returns the NotFound of a read that should have had a row.
func NoRow() error { return mapError(pgx.ErrNoRows) }
