package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/jobs"
	"orbit360.app/mail"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// maxWorkers is how many deliveries a process makes at once. They mostly wait for others.
const maxWorkers = 32

// perWebhook is how many of them may go to one webhook: one that doesn't answer must not keep the
// others waiting.
const perWebhook = 4

// perMerchant is how many may go to all of one shop's webhooks, for the sake of other shops.
const perMerchant = 8

// overlap is how long the secret before a rotation signs beside the new one.
const overlap = 24 * time.Hour

// Config is what the service works with.
type Config struct {
	DB      *store.DB
	Log     *slog.Logger
	Keys    orbit.SecretKeys
	Metrics *metrics.Metrics // nil counts nothing
	// Mail writes to a shop's people about a webhook that fails, with addresses of pages.
	Mail      mail.Composer
	Addresses orbit.Addresses
	// Private allows http and addresses of one's own network, where the receivers of tests are.
	Private bool
	// Backoff is how long to wait after the nth failure; nil is the platform's schedule. For tests.
	Backoff func(failures int) time.Duration
}

// Service manages webhooks and works their deliveries.
type Service struct {
	db      *store.DB
	log     *slog.Logger
	cipher  orbit.Cipher
	client  *http.Client
	private bool
	backoff func(int) time.Duration
	metrics *metrics.Metrics

	mail      mail.Composer
	addresses orbit.Addresses

	mu     sync.Mutex
	busy   map[orbit.WebhookID]int
	busyOf map[orbit.MerchantID]int // of shops' own
}

// New makes the service. Its deliveries are made where its Queue is worked.
func New(cfg Config) (*Service, error) {
	secrets, err := cfg.Keys.Cipher(orbit.WebhookSecrets)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	s := &Service{db: cfg.DB, log: cfg.Log, cipher: secrets, client: newClient(cfg.Private), private: cfg.Private,
		backoff: cfg.Backoff, metrics: cfg.Metrics, mail: cfg.Mail, addresses: cfg.Addresses, busy: map[orbit.WebhookID]int{},
		busyOf: map[orbit.MerchantID]int{}}
	if s.backoff == nil {
		s.backoff = backoff
	}
	return s, nil
}

// Queue returns the queue of deliveries.
func (s *Service) Queue() jobs.Queue {
	return jobs.Queue{Name: shop.QueueWebhook, MaxWorkers: maxWorkers, Outbound: true,
		Requeue: func(ctx context.Context, unchanged time.Duration) (int, error) {
			return shop.RequeueDeliveries(ctx, s.db, unchanged)
		}, Workers: []jobs.Worker{jobs.Work(&worker{Service: s})}}
}

// Check returns all that is wrong with what somebody says about a webhook of a merchant's, or nil.
func (s *Service) Check(of orbit.MerchantID, in orbit.WebhookInput) error {
	_, err := in.Check(orbit.WebhookKinds(of), s.private)
	return err
}

// Create keeps a new webhook of a merchant's, or the platform's (zero), under an id that the form chose, and returns
// the secret, which can't be had again. Sent twice, the second time returns no secret.
func (s *Service) Create(ctx context.Context, of shop.Hooks, id orbit.WebhookID, in orbit.WebhookInput) (
	secret orbit.Secret, err error) {
	if in, err = in.Check(orbit.WebhookKinds(of.Of), s.private); err != nil {
		return secret, err
	}
	secret = newSecret()
	made := false
	err = of.Change(ctx, func(w shop.Webhooks) (err error) {
		made, err = w.Create(ctx, orbit.Webhook{ID: id, URL: in.URL, Description: in.Description, Events: in.Events,
			Secret: s.cipher.Encrypt(orbit.WebhookSecret(of.Of, id), secret)})
		return err
	})
	if err != nil || !made {
		return orbit.Secret{}, err
	}
	return secret, nil
}

// Edit has edit change a webhook's address, description, events and whether it is active, under its lock.
func (s *Service) Edit(ctx context.Context, of shop.Hooks, id orbit.WebhookID,
	edit func(*orbit.Webhook) error) (hook orbit.Webhook, err error) {
	err = of.Change(ctx, func(w shop.Webhooks) (err error) {
		hook, err = w.Edit(ctx, id, func(h *orbit.Webhook) error {
			if err := edit(h); err != nil {
				return err
			}
			in, err := h.Input().Check(orbit.WebhookKinds(of.Of), s.private)
			h.URL, h.Description, h.Events = in.URL, in.Description, in.Events
			return err
		})
		return err
	})
	return hook, err
}

// Rotate gives a webhook a new secret, and returns it. The one before signs too for another day, so that receivers can
// change over without losing a delivery. check may refuse, under the webhook's lock; nil never does.
func (s *Service) Rotate(ctx context.Context, of shop.Hooks, id orbit.WebhookID,
	check func(orbit.Webhook) error) (hook orbit.Webhook, secret orbit.Secret, err error) {
	secret = newSecret()
	err = of.Change(ctx, func(w shop.Webhooks) (err error) {
		hook, err = w.Rotate(ctx, id, s.cipher.Encrypt(orbit.WebhookSecret(of.Of, id), secret),
			time.Now().UTC().Add(overlap), check)
		return err
	})
	if err != nil {
		return hook, orbit.Secret{}, err
	}
	return hook, secret, nil
}

