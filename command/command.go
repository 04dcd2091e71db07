package command

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

// Command is a subcommand. Its doc is its line in the usage.
type Command struct {
	Name, Doc string
	Run       func(out io.Writer) error
}

// Default is the subcommand that a command line without one means.
const Default = "serve"

// Misuse is a command line that can't be understood: exit status 2, as Go's own tools have it.
type Misuse struct{ problem string }

func (e Misuse) Error() string { return e.problem }

// Execute runs what the arguments ask for. Nothing else happens for help, the version or a mistake: no server, no
// folder.
func Execute(args []string, out io.Writer, version Build, commands []Command) error {
	chosen := Default
	for rest, named := args, false; ; {
		flags := flag.NewFlagSet("orbit360", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.Usage = func() {}
		asked := flags.Bool("version", false, "")
		if err := flags.Parse(rest); errors.Is(err, flag.ErrHelp) {
			return usage(out, commands)
		} else if err != nil {
			return Misuse{err.Error()}
		}
		if *asked {
			return version.print(out)
		}
		if rest = flags.Args(); len(rest) == 0 {
			break
		}
		if named {
			return Misuse{fmt.Sprintf("%s takes no arguments, but got %q", chosen, rest[0])}
		}
		chosen, rest, named = rest[0], rest[1:], true
	}
	if chosen == "help" {
		return usage(out, commands)
	}
	if chosen == "version" {
		return version.print(out)
	}
	for _, c := range commands {
		if c.Name == chosen {
			return c.Run(out)
		}
	}
	return Misuse{fmt.Sprintf("there is no subcommand %q", chosen)}
}

func usage(out io.Writer, commands []Command) error {
	var b strings.Builder
	b.WriteString(
		"ORBIT360, a hosted commerce platform in one program.\n\nUsage: orbit360 [subcommand]\n\nSubcommands:\n\n")
	for _, c := range append(commands, Command{Name: "version", Doc: "print the version"},
		Command{Name: "help", Doc: "print this"}) {
		if c.Name == Default {
			c.Doc += " (the default)"
		}
		fmt.Fprintf(&b, "  %-9s %s\n", c.Name, c.Doc)
	}
	b.WriteString("\nFlags:\n\n  --help     print this\n  --version  print the version\n\n" +
		"Everything is configured by environment variables: ADDR, BASE_DOMAIN, PUBLIC_URL, DATABASE_URL, DATA_DIR,\n" +
		"SECRET_KEY, SMTP_URL and more. docs/configuration.md lists them with their defaults.\n")
	_, err := io.WriteString(out, b.String())
	return err
}

func (b Build) print(out io.Writer) error {
	_, err := fmt.Fprintf(out, "orbit360 %s (%s, %s/%s)\n", b.Name, b.GoVersion, runtime.GOOS, runtime.GOARCH)
	return err
}

// Build says what this program was built from.
type Build struct{ Name, Revision, GoVersion string }

// Version returns the override, or what Go noted: the module's version (a tag, or a pseudo-version with time and
// commit), the commit alone, or "devel" where it was built outside a repository.
func Version(override string) Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return versionOf(info, override)
}

func versionOf(info *debug.BuildInfo, override string) Build {
	b := Build{Name: override, GoVersion: cmp.Or(info.GoVersion, runtime.Version())}
	dirty := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if main := info.Main.Version; b.Name == "" && main != "(devel)" {
		b.Name = main
	}
	if b.Name == "" && b.Revision != "" {
		b.Name = b.Revision[:min(12, len(b.Revision))] + dirty
	}
	b.Name = cmp.Or(b.Name, "devel")
	return b
}
