package pg

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/singleflight"
)

// pulse reports whether the database answers, over a connection of its own: one that had to be waited for would say
// that the database is away where it only has much to do.
type pulse struct {
	connector
	flight singleflight.Group
	conn   *pgx.Conn // of the flight
}

// pulsePatience is how long the database may take to say that it is there.
const pulsePatience = 2 * time.Second

// ask asks once for all who want to know at the same moment.
func (p *pulse) ask(ctx context.Context) error {
	answer := p.flight.DoChan("", func() (any, error) {
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), pulsePatience)
		defer cancel()
		if p.conn != nil {
			if p.conn.Ping(asking) == nil {
				return nil, nil
			}
			p.hangUp() // cut since then: a new one tells more
		}
		conn, err := p.connect(asking)
		p.conn = conn
		return nil, err
	})
	select {
	case r := <-answer:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pulse) hangUp() {
	if p.conn != nil {
		closing, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = p.conn.Close(closing) // nothing was written
		p.conn = nil
	}
}

// close ends the connection.
func (p *pulse) close() {
	_, _, _ = p.flight.Do("", func() (any, error) { p.hangUp(); return nil, nil }) // has no error
}