// Schedule returns how long a delivery waits after its first, second, ... failure: eight attempts within a day.
func Schedule() []time.Duration {
	return []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour,
		15 * time.Hour}
}

// backoff returns the schedule's wait with up to a tenth more, so that what failed together doesn't come back together.
func backoff(failures int) time.Duration {
	waits := Schedule()
	d := waits[min(max(failures, 1), len(waits))-1]
	return d + rand.N(d/10)
}

// worker makes deliveries, each at least once with an event id that never changes.
type worker struct {
	river.WorkerDefaults[shop.WebhookArgs]
	*Service
}

// NextRetry is for errors outside sending, which is to say the database being away.
func (w *worker) NextRetry(*river.Job[shop.WebhookArgs]) time.Time {
	return time.Now().Add(time.Second)
}

// Timeout bounds one job, the database's part included.
func (w *worker) Timeout(*river.Job[shop.WebhookArgs]) time.Duration { return 30 * time.Second }

// Work makes one attempt, or notes that there is none to make.
func (w *worker) Work(ctx context.Context, job *river.Job[shop.WebhookArgs]) error {
	of := shop.HooksOf(w.db, job.Args.Of(), orbit.System)
	p, err := of.DeliverySheet(ctx, job.Args.DeliveryID)
	if orbit.CodeOf(err) == orbit.NotFound || (err == nil && p.Delivery.Status != orbit.DeliveryPending) {
		return nil
	}
	if err != nil {
		return err
	}
	if !p.Webhook.Active() {
		a := orbit.DeliveryAttempt{At: time.Now().UTC(), Error: "The webhook was deactivated before this was sent."}
		return of.DeliveryTried(ctx, p.Delivery.ID, a, orbit.DeliveryFailed, time.Time{})
	}
	leave, ok := w.enter(p.Webhook)
	if !ok {
		// Spread out, so that a long queue for one webhook isn't asked for all at once.
		return river.JobSnooze(2*time.Second + rand.N(8*time.Second))
	}
	defer leave()
	a, delivered := w.attempt(ctx, p)
	if ctx.Err() != nil { // the program stops: the process that takes over sends it again
		return errors.Join(errors.New("webhooks: stopped in mid-delivery"), ctx.Err())
	}
	failures := p.Delivery.Attempts + 1
	switch {
	case delivered:
		w.metrics.Webhook("delivered")
		return of.DeliveryTried(ctx, p.Delivery.ID, a, orbit.DeliveryDelivered, time.Time{})
	case failures >= orbit.MaxDeliveryAttempts:
		w.metrics.Webhook("failed")
		w.log.Warn("a delivery failed for good", "webhook", p.Webhook.ID, "event", p.Event.ID, "attempts", failures, "status",
			a.Status, "reason", a.Error)
		if err := of.DeliveryTried(ctx, p.Delivery.ID, a, orbit.DeliveryFailed, time.Time{}); err != nil {
			return err
		}
		return w.disableFailing(ctx, of, p.Webhook.ID)
	}
	w.metrics.Webhook("retrying")
	wait := w.backoff(failures)
	if err := of.DeliveryTried(ctx, p.Delivery.ID, a, orbit.DeliveryPending, time.Now().UTC().Add(wait)); err != nil {
		return err
	}
	return river.JobSnooze(wait)
}

// disableFailing deactivates a shop's webhook that nothing has reached for days: nobody looks after it.
func (s *Service) disableFailing(ctx context.Context, of shop.Hooks, id orbit.WebhookID) error {
	disabled := false
	err := of.Change(ctx, func(w shop.Webhooks) (err error) {
		disabled, err = w.DisableFailing(ctx, id, func(m orbit.Merchant, h orbit.Webhook, who orbit.StaffMember) (
			orbit.Email, error) {
			return s.mail.WebhookFailed(mail.WebhookFailedData{ID: orbit.NewID[orbit.Email](), Shop: m, Webhook: h,
				Member: who, URL: s.addresses.Dashboard(m.DashboardPath() + "/settings/webhooks/" + h.ID.String())})
		})
		return err
	})
	if err == nil && disabled {
		s.log.Warn("a shop's webhook was deactivated: nothing has arrived for days", "webhook", id, "merchant", of.Of)
	}
	return err
}

// enter takes one of a webhook's places, and of its shop's; ok is false where all are taken.
func (s *Service) enter(w orbit.Webhook) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := !w.MerchantID.IsZero()
	if s.busy[w.ID] >= perWebhook || own && s.busyOf[w.MerchantID] >= perMerchant {
		return nil, false
	}
	s.busy[w.ID]++
	if own {
		s.busyOf[w.MerchantID]++
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.busy[w.ID]--; s.busy[w.ID] == 0 {
			delete(s.busy, w.ID)
		}
		if !own {
			return
		}
		if s.busyOf[w.MerchantID]--; s.busyOf[w.MerchantID] == 0 {
			delete(s.busyOf, w.MerchantID)
		}
	}, true
}
