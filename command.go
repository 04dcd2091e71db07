package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// command is a subcommand. Its doc is its line in the usage.
type command struct {
	name, doc string
	run       func(out io.Writer) error
}

// defaultCommand is what a command line without a subcommand means.
const defaultCommand = "serve"

// errUsage is a command line that can't be understood: exit status 2, as Go's own tools have it.
type errUsage struct{ problem string }

func (e errUsage) Error() string { return e.problem }

// execute runs what the arguments ask for. Nothing else happens for help, the version or a mistake: no server, no
// folder.
func execute(args []string, out io.Writer, commands []command) error {
	chosen := defaultCommand
	for rest, named := args, false; ; {
		flags := flag.NewFlagSet("orbit360", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.Usage = func() {}
		version := flags.Bool("version", false, "")
		if err := flags.Parse(rest); errors.Is(err, flag.ErrHelp) {
			return usage(out, commands)
		} else if err != nil {
			return errUsage{err.Error()}
		}
		if *version {
			return printVersion(out)
		}
		if rest = flags.Args(); len(rest) == 0 {
			break
		}
		if named {
			return errUsage{fmt.Sprintf("%s takes no argument, and was given %q", chosen, rest[0])}
		}
		chosen, rest, named = rest[0], rest[1:], true
	}
	if chosen == "help" {
		return usage(out, commands)
	}
	if chosen == "version" {
		return printVersion(out)
	}
	for _, c := range commands {
		if c.name == chosen {
			return c.run(out)
		}
	}
	return errUsage{fmt.Sprintf("there is no subcommand %q", chosen)}
}

func usage(out io.Writer, commands []command) error {
	var b strings.Builder
	b.WriteString(
		"ORBIT360, a hosted commerce platform in one program.\n\nUsage: orbit360 [subcommand]\n\nSubcommands:\n\n")
	for _, c := range append(commands, command{name: "version", doc: "print the version"},
		command{name: "help", doc: "print this"}) {
		if c.name == defaultCommand {
			c.doc += " (the default)"
		}
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.doc)
	}
	b.WriteString("\nFlags:\n\n  --help     print this\n  --version  print the version\n\n" +
		"Everything is configured by environment variables: ADDR, BASE_DOMAIN, PUBLIC_URL, DATABASE_URL, DATA_DIR,\n" +
		"SECRET_KEY, SMTP_URL and more. README.md, section Configuration, lists them with their defaults.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func printVersion(out io.Writer) error {
	v := version()
	_, err := fmt.Fprintf(out, "orbit360 %s (%s, %s/%s)\n", v.name, v.goVersion, runtime.GOOS, runtime.GOARCH)
	return err
}

// versionOverride names the version where a release's builder knows it better than Go does:
// go build -ldflags "-X main.versionOverride=1.4.0".
var versionOverride string

// build says what this program was built from.
type build struct{ name, revision, goVersion string }

// version is the override, or what Go noted: the module's version (a tag, or a pseudo-version with time and commit),
// the commit alone, or "devel" where it was built outside a repository.
func version() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return versionOf(info, versionOverride)
}

func versionOf(info *debug.BuildInfo, override string) build {
	b := build{name: override, goVersion: cmp.Or(info.GoVersion, runtime.Version())}
	dirty := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if main := info.Main.Version; b.name == "" && main != "(devel)" {
		b.name = main
	}
	if b.name == "" && b.revision != "" {
		b.name = b.revision[:min(12, len(b.revision))] + dirty
	}
	b.name = cmp.Or(b.name, "devel")
	return b
}
