// Package webhooks tells other systems what happened to merchants: it seals secrets, signs and sends
// deliveries, and keeps them away from every address that isn't of the public internet. It knows the
// store and river; it doesn't know HTTP handlers, pages, or what provisioning does.
package webhooks
