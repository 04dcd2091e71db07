//go:build !linux

package postgres

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// serverAttr is how the postmaster is forked: as the account, in a session of its own (the
// terminal's Ctrl-C must not reach it before we have drained).
func serverAttr(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Credential: who.cred}
}

// helperAttr is the same for initdb and the like.
func helperAttr(who account) *syscall.SysProcAttr { return serverAttr(who) }

// guard asks the postmaster for a fast shutdown when we die, where the kernel doesn't do it: a
// shell waits for the end of a pipe that only we hold open. release calls the guard off; it
// must be called once the postmaster has gone, before its pid can mean someone else.
func guard(postmaster *os.Process, who account) (release func(), err error) {
	const script = `read word; [ -n "$word" ] || kill -INT "$1"`
	cmd := exec.Command("/bin/sh", "-c", script, "orbit360-guard", strconv.Itoa(postmaster.Pid))
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", childEnv(), helperAttr(who)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("guarding PostgreSQL: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("guarding PostgreSQL: %w", err)
	}
	return func() {
		// A guard that is gone already has nothing to be called off.
		_, _ = io.WriteString(pipe, "done\n")
		_ = pipe.Close()
		_ = cmd.Wait()
	}, nil
}
