package shop_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// What a plain look at each product finds, the index finds: every word is one of the product's or begins one.
func TestSearchFindsWhatAScanFinds(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	vocabulary := []string{"mug", "Mugs", "Pâté", "pate", "São", "Straße", "strassen", "MUG-12", "12", "tea", "t-shirt",
		"Zoë", "O'Brien", "O’Brien", "Łódź", "smørrebrød", "sweater", "sweating",
		"the", "of", "x", "xl", "Élan", "élantra", "Ångström", "naïveté", "ﬁn", "①", "Ψυχή", "ψυχη", "Жёлтый", "don't", "a",
		"10%", "A4", "café/bar"}
	fold := func(s string) string { return reference(s) }
	c := m.super
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 5).Draw(t, "words"),
				rapid.SampledFrom([]string{" ", "  ", ", ", " – "}).Draw(t, "between"))
		})
		type good struct{ title, vendor, description, sku string }
		goods := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) good {
			return good{text.Draw(t, "title"), rapid.SampledFrom(vocabulary).Draw(t, "vendor"), text.Draw(t, "description"),
				rapid.SampledFrom(vocabulary).Draw(t, "sku")}
		}), 1, 6).Draw(t, "goods")
		var query []string
		for _, w := range rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 4).Draw(t, "query") {
			r := []rune(norm.NFC.String(w))
			query = append(query, string(r[:rapid.IntRange(1, len(r)).Draw(t, "letters")]))
		}

		ctx := context.Background()
		tx, err := c.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(ctx) //nolint:errcheck // nothing is to be kept
		ids := make([]string, len(goods))
		for i, g := range goods {
			ids[i] = orbit.NewID[orbit.Product]().String()
			for _, merchant := range []orbit.MerchantID{m.alpha, m.beta} {
				id := ids[i]
				if merchant == m.beta {
					id = orbit.NewID[orbit.Product]().String()
				}
				if _, err := tx.Exec(ctx, `INSERT INTO products (merchant_id, id, handle, title, vendor, description)
					VALUES ($1, $2, $3, $4, $5, $6)`, merchant.String(), id, id, g.title, g.vendor, g.description); err != nil {
					t.Fatal(err)
				}
				if _, err := tx.Exec(ctx, `INSERT INTO variants (merchant_id, id, product_id, sku, price)
					VALUES ($1, gen_random_uuid(), $2, $3, 1)`, merchant.String(), id, g.sku); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := tx.Exec(ctx, `SET LOCAL ROLE `+m.role()); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, `SELECT set_config('orbit.merchant_id', $1, true)`, m.alpha.String()); err != nil {
			t.Fatal(err)
		}
		var question string
		if err := tx.QueryRow(ctx, `SELECT orbit_ask($1, false)`, strings.Join(query, " ")).Scan(&question); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(ctx, `SELECT product_id::text FROM product_index`)
		if err != nil {
			t.Fatal(err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}

		wanted := strings.FieldsFunc(fold(strings.Join(query, " ")), parts)
		if slices.ContainsFunc(wanted, func(w string) bool { return !stopWord(w) }) {
			wanted = slices.DeleteFunc(wanted, stopWord)
		}
		for i, g := range goods {
			words := strings.FieldsFunc(fold(g.title+" "+g.vendor+" "+g.sku+" "+g.description), parts)
			has := len(wanted) > 0 && !slices.ContainsFunc(wanted, func(w string) bool {
				return !slices.ContainsFunc(words, func(have string) bool {
					return have == w && !stopWord(w) || len([]rune(w)) > 1 && strings.HasPrefix(have, w) && !stopWord(have)
				})
			})
			if has && !slices.Contains(found, ids[i]) {
				t.Fatalf("%q isn't found in %+v: asked %s", strings.Join(query, " "), g, question)
			}
		}
	})
}

func parts(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func stopWord(w string) bool {
	return slices.Contains([]string{"the", "of", "a", "an", "s", "t", "do", "don"}, w)
}

// reference folds as orbit_fold does, by other means.
func reference(s string) string {
	s = strings.NewReplacer("'", "", "’", "").Replace(s)
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
	return strings.NewReplacer("ß", "ss", "ł", "l", "ø", "o", "đ", "d").Replace(strings.ReplaceAll(s, "ς", "ς"))
}
