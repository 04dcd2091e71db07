// Package mail composes the platform's mails and sends them over SMTP. A Composer makes an orbit.Email with an HTML
// and a text form of the same letter; a Sender hands it to a mail server and says whether trying again can help.
// Where mails wait, and when they are tried again, is not known here: that is store's and provision's.
package mail
