package shop

import (
	"context"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Traffic is how many bytes a shop's hosts have sent.
type Traffic struct {
	Merchant orbit.MerchantID
	Bytes    int64
}

// AddTraffic adds to what shops' hosts have sent this month, all or nothing, with the jobs that write the owners of
// those that have come near their limit or reached it. A merchant that is gone is left out. A counter numbers its
// flushes upwards; one that has been added already isn't again.
func AddTraffic(ctx context.Context, db Database, counter uuid.UUID, flush int64, all []Traffic) error {
	merchants, bytes := make([]string, len(all)), make([]int64, len(all))
	for i, t := range all {
		merchants[i], bytes[i] = t.Merchant.String(), t.Bytes
	}
	return db.Engine().InTx(ctx, func(t pg.Tx) error {
		news, err := pg.Exec(ctx, t, `INSERT INTO traffic_flushes AS f (counter, flush) VALUES ($1, $2)
			ON CONFLICT (counter) DO UPDATE SET flush = excluded.flush, flushed_at = now() WHERE f.flush < excluded.flush`,
			counter.String(), flush)
		if err != nil || news == 0 {
			return err
		}
		told, err := pg.All[orbit.MerchantID](ctx, t, `SELECT merchant_id FROM orbit_add_traffic($1::text[]::uuid[],
			$2::bigint[])`, merchants, bytes)
		if err != nil || len(told) == 0 {
			return err
		}
		b := db.Engine().Batch()
		for _, id := range told {
			b.FairJob(NoticeArgs{id}, id)
		}
		return b.Run(ctx, t)
	})
}
