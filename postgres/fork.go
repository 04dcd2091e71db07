package postgres

import "runtime"

// forkThread starts processes from one OS thread that lives until close. On Linux the signal
// a child gets when its parent dies is bound to the thread that forked it, not to the process:
// forked from any goroutine, PostgreSQL would be shut down when Go retires that thread.
type forkThread struct{ calls chan func() }

func newForkThread() *forkThread {
	t := &forkThread{calls: make(chan func())}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for call := range t.calls {
			call()
		}
	}()
	return t
}

// do runs f on the thread. Not to be called after close.
func (t *forkThread) do(f func() error) error {
	result := make(chan error, 1)
	t.calls <- func() { result <- f() }
	return <-result
}

func (t *forkThread) close() { close(t.calls) }
