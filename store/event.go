package store

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// insertEvent adds an event with its deliveries and their jobs: $1 kind, $2 event, $3 run, $4 merchant, $5 attempts of
// a job. It stands in the batch of what it reports, so that both commit together; that is also why the jobs are written
// here, as river's clients in other languages write them. Where no webhook wants the event, it writes nothing.
const insertEvent = `
	WITH wanted AS (SELECT id FROM webhooks WHERE disabled_at IS NULL
		AND events @> to_jsonb($1::text)),
	event AS (INSERT INTO webhook_events (id, kind, about_id, body)
		SELECT $2::uuid, $1, m.id, json_build_object('id', $2::uuid, 'type', $1::text, 'createdAt',
		to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
			'data', json_build_object(
				'merchant', json_build_object('id', m.id, 'name', m.name, 'status', m.status),
				'status', r.status, 'currentStep', r.current_step, 'completionPercent', r.completion_percent,
				'error', CASE WHEN r.status = 'FAILED'
				THEN json_build_object('step', r.error_log -> -1 ->> 'step', 'message', r.error_log -> -1 ->> 'message') END,
				'theme', th.slug, 'plan', pl.slug, 'subdomain', r.subdomain, 'customDomain', r.custom_domain,
				'deployment', CASE WHEN d.merchant_id IS NOT NULL
				THEN json_build_object('merchantId', d.merchant_code, 'websiteUrl', d.website_url, 'dashboardUrl',
				d.dashboard_url) END))::text
		FROM merchants m JOIN merchant_provisionings r ON r.id = $3::uuid
		LEFT JOIN themes th ON th.id = r.theme_id LEFT JOIN plans pl ON pl.id = r.plan_id
		LEFT JOIN deployment_metadata d ON d.merchant_id = m.id AND d.run_id = r.id
		WHERE m.id = $4::uuid AND EXISTS (SELECT FROM wanted) RETURNING id),
	delivery AS (INSERT INTO webhook_deliveries (id, event_id, webhook_id) SELECT gen_random_uuid(), event.id, wanted.id
	FROM event, wanted RETURNING id)
	INSERT INTO river_job (args, kind, max_attempts, queue)
	SELECT jsonb_build_object('deliveryId', id), 'webhook', $5, 'webhook' FROM delivery`

// addEvent adds an event to the batch, after the changes it is about. What follows it sees no shop's own rows.
func addEvent(b *pg.Batch, kind orbit.EventKind, run orbit.Run) {
	b.AsPlatform()
	b.Exec(insertEvent, string(kind), orbit.NewID[orbit.Event](), run.ID, run.MerchantID, pg.JobAttempts)
}
