package pg

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"orbit360.app/orbit"
)

// Reader collects what is to be read. All of it goes to the server together: one round trip, each statement planned
// once per connection. What is asked of it is a Result, with a value once Read has returned.
type Reader struct {
	DB    *DB
	on    conn
	asked []question
	after []func()
}

// Result is what a reader was asked for.
type Result[T any] struct {
	// Value is there once Read has returned without an error; the zero value where there is no row.
	Value T
}

type question struct {
	sql  string
	args []any
	dest any // a model, or a slice of models; nil where nothing is returned
}

// NewReader returns a reader within a transaction, or in one of its own.
func NewReader(on Source) *Reader {
	db, conn := on.source()
	return &Reader{DB: db, on: conn}
}

// Ask adds a query with a text that doesn't depend on data, with $1 placeholders. T is a model, or a slice of models.
func Ask[T any](r *Reader, sql string, args ...any) *Result[T] {
	result := &Result[T]{}
	r.asked = append(r.asked, question{sql, args, &result.Value})
	return result
}

// As adds what a function makes of a result.
func As[T, V any](r *Reader, of *Result[T], make func(T) V) *Result[V] {
	result := &Result[V]{}
	r.after = append(r.after, func() { result.Value = make(of.Value) })
	return result
}

// Exec adds a statement that returns nothing of interest.
func (r *Reader) Exec(sql string, args ...any) { r.asked = append(r.asked, question{sql, args, nil}) }

// Read sends what has been asked in one round trip.
func (r *Reader) Read(ctx context.Context) error {
	if len(r.asked) == 0 {
		return nil
	}
	if tx, ok := r.on.(pgx.Tx); ok {
		return mapError(r.run(ctx, tx.Conn()))
	}
	return mapError(r.DB.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return r.run(ctx, c.Conn()) }))
}

// AsMerchant opens row-level security to one merchant for what is asked after it, in a read of its own.
func (r *Reader) AsMerchant(id orbit.MerchantID) {
	r.Exec(`SELECT set_config('orbit.merchant_id', $1, true)`, id)
}

// run sends all questions as one pipeline, which is one transaction where none is open, and reads the answers as text,
// which is what bun's fields read.
func (r *Reader) run(ctx context.Context, conn *pgx.Conn) error {
	statements := make([]*pgconn.StatementDescription, len(r.asked))
	for i, q := range r.asked {
		var err error
		if statements[i], err = conn.Prepare(ctx, q.sql, q.sql); err != nil { // known to the connection after the first time
			return err
		}
	}
	pipe := conn.PgConn().StartPipeline(ctx)
	for i, q := range r.asked {
		args, err := texted(conn.TypeMap(), statements[i].ParamOIDs, q.args)
		if err != nil {
			_ = pipe.Close()
			return err
		}
		pipe.SendQueryStatement(statements[i], args, nil, nil)
	}
	err := pipe.Sync()
	for i := 0; err == nil && i < len(r.asked); i++ {
		err = r.answer(pipe, r.asked[i].dest)
	}
	if closed := pipe.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	for _, do := range r.after {
		do()
	}
	return nil
}

func (r *Reader) answer(pipe *pgconn.Pipeline, dest any) error {
	results, err := pipe.GetResults()
	if err != nil {
		return err
	}
	rows, ok := results.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("%T where rows should be", results)
	}
	if dest == nil {
		_, err := rows.Close()
		return err
	}
	out, model := reflect.ValueOf(dest).Elem(), mapping{db: r.DB}
	for rows.NextRow() {
		row := out
		if out.Kind() == reflect.Slice {
			row = grow(out)
		}
		if err = model.fill(row, rows.FieldDescriptions(), rows.Values()); err != nil {
			break
		}
	}
	if _, closed := rows.Close(); err == nil {
		err = closed
	}
	return err
}

// texted gives arguments as PostgreSQL reads them from text; nil is NULL.
func texted(types *pgtype.Map, oids []uint32, args []any) ([][]byte, error) {
	out := make([][]byte, len(args))
	for i, arg := range args {
		if v, ok := arg.(driver.Valuer); ok {
			var err error
			if arg, err = v.Value(); err != nil {
				return nil, err
			}
		}
		switch v := arg.(type) {
		case nil:
		case string:
			out[i] = []byte(v)
		case bool:
			out[i] = strconv.AppendBool(nil, v)
		case int:
			out[i] = strconv.AppendInt(nil, int64(v), 10)
		case int64:
			out[i] = strconv.AppendInt(nil, v, 10)
		default:
			var err error
			if out[i], err = types.Encode(oids[i], pgx.TextFormatCode, v, nil); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
		}
	}
	return out, nil
}
