// Package payments takes the messages that providers of payments send about payments. Programs send them, from
// anywhere: there is no session, no cookie, and no page.
package payments
