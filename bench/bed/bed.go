package bed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/programtest"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

// Bed is a database under measurement.
type Bed struct {
	Super *pgx.Conn // looks past row-level security
	DB    *store.DB // as the program sees it
	pg    *programtest.Database
	dir   string
	told  int // of the server's log
}

// Start starts a migrated database with the default themes and plans. Settings go over the server's own.
func Start(ctx context.Context, settings map[string]string) (b *Bed, err error) {
	b = &Bed{}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Stop())
		}
	}()
	if b.dir, err = programtest.Folder("bench"); err != nil {
		return b, err
	}
	if b.pg, err = programtest.StartDatabase(ctx, filepath.Join(b.dir, "pg"), settings); err != nil {
		return b, err
	}
	owner, err := pg.OpenOwner(ctx, b.pg.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		return b, err
	}
	defer owner.Close()
	if err = owner.Migrate(ctx); err != nil {
		return b, err
	}
	serving, err := owner.ServingRole(ctx, b.pg.URL(), "0123456789abcdef")
	if err != nil {
		return b, err
	}
	if b.DB, err = store.Open(ctx, serving); err != nil {
		return b, err
	}
	if _, err = b.DB.SeedDefaults(ctx); err != nil {
		return b, err
	}
	b.Super, err = pgx.Connect(ctx, b.pg.SuperURL())
	return b, err
}

// Stop stops the database and removes it.
func (b *Bed) Stop() error {
	var errs []error
	if b.Super != nil {
		errs = append(errs, b.Super.Close(context.Background()))
	}
	if b.DB != nil {
		b.DB.Close()
	}
	if b.pg != nil {
		errs = append(errs, b.pg.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir), programtest.Clean())...)
}

// Fill runs statements as the superuser.
func (b *Bed) Fill(ctx context.Context, statements ...string) error {
	for _, sql := range statements {
		if _, err := b.Super.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%w: %s", err, sql)
		}
	}
	return nil
}

// CPU is the processor time of all of PostgreSQL's processes, in steps of 10 ms (Linux).
func (b *Bed) CPU() (all time.Duration) {
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", b.pg.PID()))
	for _, file := range children {
		pids, _ := os.ReadFile(file)
		for pid := range strings.FieldsSeq(string(pids)) {
			stat, _ := os.ReadFile("/proc/" + pid + "/stat")
			_, rest, _ := strings.Cut(string(stat), ") ")
			if f := strings.Fields(rest); len(f) > 12 {
				user, _ := strconv.Atoi(f[11])
				system, _ := strconv.Atoi(f[12])
				all += time.Duration(user+system) * 10 * time.Millisecond
			}
		}
	}
	return all
}

// Load is the machine's load average, for judging how quiet it was.
func Load() string {
	data, _ := os.ReadFile("/proc/loadavg") // Linux has it
	return strings.TrimSpace(string(data))
}

// At is a percentile in milliseconds.
func At(d []time.Duration, percent int) float64 {
	slices.Sort(d)
	return float64(d[min(len(d)-1, len(d)*percent/100)]) / float64(time.Millisecond)
}

// Explain has the server write the plans of statements that take longer, with the buffers they read. It holds for
// connections made from then on.
func (b *Bed) Explain(ctx context.Context, longer time.Duration) error {
	for name, value := range map[string]string{"session_preload_libraries": "auto_explain",
		"auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on",
		"auto_explain.log_min_duration": fmt.Sprint(longer.Milliseconds())} {
		if _, err := b.Super.Exec(ctx, "ALTER DATABASE orbit360 SET "+name+" = '"+value+"'"); err != nil {
			return err
		}
	}
	return nil
}

// Plans returns what the server has written since it was last asked.
func (b *Bed) Plans() (string, error) {
	text, err := os.ReadFile(filepath.Join(b.dir, "pg", "postgres.log"))
	if err != nil {
		return "", err
	}
	news := text[min(b.told, len(text)):]
	b.told = len(text)
	return string(news), nil
}
