package pg

import (
	"context"
	"database/sql/driver"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// textConnector gives database/sql, and so bun, the connections of the pgx pool. bun writes its
// arguments into the text: every query is another text, and preparing each would cost a round trip and
// fill the cache with statements that never come again. So bun's queries go unprepared, while
// everybody else on the same connection (batches, river) keeps prepared statements and their plans.
type textConnector struct{ driver.Connector }

func newTextConnector(pool *pgxpool.Pool) textConnector {
	return textConnector{stdlib.GetPoolConnector(pool)}
}

// Connect borrows a connection from the pool.
func (c textConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return textConn{conn.(*stdlib.Conn)}, nil
}

type textConn struct{ *stdlib.Conn }

var unprepared = driver.NamedValue{Ordinal: 1, Value: pgx.QueryExecModeExec}

// QueryContext runs a query without preparing it.
func (c textConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, query, append([]driver.NamedValue{unprepared}, args...))
}

// ExecContext runs a statement without preparing it.
func (c textConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.ExecContext(ctx, query, append([]driver.NamedValue{unprepared}, args...))
}
