package programtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The first admin of every program that is started here.
const (
	AdminEmail    = "admin@example.com"
	AdminPassword = "correct horse battery"
)

// startPatience bounds a start: only a broken program meets it.
const startPatience = 90 * time.Second

// Program is one installation of the program, and its processes one after another.
type Program struct {
	Port string   // where it answers, on 127.0.0.1
	Dir  string   // its DATA_DIR
	Env  []string // more variables, as NAME=value; the last one of a name counts
	Path string   // another program than this module's
	Out  *Log     // what all its processes said; a new one starts empty

	mu  sync.Mutex
	cmd *exec.Cmd
}

// Command returns a process of the program that is ready to be started with Run. path may be what starts it in turn.
func (p *Program) Command(path string, env ...string) *exec.Cmd {
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:"+p.Port, "DATA_DIR="+p.Dir,
		"ADMIN_EMAIL="+AdminEmail, "ADMIN_PASSWORD="+AdminPassword)
	cmd.Env = append(append(cmd.Env, p.Env...), env...)
	return cmd
}

// Start starts a process and waits until it says that it runs. An error holds what it said instead.
func (p *Program) Start(env ...string) error {
	path, err := p.Path, error(nil)
	if path == "" {
		path, err = Build()
	}
	if err != nil {
		return err
	}
	return p.Run(p.Command(path, env...))
}

// Run is Start for a command that was made with Command.
func (p *Program) Run(cmd *exec.Cmd) error {
	if p.Out == nil { // a restart goes on in the same log
		p.Out = &Log{}
	}
	out := p.Out
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		return err
	}
	p.set(cmd)
	running := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			fmt.Fprintln(out, lines.Text())
			if strings.HasPrefix(lines.Text(), "ORBIT360 is running") {
				running <- true
			}
		}
		close(running)
	}()
	select {
	case ok := <-running:
		if !ok {
			err := p.taken().Wait()
			return fmt.Errorf("it didn't start: %v\n%s", err, out)
		}
		return nil
	case <-time.After(startPatience):
		return fmt.Errorf("it didn't start in %v\n%s", startPatience, out)
	}
}

func (p *Program) set(cmd *exec.Cmd) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd = cmd
}

// taken returns the running process, which is the caller's to end from now on; nil where there is none.
func (p *Program) taken() *exec.Cmd {
	p.mu.Lock()
	defer p.mu.Unlock()
	cmd := p.cmd
	p.cmd = nil
	return cmd
}

// Kill is kill -9 of the program alone.
func (p *Program) Kill() {
	if cmd := p.taken(); cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // "signal: killed"
	}
}

// errNotRunning is what a program that doesn't run answers to a signal.
var errNotRunning = errors.New("the program isn't running")

// Stop is SIGTERM; it returns how the program ended.
func (p *Program) Stop() error {
	cmd := p.taken()
	if cmd == nil {
		return errNotRunning
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return cmd.Wait()
}

// Signal sends the running process a signal.
func (p *Program) Signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return errNotRunning
	}
	return p.cmd.Process.Signal(s)
}

// PID returns the running process's id, 0 where there is none.
func (p *Program) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// URL returns an address of the program: URL("admin", "/merchants"); host "" is the apex.
func (p *Program) URL(host, path string) string {
	if host != "" {
		host += "."
	}
	return "http://" + host + "localhost:" + p.Port + path
}

// Dial connects to the program, whatever the name is that is asked for: *.localhost needn't resolve.
func (p *Program) Dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+p.Port)
}

// Transport sends all requests to the program.
func (p *Program) Transport() *http.Transport {
	return &http.Transport{DialContext: p.Dial, MaxIdleConnsPerHost: 64}
}

// FreePort returns a port that is free now.
func FreePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String()) // of our own making
	return port, l.Close()
}

// Log keeps what processes say, for many writers at once.
type Log struct {
	mu   sync.Mutex
	text []byte
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String returns all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// Tail returns its last lines, as many as one reads.
func (l *Log) Tail() string {
	all := l.String()
	return all[max(0, len(all)-6000):]
}
