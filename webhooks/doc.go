// Package webhooks delivers events about merchants to other systems: it encrypts signing secrets, signs and sends
// deliveries, and keeps them away from every address that isn't of the public internet. It knows the store and jobs;
// it doesn't know HTTP handlers, pages, or what provisioning does.
package webhooks
