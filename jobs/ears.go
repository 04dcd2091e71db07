package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// ears is how River's client hears of jobs: through the one LISTEN connection of this process, which comes back in
// milliseconds and is asked whether it hears. River's own would wait a second and more, and so its queues would
// have to be polled many times a second. What may have been missed is made up for by having the queues looked at.
type ears struct {
	heard chan *riverdriver.Notification
}

func newEars() *ears { return &ears{heard: make(chan *riverdriver.Notification, 1000)} }

// hear passes a notification on. Where River doesn't keep up it is dropped: the next one has the queue looked at.
func (e *ears) hear(topic, payload string) {
	select {
	case e.heard <- &riverdriver.Notification{Topic: topic, Payload: payload}:
	default:
	}
}

// topicInsert is River's for a job that was added.
const topicInsert = "river_insert"

// look has this process's worker of a queue look for jobs.
func (e *ears) look(queue string) {
	payload, _ := json.Marshal(map[string]string{"queue": queue}) // text can be marshaled
	e.hear(topicInsert, string(payload))
}

// hearingDriver is River's driver with our ears.
type hearingDriver struct {
	*riverpgxv5.Driver
	ears *ears
}

// GetListener returns the ears instead of a connection.
func (d hearingDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return d.ears
}

// WaitForNotification returns the next thing heard.
func (e *ears) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case n := <-e.heard:
		return n, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The rest of a listener is the connection's business, which is package live's.

func (e *ears) Close(context.Context) error            { return nil }
func (e *ears) Connect(context.Context) error          { return nil }
func (e *ears) Listen(context.Context, string) error   { return nil }
func (e *ears) Ping(context.Context) error             { return nil }
func (e *ears) Schema() string                         { return "" }
func (e *ears) SetAfterConnectExec(string)             {}
func (e *ears) Unlisten(context.Context, string) error { return nil }

// returns holds the moments after a job's failure at which its queue is looked at. A job that is to be tried again
// within five seconds is available from then on and without a notification (River's scheduler sends one for later
// ones): the workers' pauses are half a second, one or two seconds, and multiples of one.
var returns = []time.Duration{500 * time.Millisecond, 600 * time.Millisecond, time.Second, 1100 * time.Millisecond,
	2 * time.Second, 2100 * time.Millisecond, 3100 * time.Millisecond, 4100 * time.Millisecond,
	5100 * time.Millisecond}
