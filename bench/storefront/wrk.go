package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// target is a page of a shop.
type target struct{ host, path string }

// wrk is a load.
type wrk struct {
	targets []target
	threads int
	gzip    bool
	zipf    bool // the targets' popularity falls with their place; otherwise they come in turn
	alone   bool // on the last core, which the server leaves
}

type result struct {
	rate     float64
	p50, p99 time.Duration
	cpu      time.Duration // of the server, for one request
	noisy    bool          // other processes used much of the machine
}

// script asks for the targets in turn, or by Zipf's law through a table of sums.
const script = `
local requests, sums, n, i = {}, {}, %d, 0
function init()
  local headers = {%s}
  local total = 0
  for line in io.lines("%s") do
    local host, path = line:match("(%%S+) (%%S+)")
    headers["Host"] = host
    requests[#requests + 1] = wrk.format("GET", path, headers)
    total = total + 1 / #requests
    sums[#sums + 1] = total
  end
  math.randomseed(tonumber(tostring({}):match("0x(%%x+)"), 16) %% 2147483647)
end
function request()
  if %t then
    local x, low, high = math.random() * sums[n], 1, n
    while low < high do
      local middle = math.floor((low + high) / 2)
      if sums[middle] < x then low = middle + 1 else high = middle end
    end
    return requests[low]
  end
  i = i %% n + 1
  return requests[i]
end
`

var (
	rateLine = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	p50Line  = regexp.MustCompile(`50%\s+([0-9.]+)(us|ms|s)`)
	p99Line  = regexp.MustCompile(`99%\s+([0-9.]+)(us|ms|s)`)
	allLine  = regexp.MustCompile(`(\d+) requests in`)
	badLine  = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)`)
)

// run warms a server up and then measures it.
func (b *bench) run(ctx context.Context, p *process, w wrk) (result, error) {
	dir := filepath.Join(b.dir, "wrk")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return result{}, err
	}
	var list strings.Builder
	for _, t := range w.targets {
		fmt.Fprintln(&list, t.host, t.path)
	}
	listPath, luaPath := filepath.Join(dir, "targets"), filepath.Join(dir, "script.lua")
	headers := ""
	if w.gzip {
		headers = `["Accept-Encoding"] = "gzip"`
	}
	if err := os.WriteFile(listPath, []byte(list.String()), 0o644); err != nil {
		return result{}, err
	}
	if err := os.WriteFile(luaPath, fmt.Appendf(nil, script, len(w.targets), headers, listPath, w.zipf),
		0o644); err != nil {
		return result{}, err
	}
	if _, err := b.wrk(ctx, p, w, luaPath, max(b.each/5, time.Second)); err != nil {
		return result{}, err
	}
	cpu, busy := p.cpu(), otherWork(p)
	begin := time.Now()
	out, err := b.wrk(ctx, p, w, luaPath, b.each)
	if err != nil {
		return result{}, err
	}
	r := result{rate: number(rateLine, out), p50: duration(p50Line, out), p99: duration(p99Line, out)}
	count := number(allLine, out)
	if bad := badLine.FindString(out); bad != "" || count == 0 {
		return r, fmt.Errorf("wrk: %s", out)
	}
	r.cpu = time.Duration(float64(p.cpu()-cpu) / count)
	r.noisy = otherWork(p)-busy > time.Since(begin)/5
	return r, nil
}

func (b *bench) wrk(ctx context.Context, p *process, w wrk, script string, d time.Duration) (string, error) {
	args := []string{"-t" + strconv.Itoa(w.threads), "-c" + strconv.Itoa(connections),
		"-d" + strconv.Itoa(max(1, int(d.Seconds()))) + "s", "--latency", "-s", script, "http://" + p.address}
	cmd := exec.CommandContext(ctx, "wrk", args...)
	if w.alone {
		cmd = exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(runtime.NumCPU() - 1), "wrk"},
			args...)...)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("wrk: %w: %s", err, out)
	}
	return string(out), nil
}

func number(of *regexp.Regexp, text string) float64 {
	m := of.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(m[1], 64) // digits, by the pattern
	return n
}

func duration(of *regexp.Regexp, text string) time.Duration {
	m := of.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	d, _ := time.ParseDuration(m[1] + m[2]) // a number and a unit, by the pattern
	return d
}

// otherWork is processor time used by processes other than the server, wrk, PostgreSQL or this program: what makes a
// measurement doubtful on a machine that isn't ours alone.
func otherWork(p *process) time.Duration {
	var ticks int64
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	own := strconv.Itoa(p.cmd.Process.Pid)
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		head, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 {
			continue
		}
		pid, comm, _ := strings.Cut(head, " (")
		if pid == own || fields[1] == own || comm == "wrk" || comm == "postgres" || pid == strconv.Itoa(os.Getpid()) {
			continue
		}
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		ticks += user + system
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
