package store

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// TurnOnTwoStep has a person's sign-in take a code too, under a secret that has been encrypted. Step is that of the
// code that confirmed it, which is used with that. Conflict where it is on already.
func (db *DB) TurnOnTwoStep(ctx context.Context, user orbit.UserID, secret []byte, step int64, codes []string,
	who orbit.Actor, notice *orbit.Email) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		n, err := pg.Exec(ctx, t, `UPDATE users SET two_step_at = now(), two_step_secret = $2, two_step_used = $3
			WHERE id = $1 AND two_step_at IS NULL`, user, secret, step)
		if err == nil && n == 0 {
			err = orbit.Errorf(orbit.Conflict, "Two-step sign-in is on already.")
		}
		if err != nil {
			return err
		}
		b := db.Batch()
		replaceCodes(b, user, codes)
		b.Audit(who, orbit.ActionTwoStepOn, orbit.MerchantID{}, "", nil)
		b.Email(notice)
		return b.Run(ctx, t)
	})
}

// TurnOffTwoStep has a person's sign-in take the password alone. Turned off already, it changes nothing. Action says
// whether the person did it, or an operator.
func (db *DB) TurnOffTwoStep(ctx context.Context, user orbit.User, who orbit.Actor, action orbit.Action,
	notice *orbit.Email) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		n, err := pg.Exec(ctx, t, `UPDATE users SET two_step_at = NULL, two_step_secret = NULL
			WHERE id = $1 AND two_step_at IS NOT NULL`, user.ID)
		if err != nil || n == 0 {
			return err
		}
		target := ""
		if who.ID != user.ID {
			target = user.Email
		}
		b := db.Batch()
		replaceCodes(b, user.ID, nil)
		b.Audit(who, action, orbit.MerchantID{}, target, nil)
		b.Email(notice)
		return b.Run(ctx, t)
	})
}

// ReplaceRecoveryCodes gives a person new recovery codes; those before are void. Conflict where their two-step sign-in
// is off.
func (db *DB) ReplaceRecoveryCodes(ctx context.Context, user orbit.UserID, codes []string, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		on, err := pg.One[bool](ctx, t, `SELECT two_step_at IS NOT NULL FROM users WHERE id = $1 FOR UPDATE`, user)
		if err == nil && !on {
			err = orbit.Errorf(orbit.Conflict, "Two-step sign-in is off.")
		}
		if err != nil {
			return err
		}
		b := db.Batch()
		replaceCodes(b, user, codes)
		b.Audit(who, orbit.ActionRecoveryReplaced, orbit.MerchantID{}, "", nil)
		return b.Run(ctx, t)
	})
}

func replaceCodes(b *pg.Batch, user orbit.UserID, codes []string) {
	hashes := make([][]byte, len(codes))
	for i, c := range codes {
		hashes[i] = codeHash(user, c)
	}
	b.Exec(`DELETE FROM recovery_codes WHERE user_id = $1`, user)
	b.Exec(`INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])`, user, hashes)
}

// codeHash is what the database keeps of a recovery code.
func codeHash(user orbit.UserID, code string) []byte { return pg.Hash(user.String() + " " + code) }

// TwoStepSecret returns the encrypted secret of a person's two-step sign-in.
func (db *DB) TwoStepSecret(ctx context.Context, user orbit.UserID) ([]byte, error) {
	return pg.One[[]byte](ctx, db, `SELECT two_step_secret FROM users WHERE id = $1 AND two_step_at IS NOT NULL`, user)
}

// UseStep takes the code of a step, once, and none of a step before it (RFC 6238, section 5.2): ok is false where that
// was done already.
func (db *DB) UseStep(ctx context.Context, user orbit.UserID, step int64) (ok bool, err error) {
	n, err := pg.Exec(ctx, db, `UPDATE users SET two_step_used = $2 WHERE id = $1 AND two_step_at IS NOT NULL
		AND two_step_used < $2`, user, step)
	return n == 1, err
}

// UseRecoveryCode takes one of a person's recovery codes, once.
func (db *DB) UseRecoveryCode(ctx context.Context, user orbit.UserID, code string) (ok bool, err error) {
	n, err := pg.Exec(ctx, db, `UPDATE recovery_codes SET used_at = now() WHERE user_id = $1 AND code_hash = $2
		AND used_at IS NULL`, user, codeHash(user, code))
	return n == 1, err
}

// RecoveryCodesLeft is how many of a person's recovery codes haven't been used.
func (db *DB) RecoveryCodesLeft(ctx context.Context, user orbit.UserID) (int, error) {
	return pg.One[int](ctx, db, `SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL`, user)
}
