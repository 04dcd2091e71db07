package payments

import (
	"context"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// RetryRefund has a provider asked again for a refund that failed, and returns the refund's transaction. What the
// provider says of it is read first: a refund that was made after all, though it looked otherwise, isn't made twice,
// and its transaction is returned with its new status. Conflict for one that didn't fail, or was tried again.
func (s *Service) RetryRefund(ctx context.Context, m shop.Member, order orbit.OrderID, id orbit.TransactionID) (
	orbit.Transaction, error,
) {
	read := func() (found orbit.Transaction, err error) {
		err = m.Read(ctx, func(t *shop.Tenant) error {
			o, err := t.Order(ctx, order)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(o.Transactions, func(t orbit.Transaction) bool { return t.ID == id })
			if i < 0 {
				return orbit.Missing()
			}
			found = o.Transactions[i]
			return nil
		})
		return found, err
	}
	before, err := read()
	if err != nil {
		return before, err
	}
	if before.Status == orbit.TransactionFailed && orbit.Hosted(before.Provider) {
		if _, err := s.settleSoon(ctx, m.ID(), before.PaymentID); err != nil {
			return before, err
		}
		now, err := read()
		if err != nil || now.Status != orbit.TransactionFailed {
			return now, err
		}
	}
	return before, m.Change(ctx, func(e *shop.Edit) error { return e.RetryRefund(ctx, order, id) })
}
