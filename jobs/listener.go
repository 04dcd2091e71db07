package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// riverListener is how River's client is notified of jobs: through the one LISTEN connection of this process, which
// comes back in milliseconds and is asked whether it hears. River's own would wait a second and more, and so its queues
// would have to be polled many times a second. What may have been missed is made up for by having the queues looked at.
type riverListener struct {
	heard chan *riverdriver.Notification
}

func newRiverListener() *riverListener {
	return &riverListener{heard: make(chan *riverdriver.Notification, 1000)}
}

// hear passes a notification on. Where River doesn't keep up it is dropped: the next one has the queue looked at.
func (l *riverListener) hear(topic, payload string) {
	select {
	case l.heard <- &riverdriver.Notification{Topic: topic, Payload: payload}:
	default:
	}
}

// topicInsert is River's for a job that was added.
const topicInsert = "river_insert"

// look has this process's worker of a queue look for jobs.
func (l *riverListener) look(queue string) {
	payload, _ := json.Marshal(map[string]string{"queue": queue}) // text can be marshaled
	l.hear(topicInsert, string(payload))
}

// listeningDriver is River's driver with our listener.
type listeningDriver struct {
	*riverpgxv5.Driver
	listener *riverListener
}

// GetListener returns that listener instead of a connection.
func (d listeningDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return d.listener
}

// WaitForNotification returns the next thing heard.
func (l *riverListener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case n := <-l.heard:
		return n, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The rest of a listener is the connection's business, which is package live's.

func (l *riverListener) Close(context.Context) error            { return nil }
func (l *riverListener) Connect(context.Context) error          { return nil }
func (l *riverListener) Listen(context.Context, string) error   { return nil }
func (l *riverListener) Ping(context.Context) error             { return nil }
func (l *riverListener) Schema() string                         { return "" }
func (l *riverListener) SetAfterConnectExec(string)             {}
func (l *riverListener) Unlisten(context.Context, string) error { return nil }

// returns holds the moments after a job's failure at which its queue is looked at. A job that is to be tried again
// within five seconds is available from then on and without a notification (River's scheduler sends one for later
// ones): the workers' pauses are half a second, one or two seconds, and multiples of one.
var returns = []time.Duration{500 * time.Millisecond, 600 * time.Millisecond, time.Second, 1100 * time.Millisecond,
	2 * time.Second, 2100 * time.Millisecond, 3100 * time.Millisecond, 4100 * time.Millisecond,
	5100 * time.Millisecond}
