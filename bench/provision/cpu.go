package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cpu is the processor time used so far by the program, by PostgreSQL with its backends and by this one, read from
// Linux's /proc; zero elsewhere. Unlike rates it says something on a machine that others use too.
func (b *bench) cpu() (program, database, self time.Duration) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		// proc(5): pid (comm) state ppid ... utime stime are the 14th and 15th; comm may hold spaces.
		_, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 {
			continue
		}
		pid, parent := filepath.Base(filepath.Dir(name)), fields[1]
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		used := time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 on Linux
		switch {
		case pid == strconv.Itoa(os.Getpid()):
			self += used
		case pid == strconv.Itoa(b.Program.PID()):
			program += used
		case pid == strconv.Itoa(b.pg.PID()) || parent == strconv.Itoa(b.pg.PID()):
			database += used
		}
	}
	return program, database, self
}

func settings(statements bool) map[string]string {
	if !statements {
		return nil
	}
	return map[string]string{"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track_planning": "on"}
}

// statements prints the statements that took PostgreSQL longest, planning included.
func (b *bench) statements(ctx context.Context, runs int) error {
	rows, err := b.db.Query(ctx, `SELECT (total_plan_time + total_exec_time) / $1, total_plan_time / $1,
	calls::float8 / $1, left(regexp_replace(query, '\s+', ' ', 'g'), 110)
		FROM pg_stat_statements WHERE calls >= $1 / 2 ORDER BY 1 DESC LIMIT 60`, float64(runs))
	if err != nil {
		return err
	}
	defer rows.Close()
	fmt.Printf("\nms a run  of it planning  calls a run  statement\n")
	for rows.Next() {
		var total, plan, calls float64
		var query string
		if err := rows.Scan(&total, &plan, &calls, &query); err != nil {
			return err
		}
		fmt.Printf("%8.3f  %15.3f  %11.1f  %s\n", total, plan, calls, query)
	}
	return rows.Err()
}
