package operators

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"orbit360.app/journey/journeytest"
	"orbit360.app/programtest"
)

// What isn't a server starts none: the real program, with an address that would tell and a folder that must not come
// to be.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	path, err := programtest.Build()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		"help":            {[]string{"--help"}, 0, "Usage: orbit360 [subcommand]", ""},
		"h":               {[]string{"-h"}, 0, "serve     serve on ADDR and run the jobs (the default)", ""},
		"help of serve":   {[]string{"serve", "--help"}, 0, "Usage: orbit360", ""},
		"help subcommand": {[]string{"help"}, 0, "Usage: orbit360", ""},
		"version":         {[]string{"--version"}, 0, "orbit360 ", ""},
		"one dash":        {[]string{"-version"}, 0, "orbit360 ", ""},
		"version command": {[]string{"version"}, 0, "orbit360 ", ""},
		"unknown flag": {[]string{"--port=80"}, 2, "",
			"orbit360: flag provided but not defined: -port; see orbit360 --help\n"},
		"unknown command": {[]string{"srve"}, 2, "",
			`orbit360: there is no subcommand "srve"; see orbit360 --help` + "\n"},
		"argument": {[]string{"serve", "now"}, 2, "",
			`orbit360: serve takes no arguments, but got "now"; see orbit360 --help` + "\n"},
		"flag of serve": {[]string{"serve", "-x"}, 2, "",
			"orbit360: flag provided but not defined: -x; see orbit360 --help\n"},
		"an empty word":    {[]string{""}, 2, "", `there is no subcommand ""`},
		"after two dashes": {[]string{"--", "--help"}, 2, "", `there is no subcommand "--help"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := exec.Command(path, c.args...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:"+journeytest.FreePort(t))
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run() // its status is looked at
			if got := cmd.ProcessState.ExitCode(); got != c.status {
				t.Errorf("exit status %d instead of %d\n%s%s", got, c.status, &stdout, &stderr)
			}
			if !strings.Contains(stdout.String(), c.stdout) || (c.stdout == "") != (stdout.Len() == 0) {
				t.Errorf("standard output: %q, want %q in it", &stdout, c.stdout)
			}
			if !strings.Contains(stderr.String(), c.stderr) || (c.stderr == "") != (stderr.Len() == 0) {
				t.Errorf("standard error: %q, want %q in it", &stderr, c.stderr)
			}
			if made, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(made) > 0 {
				t.Errorf("it made %v, %v", made, err)
			}
		})
	}
}

// The version is where operators look: in the first lines, the log and the metrics.
func TestVersionIsTold(t *testing.T) {
	t.Parallel()
	metricsAddr := net.JoinHostPort("127.0.0.1", journeytest.FreePort(t))
	p := journeytest.Install(t, "METRICS_ADDR="+metricsAddr)
	p.MustStart()
	path, err := programtest.Build()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := exec.Command(path, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Fields(string(printed))[1]
	res, err := http.Get("http://" + metricsAddr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), `orbit360_build_info{goversion="go`) ||
		!strings.Contains(string(body), `version="`+name+`"} 1`) {
		t.Errorf("no orbit360_build_info of %s in the metrics", name)
	}
	if out := p.Out.String(); !strings.Contains(out, ", version "+name+"\n") ||
		!strings.Contains(out, "msg=starting version="+name) {
		t.Errorf("the version %s isn't in what was printed and logged:\n%s", name, out)
	}
}
