// Package payments takes shoppers' money through providers: it opens their payment pages, settles what became of each
// payment, and pays refunds. A provider's message or a shopper's return only names a payment; its state is read from
// the provider. It doesn't know pages, and no provider knows the database, except that of Test payments.
package payments
