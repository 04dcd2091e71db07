// Package account is the pages about a person's account, the same for admins and merchants:
// signing in, setting a password. Values in, HTML out.
package account
