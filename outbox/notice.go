package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// noticeWorker writes the owners of a shop about limits of its plan.
type noticeWorker struct {
	river.WorkerDefaults[shop.NoticeArgs]
	Config
}

// NextRetry is for the database being away.
func (w *noticeWorker) NextRetry(*river.Job[shop.NoticeArgs]) time.Time {
	return time.Now().Add(time.Second)
}

// Work writes the emails. Done twice, as after a crash, it writes them once.
func (w *noticeWorker) Work(ctx context.Context, job *river.Job[shop.NoticeArgs]) error {
	return shop.For(w.DB, job.Args.MerchantID).WriteNotices(ctx, func(n shop.Notice) (emails []orbit.Email, err error) {
		for _, owner := range n.Owners {
			m, err := w.Mail.Limits(mail.LimitsData{Merchant: n.Merchant, Owner: owner, Plan: n.Plan, Meters: n.Meters,
				Month: n.Month, PlanURL: w.Addresses.Dashboard(n.Merchant.DashboardPath() + "/settings/plan")})
			if err != nil {
				return nil, err
			}
			emails = append(emails, m)
		}
		return emails, nil
	})
}
