package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Traffic is how many bytes a shop's hosts have sent.
type Traffic struct {
	Merchant orbit.MerchantID
	Bytes    int64
}

// AddTraffic adds to what shops' hosts have sent this month, all or nothing, with the jobs that write the owners of
// those that have come near their limit or reached it. A merchant that is gone is left out.
func AddTraffic(ctx context.Context, db Database, all []Traffic) error {
	merchants, bytes := make([]string, len(all)), make([]int64, len(all))
	for i, t := range all {
		merchants[i], bytes[i] = t.Merchant.String(), t.Bytes
	}
	return db.Engine().InTx(ctx, func(t pg.Tx) error {
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
