package chaos

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// holdKey is the advisory lock at which transactions wait to be killed.
const holdKey = 3603603

// holds makes PostgreSQL stop a step at an exact point: triggers, which the program doesn't know of, wait for
// a lock where a merchant's row in chaos.holds asks for it. The program itself needs no door for that.
const holds = `
CREATE SCHEMA chaos;
CREATE TABLE chaos.holds (merchant_id uuid, point text);
CREATE FUNCTION chaos.hold(m uuid, p text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
	IF EXISTS (SELECT FROM chaos.holds h WHERE h.merchant_id = m AND h.point = p) THEN
		PERFORM pg_advisory_xact_lock_shared(3603603);
	END IF;
END $$;
CREATE FUNCTION chaos.effect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE row jsonb := to_jsonb(NEW);
BEGIN
	PERFORM chaos.hold(coalesce((row ->> 'merchant_id')::uuid,
		(SELECT id FROM merchants WHERE email = row ->> 'email'), (row ->> 'id')::uuid), 'before ' || TG_ARGV[0]);
	RETURN NEW;
END $$;
CREATE TRIGGER chaos_1 BEFORE UPDATE ON merchants FOR EACH ROW
	WHEN (OLD.theme_id IS NULL AND NEW.theme_id IS NOT NULL) EXECUTE FUNCTION chaos.effect('store_configuration');
CREATE TRIGGER chaos_2 BEFORE UPDATE ON merchants FOR EACH ROW WHEN (OLD.code IS NULL AND NEW.code IS NOT NULL)
	EXECUTE FUNCTION chaos.effect('workspace_creation');
CREATE TRIGGER chaos_3 BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION chaos.effect('dashboard_creation');
CREATE TRIGGER chaos_4 BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION chaos.effect('website_deployment');
CREATE TRIGGER chaos_5 BEFORE INSERT ON collections FOR EACH ROW EXECUTE FUNCTION chaos.effect('data_initialization');
CREATE TRIGGER chaos_6 BEFORE INSERT ON one_time_links FOR EACH ROW
	EXECUTE FUNCTION chaos.effect('credential_delivery');
CREATE TRIGGER chaos_7 BEFORE UPDATE ON merchants FOR EACH ROW
	WHEN (OLD.status <> 'active' AND NEW.status = 'active') EXECUTE FUNCTION chaos.effect('completion');
CREATE FUNCTION chaos.mark() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
	PERFORM chaos.hold((SELECT merchant_id FROM merchant_provisionings WHERE id = NEW.run_id),
		TG_ARGV[0] || ' ' || NEW.key);
	RETURN NEW;
END $$;
CREATE TRIGGER chaos_mark BEFORE UPDATE ON provisioning_steps FOR EACH ROW
	WHEN (OLD.status <> 'done' AND NEW.status = 'done') EXECUTE FUNCTION chaos.mark('mark');
CREATE CONSTRAINT TRIGGER chaos_commit AFTER UPDATE ON provisioning_steps DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (OLD.status <> 'done' AND NEW.status = 'done') EXECUTE FUNCTION chaos.mark('commit');
CREATE FUNCTION chaos.job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
	PERFORM chaos.hold((SELECT merchant_id FROM merchant_provisionings WHERE id::text = NEW.args ->> 'runId'), 'job');
	RETURN NEW;
END $$;
CREATE TRIGGER chaos_job BEFORE UPDATE ON river_job FOR EACH ROW
	WHEN (OLD.state <> 'completed' AND NEW.state = 'completed') EXECUTE FUNCTION chaos.job();
`

// point is where in a step the program dies.
type point struct {
	name string
	at   func(i int) string // of the step at position i
}

func points(keys []orbit.StepKey) []point {
	named := func(prefix string) func(int) string {
		return func(i int) string { return prefix + " " + string(keys[i]) }
	}
	return []point{
		{"before the effect", named("before")},
		{"between effect and mark", named("mark")},
		{"after the mark, before its commit", named("commit")},
		{"after the commit", func(i int) string {
			if i+1 == len(keys) {
				return "job" // the run is over and river hasn't heard of it
			}
			return "before " + string(keys[i+1])
		}},
	}
}

// TestCrashPoints kills the program with -9 at every point of every step: one run is held at each of the seven steps
// when it dies. What PostgreSQL had been sent by then it either forgets, or finishes after the client's death, even
// under the hands of its successor; both must come to the same rows.
func TestCrashPoints(t *testing.T) {
	t.Parallel()
	w, n := one(t)
	w.exec(holds)
	var keys []orbit.StepKey
	for _, d := range orbit.StepDefinitions() {
		keys = append(keys, d.Key)
	}
	gate, err := pgx.ConnectConfig(t.Context(), w.db.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close(t.Context()) }) // it goes with the server
	total := 0
	for _, p := range points(keys) {
		for _, forgotten := range []bool{true, false} {
			total += len(keys)
			w.dieAt(n, gate, p, keys, forgotten)
			if t.Failed() {
				t.Fatalf("when killed %s; the server forgot: %v", p.name, forgotten)
			}
		}
	}
	t.Logf("%d runs were killed, each at a point of its own", total)
	w.check(total)
}

func (w *world) dieAt(n *node, gate *pgx.Conn, p point, keys []orbit.StepKey, forgotten bool) {
	w.t.Helper()
	began := time.Now()
	defer func() {
		w.t.Logf("%s; the server forgot: %v; took %v", p.name, forgotten, time.Since(began).Round(time.Millisecond))
	}()
	ctx := w.t.Context()
	if _, err := gate.Exec(ctx, `SELECT pg_advisory_lock($1)`, holdKey); err != nil {
		w.t.Fatal(err)
	}
	ids := w.applicants(len(keys))
	for i, id := range ids {
		w.exec(`INSERT INTO chaos.holds VALUES ($1, $2)`, id.String(), p.at(i))
	}
	w.watch(ids...)
	<-w.order(ids, 0)
	waiting := fmt.Sprintf(`FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 0 AND objid = %d`,
		holdKey)
	w.eventually("seven runs are held "+p.name, func() bool { return w.count(`SELECT count(*) `+waiting) == len(ids) })
	w.exec(`DELETE FROM chaos.holds`) // those that are held stay so; the next one isn't
	n.Kill()
	if forgotten {
		w.exec(`SELECT pg_terminate_backend(pid) ` + waiting)
	} else {
		n.start() // the successor meets the transactions of the dead
	}
	if _, err := gate.Exec(ctx, `SELECT pg_advisory_unlock($1)`, holdKey); err != nil {
		w.t.Fatal(err)
	}
	if forgotten {
		n.start()
	}
	w.settle()
}
