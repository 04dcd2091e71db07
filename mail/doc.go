// Package mail composes the platform's emails and sends them over SMTP. A Composer makes an orbit.Email with an HTML
// and a text form of the same words; a Sender hands it to a mail server and reports whether trying again can help.
// Where emails wait, and when they are tried again, is not known here: that is the store's and outbox's.
package mail
