package chaos

import (
	"strconv"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// live holds the states of a job that somebody works or will work.
const live = `('available', 'running', 'retryable', 'scheduled', 'pending')`

// deadOwner finds running jobs of a process that has neither lock nor row.
const deadOwner = `SELECT count(*) FROM river_job j WHERE j.state = 'running' AND NOT EXISTS (
	SELECT FROM workers w JOIN pg_locks l ON l.locktype = 'advisory' AND l.granted
	AND ((l.classid::bigint << 32) | l.objid::bigint) = w.lock_key
	WHERE w.id = j.attempted_by[array_upper(j.attempted_by, 1)])`

// jobless finds unfinished runs that no worker has or will take.
const jobless = `SELECT count(*) FROM merchant_provisionings r WHERE r.status IN ('PENDING', 'IN_PROGRESS')
	AND NOT EXISTS (SELECT FROM river_job j WHERE j.id = r.job_id AND j.state IN ` + live + `)`

// broken holds the promises as statements that count what breaks them; $1 are the acknowledged merchants.
var broken = []struct{ promise, sql string }{
	{"an acknowledged activation has a run", `SELECT count(*) FROM unnest($1::uuid[]) a WHERE NOT EXISTS (SELECT
		FROM merchant_provisionings r WHERE r.merchant_id = a)`},
	{"a merchant has one run", `SELECT count(*) FROM (SELECT merchant_id FROM merchant_provisionings GROUP BY 1
		HAVING count(*) > 1) x`},
	{"a run ends COMPLETED, or FAILED with a reason", `SELECT count(*) FROM merchant_provisionings
	WHERE NOT (status = 'COMPLETED' AND completion_percent = 100 AND completed_at IS NOT NULL
		OR status = 'FAILED' AND error_log <> '[]' AND error_log -> -1 ->> 'message' <> '')`},
	{"a completed run has all its steps done", `SELECT count(*) FROM merchant_provisionings r WHERE status = 'COMPLETED'
		AND (SELECT count(*) FROM provisioning_steps s WHERE s.run_id = r.id AND s.status = 'done') <> ` +
		strconv.Itoa(len(orbit.StepDefinitions()))},
	{"crashes aren't counted as attempts", `SELECT count(*) FROM provisioning_steps s
		JOIN merchant_provisionings r ON r.id = s.run_id
		WHERE s.attempts <> (s.status = 'done')::int + (SELECT count(*) FROM jsonb_array_elements(r.error_log) e
		WHERE e ->> 'step' = s.key)`},
	{"a step has three attempts at most", `SELECT count(*) FROM provisioning_steps WHERE attempts > 3`},
	{"no run is without a live job", jobless},
	{"no job is running with a dead owner", deadOwner},
	{"no job of a run that ended is left", `SELECT count(*) FROM river_job j
		JOIN merchant_provisionings r ON r.id::text = j.args ->> 'runId' WHERE j.kind = 'provision' AND j.state IN ` + live},
	{"one subdomain each", `SELECT count(*) FROM merchant_provisionings r WHERE (SELECT count(*) FROM domains d
	WHERE d.merchant_id = r.merchant_id) <> 1
		OR NOT EXISTS (SELECT FROM domains d WHERE d.merchant_id = r.merchant_id
		AND d.host = r.subdomain || '.` + base + `')`},
	{"a merchant is active when its run is completed", `SELECT count(*) FROM merchants m
		JOIN merchant_provisionings r ON r.merchant_id = m.id WHERE (r.status = 'COMPLETED') <> (m.status = 'active')`},
	{"one code each", `SELECT count(*) - count(DISTINCT code) FROM merchants WHERE status = 'active'`},
}

// effects holds what a completed run leaves behind, exactly so many of each for every merchant.
var effects = map[string]int{
	"memberships": 1, "releases": 1, "deployment_metadata": 1, "settings": 1, "collections": 2,
	"products": 6, "pages": 4,
	"menus": 2, "shipping_rates": 2, "payment_methods": 1, "one_time_links": 1,
	"emails WHERE message_id LIKE '<welcome.%'":      1,
	"audit_log WHERE action = 'run.completed'":       1,
	"releases WHERE number = 1":                      1,
	"merchants JOIN users u ON u.id = owner_id":      1,
	"memberships JOIN users u ON u.id = user_id":     1,
	"audit_log WHERE action = 'merchant.activation'": 1,
}

// settle waits until every run has ended and its job is written off.
func (w *world) settle() {
	w.t.Helper()
	w.eventually("every run ends", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings WHERE status IN ('PENDING', 'IN_PROGRESS')`) == 0
	})
	w.eventually("the jobs are written off", func() bool {
		return w.count(`SELECT count(*) FROM river_job WHERE kind = 'provision' AND state IN `+live) == 0
	})
}

// check waits for the end and holds all rows against the promises. completed says how many runs must have
// come to the good end; the others are FAILED with a reason.
func (w *world) check(completed int) {
	w.t.Helper()
	w.settle()
	w.mu.Lock()
	var accepted []string
	for id, subdomain := range w.accepted {
		accepted = append(accepted, id.String())
		if w.count(`SELECT count(*) FROM merchant_provisionings WHERE merchant_id = $1 AND subdomain = $2`,
			id.String(), subdomain) != 1 {
			w.t.Errorf("%s was acknowledged and is lost", subdomain)
		}
	}
	w.mu.Unlock()
	if got := w.count(`SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`); got != completed {
		w.t.Errorf("%d runs are completed instead of %d", got, completed)
	}
	for _, b := range broken {
		var n int
		if err := w.db.QueryRow(w.t.Context(), b.sql, arguments(b.sql, accepted)...).Scan(&n); err != nil {
			w.t.Errorf("%s: %v", b.promise, err)
		} else if n != 0 {
			w.t.Errorf("broken %d times: %s", n, b.promise)
		}
	}
	for table, want := range effects {
		w.checkEffect(table, want)
	}
	w.checkWatchers()
}

func arguments(sql string, accepted []string) []any {
	for i := range sql {
		if sql[i] == '$' {
			return []any{accepted}
		}
	}
	return nil
}

func (w *world) checkEffect(table string, want int) {
	w.t.Helper()
	column := "merchant_id"
	if len(table) > 9 && table[:9] == "merchants" {
		column = "merchants.id"
	}
	sql := `SELECT count(*) FROM (SELECT r.merchant_id FROM merchant_provisionings r
		LEFT JOIN (SELECT ` + column + ` AS m FROM ` + table + `) e ON e.m = r.merchant_id
		WHERE r.status = 'COMPLETED' GROUP BY 1 HAVING count(e.m) <> $1) x`
	var n int
	if err := w.db.QueryRow(w.t.Context(), sql, want).Scan(&n); err != nil {
		w.t.Errorf("%s: %v", table, err)
	} else if n != 0 {
		w.t.Errorf("%d completed merchants don't have exactly %d of %s", n, want, table)
	}
}

// recover waits until every run that was under way when something broke has come to its end, and gives the time
// since it broke.
func (w *world) recover(broke time.Time, runs []orbit.RunID) time.Duration {
	w.t.Helper()
	ids := make([]string, len(runs))
	for i, id := range runs {
		ids[i] = id.String()
	}
	w.eventually("the runs that were under way end", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings WHERE id = ANY($1::uuid[])
			AND status IN ('PENDING', 'IN_PROGRESS')`, ids) == 0
	})
	return time.Since(broke)
}

// underWay returns the runs that haven't ended.
func (w *world) underWay() (runs []orbit.RunID) {
	w.t.Helper()
	w.awake()
	rows, err := w.db.Query(w.t.Context(), `SELECT id::text FROM merchant_provisionings
		WHERE status IN ('PENDING', 'IN_PROGRESS')`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			w.t.Fatal(err)
		}
		id, err := orbit.ParseID[orbit.Run](text)
		if err != nil {
			w.t.Fatal(err)
		}
		runs = append(runs, id)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return runs
}

// within fails where a recovery took longer than is promised.
func within(t *testing.T, what string, took times, p95, worst time.Duration) {
	t.Helper()
	t.Logf("%s: %v", what, took)
	if took.at(95) > p95 || took.at(100) > worst {
		t.Errorf("%s took %v; promised are p95 %v and at worst %v", what, took, p95, worst)
	}
}
