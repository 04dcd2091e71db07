// Package hooks draws webhooks: their list, their form, their secret, and their deliveries, for admins and for
// merchants. Who owns them, and what stands around them, is the caller's. Values in, HTML out.
package hooks
