package payments

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/jobs"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// Bounds of this process: calls to providers at once, and payments that a tick looks at.
const (
	maxWorkers = 16
	maxDue     = 500
)

// Queue returns the queue of what providers are asked for.
func (s *Service) Queue() jobs.Queue {
	return jobs.Queue{Name: shop.QueuePayment, MaxWorkers: maxWorkers, Outbound: true,
		Workers: []jobs.Worker{jobs.Work(&settleWorker{service: s}), jobs.Work(&refundWorker{service: s})},
		Due: func(ctx context.Context) error {
			_, err := shop.RequeuePayments(ctx, s.DB, maxDue)
			return err
		}}
}

// settleWorker settles a payment.
type settleWorker struct {
	river.WorkerDefaults[shop.SettleArgs]
	service *Service
}

// Timeout bounds one attempt: a few calls to a provider.
func (w *settleWorker) Timeout(*river.Job[shop.SettleArgs]) time.Duration { return 80 * time.Second }

// Work settles the payment. A provider that can't be reached isn't asked again by this job: the timer does.
func (w *settleWorker) Work(ctx context.Context, job *river.Job[shop.SettleArgs]) error {
	_, err := w.service.Settle(ctx, job.Args.MerchantID, job.Args.PaymentID)
	switch {
	case err == nil, orbit.CodeOf(err) == orbit.NotFound: // gone with its shop
		return nil
	case err == ErrBusy:
		return river.JobSnooze(time.Second) // what it was told may be newer than what the other has read
	}
	w.service.Log.Warn("a payment couldn't be settled", "merchant", job.Args.MerchantID, "payment", job.Args.PaymentID,
		"error", err)
	return nil
}

// refundWorker has a provider pay back.
type refundWorker struct {
	river.WorkerDefaults[shop.RefundArgs]
	service *Service
}

// Timeout bounds one attempt.
func (w *refundWorker) Timeout(*river.Job[shop.RefundArgs]) time.Duration { return 80 * time.Second }

// NextRetry waits longer after each attempt, up to an hour.
func (w *refundWorker) NextRetry(job *river.Job[shop.RefundArgs]) time.Time {
	return time.Now().Add(min(time.Hour, time.Second<<min(job.Attempt, 12)))
}

// Work asks the provider for the refund, as often as it takes: the same refund is paid once.
func (w *refundWorker) Work(ctx context.Context, job *river.Job[shop.RefundArgs]) error {
	s, merchant, id := w.service, job.Args.MerchantID, job.Args.TransactionID
	var payment orbit.Payment
	var request orbit.RefundRequest
	err := s.do(ctx, merchant, func(t *shop.Tenant) (err error) {
		payment, request, err = t.RefundRequest(ctx, id)
		return err
	})
	switch orbit.CodeOf(err) {
	case orbit.NotFound, orbit.Conflict: // gone, or done
		return nil
	}
	if err != nil {
		return err
	}
	provider, account, err := s.at(ctx, payment)
	if err != nil { // also where its secrets can't be read: they are entered again
		s.note(ctx, payment, err)
		return err
	}
	state, err := provider.Refund(ctx, account, request)
	s.note(ctx, payment, err)
	switch {
	case final(err):
		if job.Attempt > 1 { // an answer before this one may have been lost: what the provider has is read first
			if _, err := s.settleSoon(ctx, merchant, payment.ID); err != nil {
				return err
			}
		}
		state = orbit.ProviderRefund{ID: id, Status: orbit.TransactionFailed, Failure: orbit.Sentence(err)}
	case err != nil:
		return err
	}
	return s.do(ctx, merchant, func(t *shop.Tenant) error { return t.SettleRefund(ctx, id, state) })
}
