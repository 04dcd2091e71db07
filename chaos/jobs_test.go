package chaos

import (
	"testing"
	"time"
)

// TestSameJobTwice delivers jobs again and again: copies of them, and those that are being worked or are over put back
// into the queue, while two processes work.
func TestSameJobTwice(t *testing.T) {
	t.Parallel()
	w, _ := one(t)
	w.node().start()
	ids := w.applicants(either(20, 200))
	w.watch(ids[:5]...)
	ordered := w.order(ids, 5*time.Millisecond)
	copies := 0
	for over := false; !over; {
		select {
		case <-ordered:
			over = true
		default:
		}
		tag, err := w.db.Exec(t.Context(), `INSERT INTO river_job (kind, queue, state, args, max_attempts, priority)
			SELECT kind, queue, 'available', args, max_attempts, priority FROM river_job WHERE kind = 'provision'
			ORDER BY random() LIMIT 5`)
		if err != nil {
			t.Fatal(err)
		}
		copies += int(tag.RowsAffected())
		w.exec(`UPDATE river_job SET state = 'available', finalized_at = NULL WHERE id IN (SELECT id FROM river_job
		WHERE kind = 'provision' AND state IN ('running', 'completed')
			ORDER BY random() LIMIT 5 FOR UPDATE SKIP LOCKED)`) // River locks them too, in an order of its own
		time.Sleep(5 * time.Millisecond)
	}
	t.Logf("%d runs got %d more jobs, and their own back while they were worked", len(ids), copies)
	w.check(len(ids))
}

// TestPoison puts jobs among the others that can't be worked: some with invalid arguments or without a run, one
// with a step that fails each time, and, when that one is rolled back, one that fails outside any step. Other jobs
// aren't affected. A run is FAILED with a reason after three attempts; a rollback resumes once it can.
func TestPoison(t *testing.T) {
	t.Parallel()
	w, n := one(t)
	ids := w.applicants(12)
	sick := ids[5].String()
	w.exec(`CREATE FUNCTION chaos_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.merchant_id = '` + sick + `' THEN RAISE EXCEPTION 'poison'; END IF;
			RETURN NEW;
		END $$`)
	w.exec(`CREATE TRIGGER chaos_poison BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION chaos_poison()`)
	w.exec(`INSERT INTO river_job (kind, queue, state, args, max_attempts, priority)
	SELECT 'provision', 'provision', 'available', args, 10000, 1
		FROM unnest(ARRAY['{"runId": 7}', '{"runId": "x"}', '[]', '{"runId": "01a20843-d91c-7660-8b4c-84c46bc46df8"}',
		'null']::jsonb[]) args`)
	w.watch(ids...)
	<-w.order(ids, 0)
	w.eventually("the poisoned run is given up", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings WHERE merchant_id = $1 AND status = 'FAILED'`, sick) == 1
	})
	if got := w.count(`SELECT attempts FROM provisioning_steps s JOIN merchant_provisionings r ON r.id = s.run_id
		WHERE r.merchant_id = $1 AND s.status = 'failed'`, sick); got != 3 {
		t.Errorf("the poisoned step had %d attempts instead of 3", got)
	}
	w.settleAll(len(ids) - 1)
	w.exec(`DELETE FROM river_job WHERE kind = 'provision' AND coalesce(args ->> 'runId', '') NOT IN (SELECT id::text
		FROM merchant_provisionings)`)
	w.check(len(ids) - 1)

	// Steps that no version of the program knows: there is no way back from them.
	w.exec(`INSERT INTO provisioning_steps (run_id, key, position) SELECT id, 'unknown' || p, p
		FROM merchant_provisionings, generate_series(7, 9) p WHERE merchant_id = $1`, sick)
	if status, body, err := n.post(w.cookie(), "/merchants/"+sick+"/rollback"); err != nil || status != 303 {
		t.Fatalf("rollback: %d %v\n%.500s", status, err, body)
	}
	w.eventually("the job has failed twice", func() bool {
		return w.count(`SELECT count(*) FROM river_job WHERE kind = 'provision' AND array_length(errors, 1) >= 2
			AND errors[1]::text LIKE '%no such step%'`) == 1
	})
	more := w.applicants(5)
	<-w.order(more, 0)
	w.settleAll(len(ids) - 1 + len(more))
	w.exec(`DELETE FROM provisioning_steps WHERE key LIKE 'unknown%'`)
	w.eventually("the mended run is rolled back", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings r JOIN merchants m ON m.id = r.merchant_id
			WHERE r.merchant_id = $1 AND r.status = 'ROLLBACK' AND r.completed_at IS NOT NULL AND m.status = 'pending'`,
			sick) == 1
	})
	for _, table := range []string{"domains", "memberships", "releases", "products", "settings", "deployment_metadata"} {
		if left := w.count(`SELECT count(*) FROM `+table+` WHERE merchant_id = $1`, sick); left != 0 {
			t.Errorf("%d of %s are left of what was rolled back", left, table)
		}
	}
}

// settleAll waits until so many runs are completed.
func (w *world) settleAll(n int) {
	w.t.Helper()
	w.eventually("the others are completed", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == n
	})
}
