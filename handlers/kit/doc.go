// Package kit is what every audience's handlers share: sessions, sign-in, the check of where a
// request came from, rendering, errors, event streams. It knows no page of any audience but
// those of the account.
package kit
