package pg

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"orbit360.app/orbit"
)

// SecretColumn is a column of encrypted secrets, in a table with an id.
type SecretColumn struct {
	Table, Column string
	Purpose       orbit.SecretPurpose
	Merchant      string // the column with the row's merchant; empty where rows have none
	Kind          string // the column that says what kind of row it is; empty where there is one kind
	Place         func(merchant orbit.MerchantID, kind string, id [16]byte) orbit.SecretPlace
}

// SecretColumns returns every column of encrypted secrets: what a change of SECRET_KEY encrypts anew. A table under
// row-level security needs the policies that webhooks has for orbit.reencrypting (0032_accounts).
func SecretColumns() []SecretColumn {
	webhook := func(of orbit.MerchantID, _ string, id [16]byte) orbit.SecretPlace { return orbit.WebhookSecret(of, id) }
	return []SecretColumn{
		{Table: "webhooks", Column: "secret", Purpose: orbit.WebhookSecrets, Merchant: "merchant_id", Place: webhook},
		{Table: "webhooks", Column: "old_secret", Purpose: orbit.WebhookSecrets, Merchant: "merchant_id", Place: webhook},
		{Table: "users", Column: "two_step_secret", Purpose: orbit.TwoStepSecrets,
			Place: func(_ orbit.MerchantID, _ string, id [16]byte) orbit.SecretPlace { return orbit.TwoStepSecret(id) }},
		{Table: "payment_accounts", Column: "secret", Purpose: orbit.PaymentSecrets, Merchant: "merchant_id",
			Kind: "provider", Place: orbit.PaymentSecret},
	}
}

// ReplaceKey encrypts with the key of this start all that keys before it encrypted, and notes the key: all of it or,
// after a crash at any point, nothing. Several starts at once do it one after the other, and the later ones find it
// done. What none of the keys opens stays as it is, and is logged.
func (o *Owner) ReplaceKey(ctx context.Context, k Key, keys orbit.SecretKeys) error {
	err := pgx.BeginFunc(ctx, o.pool, func(t pgx.Tx) error {
		if _, err := t.Exec(ctx, `SELECT FROM installation FOR UPDATE`); err != nil {
			return err
		}
		if _, err := t.Exec(ctx, `SELECT set_config('orbit.reencrypting', 'on', true)`); err != nil {
			return err
		}
		for _, c := range SecretColumns() {
			if err := o.reencrypt(ctx, t, c, keys); err != nil {
				return fmt.Errorf("%s.%s: %w", c.Table, c.Column, err)
			}
		}
		_, err := t.Exec(ctx, `UPDATE installation SET key_fingerprint = $1, key_since = now()
			WHERE key_fingerprint <> $1`, k.Fingerprint)
		return err
	})
	if err != nil {
		return fmt.Errorf("secret key: %w", err)
	}
	return nil
}

// reencrypt does one column. No row is locked that stays as it is, and none is overwritten that has another secret by
// now.
func (o *Owner) reencrypt(ctx context.Context, t pgx.Tx, c SecretColumn, keys orbit.SecretKeys) error {
	cipher, err := keys.Cipher(c.Purpose)
	if err != nil {
		return err
	}
	rows, err := t.Query(ctx, fmt.Sprintf(`SELECT id, %s, %s, %s FROM %s WHERE %s IS NOT NULL ORDER BY id`,
		c.Column, or(c.Merchant, "NULL::uuid"), or(c.Kind, "''"), c.Table, c.Column))
	if err != nil {
		return err
	}
	var b pgx.Batch
	var id, merchant pgtype.UUID
	var before []byte
	var kind string
	void := 0
	if _, err := pgx.ForEachRow(rows, []any{&id, &before, &merchant, &kind}, func() error {
		after, err := cipher.Reencrypt(c.Place(merchant.Bytes, kind, id.Bytes), before)
		if err != nil {
			void++
		} else if !bytes.Equal(after, before) {
			b.Queue(fmt.Sprintf(`UPDATE %s SET %s = $2 WHERE id = $1 AND %s = $3`, c.Table, c.Column, c.Column), id, after,
				before)
		}
		return nil
	}); err != nil {
		return err
	}
	if void > 0 {
		o.log.Warn("stored secrets can't be decrypted with SECRET_KEY or SECRET_KEY_OLD", "table", c.Table, "column",
			c.Column, "secrets", void)
	}
	return t.SendBatch(ctx, &b).Close()
}

func or(column, otherwise string) string {
	if column == "" {
		return otherwise
	}
	return column
}
