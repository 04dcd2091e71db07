package command

import (
	"errors"
	"io"
	"runtime/debug"
	"testing"
)

func TestServeIsTheDefault(t *testing.T) {
	t.Parallel()
	var served int
	commands := []Command{{"serve", "", func(io.Writer) error { served++; return nil }}}
	for _, args := range [][]string{nil, {"serve"}, {"--"}} {
		if err := Execute(args, io.Discard, Build{}, commands); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
	if served != 3 {
		t.Errorf("served %d times instead of 3", served)
	}
	var bad Misuse
	if err := Execute([]string{"serve", "serve"}, io.Discard, Build{}, commands); !errors.As(err, &bad) || served != 3 {
		t.Errorf("serve serve: %v", err)
	}
}

func TestVersionOf(t *testing.T) {
	t.Parallel()
	commit := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"},
		{Key: "vcs.modified", Value: "true"}}
	for want, c := range map[string]struct {
		main     string
		settings []debug.BuildSetting
		override string
	}{
		"1.4.0":               {"v1.2.0", commit, "1.4.0"},
		"v1.2.0":              {"v1.2.0", commit, ""},
		"0123456789ab+dirty":  {"(devel)", commit, ""},
		"0123456789ab":        {"", commit[:1], ""},
		"devel":               {"(devel)", nil, ""},
		"1.4.0-without-build": {"", nil, "1.4.0-without-build"},
	} {
		info := &debug.BuildInfo{Settings: c.settings}
		info.Main.Version = c.main
		if got := versionOf(info, c.override); got.Name != want || got.GoVersion == "" {
			t.Errorf("%+v, want the name %s", got, want)
		}
	}
}
