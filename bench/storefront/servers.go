package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/programtest"
)

// bench is what is measured and what that needs.
type bench struct {
	options
	dir         string
	pg          *programtest.Database
	db          *pgx.Conn // the superuser's
	program     *process
	nginx       *process
	firstAnswer time.Duration // of the program since its start
	shops       int
}

// process is a server.
type process struct {
	cmd     *exec.Cmd
	address string
}

func prepare(ctx context.Context, o options) (*bench, error) {
	b := &bench{options: o}
	var err error
	if b.dir, err = programtest.Folder("bench"); err != nil { // nginx's workers may be another user too
		return b, err
	}
	if b.binary == "" {
		if b.binary, err = programtest.Build(); err != nil {
			return b, err
		}
	}
	// Filling takes longest with the default settings; what is measured reads.
	b.pg, err = programtest.StartDatabase(ctx, filepath.Join(b.dir, "pg"),
		map[string]string{"fsync": "off", "synchronous_commit": "off", "max_wal_size": "4GB"})
	return b, err
}

func (b *bench) stop() error {
	var errs []error
	for _, p := range []*process{b.program, b.nginx} {
		errs = append(errs, p.stop())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if b.db != nil {
		errs = append(errs, b.db.Close(ctx))
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir), programtest.Clean())...)
}

func (p *process) stop() error {
	if p == nil || p.cmd.Process == nil {
		return nil
	}
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait() // "signal: terminated"
	return err
}

// connect opens the database once the program has made its tables.
func (b *bench) connect(ctx context.Context) (err error) {
	if b.db == nil {
		b.db, err = pgx.Connect(ctx, b.pg.SuperURL())
	}
	return err
}

// startProgram starts the program on some of the cores, 0 for all, and notes when a shop first answered.
func (b *bench) startProgram(ctx context.Context, cores int) error {
	port, err := programtest.FreePort()
	if err != nil {
		return err
	}
	p := &process{address: "127.0.0.1:" + port}
	p.cmd = command(cores, b.binary)
	p.cmd.Env = append(os.Environ(), "ADDR="+p.address, "DATA_DIR="+filepath.Join(b.dir, "data"),
		"DATABASE_URL="+b.pg.URL(), "ADMIN_EMAIL="+programtest.AdminEmail, "ADMIN_PASSWORD="+programtest.AdminPassword,
		"SECRET_KEY=a key that only this measurement uses", "LOG_LEVEL=info", "PUBLIC_URL=http://localhost:"+port)
	if cores > 0 {
		p.cmd.Env = append(p.cmd.Env, "GOMAXPROCS="+strconv.Itoa(cores))
	}
	log, err := os.OpenFile(filepath.Join(b.dir, "program.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the child has its own
	p.cmd.Stderr = log
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	b.program = p
	host, path := "localhost", "/readyz"
	if b.shops > 0 {
		host, path = host0, "/"
	}
	for {
		if status, _, err := b.get(ctx, p, host, path); err == nil && status == 200 {
			b.firstAnswer = time.Since(begin)
			return nil
		}
		if time.Since(begin) > time.Minute {
			content, _ := os.ReadFile(log.Name())
			return fmt.Errorf("the program doesn't answer: %s", content)
		}
		time.Sleep(time.Millisecond)
	}
}

// restart starts program and nginx anew on some of the cores.
func (b *bench) restart(ctx context.Context, cores int) error {
	if err := errors.Join(b.program.stop(), b.nginx.stop()); err != nil {
		return err
	}
	if err := b.startProgram(ctx, cores); err != nil {
		return err
	}
	return b.startNginx(ctx, cores)
}

// static writes what the program answers into files and has nginx serve them.
func (b *bench) static(ctx context.Context) error {
	for _, t := range b.homes(hosts) {
		dir := filepath.Join(b.dir, "www", t.host)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for name, encoding := range map[string]string{"index.html": "", "index.html.gz": "gzip"} {
			status, body, err := b.get(ctx, b.program, t.host, t.path, "Accept-Encoding", encoding)
			if err != nil || status != 200 {
				return fmt.Errorf("%s%s: %d %w", t.host, t.path, status, err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
				return err
			}
			if t.host == host0 {
				fmt.Printf("the home page: %d bytes %s\n", len(body), encoding)
			}
		}
	}
	return b.startNginx(ctx, 0)
}

// The fastest nginx there is: no log, files held open, one worker a core.
const nginxConf = `daemon off;
master_process on;
worker_processes %s;
error_log stderr crit;
pid %s/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; etag on; gzip_static on;
  open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h; types { text/html html; }
  client_body_temp_path %[2]s/tmp; proxy_temp_path %[2]s/tmp; fastcgi_temp_path %[2]s/tmp;
  uwsgi_temp_path %[2]s/tmp; scgi_temp_path %[2]s/tmp;
  server { listen %[3]s; root %[4]s/$host; }
}
`

func (b *bench) startNginx(ctx context.Context, cores int) error {
	port, err := programtest.FreePort()
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "nginx")
	if err := os.MkdirAll(filepath.Join(dir, "tmp"), 0o777); err != nil {
		return err
	}
	workers := "auto"
	if cores > 0 {
		workers = strconv.Itoa(cores)
	}
	conf := filepath.Join(dir, "nginx.conf")
	p := &process{address: "127.0.0.1:" + port}
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, workers, dir, p.address, filepath.Join(b.dir, "www")),
		0o644); err != nil {
		return err
	}
	p.cmd = command(cores, "nginx", "-p", dir, "-c", conf)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		return err
	}
	b.nginx = p
	for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if status, _, err := b.get(ctx, p, host0, "/"); err == nil && status == 200 {
			return nil
		}
		if time.Since(begin) > 10*time.Second {
			return errors.New("nginx doesn't answer")
		}
	}
}

// command runs a server on the first cores.
func command(cores int, name string, args ...string) *exec.Cmd {
	if cores == 0 {
		return exec.Command(name, args...)
	}
	return exec.Command("taskset", append([]string{"-c", "0-" + strconv.Itoa(cores-1), name}, args...)...)
}

func (b *bench) get(ctx context.Context, p *process, host, path string, headers ...string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Host = host
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	client := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// memory reads a line of the process's status, in bytes.
func (p *process) memory(line string) int64 {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)) // gone: zero
	for l := range strings.SplitSeq(string(content), "\n") {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}

// cpu is the processor time that a server and its workers have used.
func (p *process) cpu() time.Duration {
	own := strconv.Itoa(p.cmd.Process.Pid)
	var ticks int64
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		// proc(5): pid (comm) state ppid ... utime stime are the 14th and 15th; comm may hold spaces.
		_, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 12 && (filepath.Base(filepath.Dir(name)) == own || fields[1] == own) {
			user, _ := strconv.ParseInt(fields[11], 10, 64)
			system, _ := strconv.ParseInt(fields[12], 10, 64)
			ticks += user + system
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100 on Linux
}
