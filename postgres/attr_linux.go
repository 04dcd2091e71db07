package postgres

import (
	"os"
	"syscall"
)

// serverAttr is how the postmaster is forked: as the account, in a session of its own (the
// terminal's Ctrl-C must not reach it before we have drained), asked for a fast shutdown when we die.
// Go sets the signal after switching user, which is what makes it last: the kernel clears it at a switch.
func serverAttr(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Credential: who.cred, Pdeathsig: syscall.SIGINT}
}

// helperAttr is the same for initdb and the like, which may simply be killed.
func helperAttr(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Credential: who.cred, Pdeathsig: syscall.SIGKILL}
}

// guard has nothing to do: the kernel sees to it that PostgreSQL doesn't outlive us.
func guard(*os.Process, account) (release func(), err error) { return func() {}, nil }
