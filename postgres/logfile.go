package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const maxLog = 16 << 20 // bytes at which postgres.log makes way for a new one

func (p *place) logPath() string { return filepath.Join(p.dir, "postgres.log") }

// openLog opens postgres.log for a new postmaster, keeping one old file. from is where the new one's lines begin.
func (p *place) openLog() (f *os.File, from int64, err error) {
	if info, err := os.Stat(p.logPath()); err == nil && info.Size() > maxLog {
		if err := os.Rename(p.logPath(), p.logPath()+".old"); err != nil {
			return nil, 0, fmt.Errorf("rotating PostgreSQL's log: %w", err)
		}
	}
	f, err = os.OpenFile(p.logPath(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("opening PostgreSQL's log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("opening PostgreSQL's log: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// logSince is the end of what a postmaster wrote, at most 8 KiB, "" when it can't be read.
func (p *place) logSince(from int64) []byte {
	f, err := os.Open(p.logPath())
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		from = max(from, info.Size()-8<<10)
	}
	text, err := io.ReadAll(io.NewSectionReader(f, from, 8<<10))
	if err != nil {
		return nil
	}
	return text
}

// lastLines puts the last n lines of text on one, for an error.
func lastLines(text []byte, n int) string {
	lines := strings.Split(string(bytes.TrimSpace(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
