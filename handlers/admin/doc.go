// Package admin answers on admin.BASE: the people who run the platform look at merchants, activate them, watch the
// runs, and read emails and the audit log. Every route but the account's own is for people who are signed in as admins.
package admin
