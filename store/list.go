package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// After is where a list goes on: the sort value and the id of the last line seen. The zero After is the
// beginning.
type After struct {
	Time  time.Time
	Price int64
	ID    string
}

// Place is where a page of a list begins that shows the newest first: after a line, or before it. The zero Place is the
// beginning. However long the list is, the page costs what it shows.
type Place struct {
	At    time.Time
	ID    string // of that line
	Newer bool   // the page ends before the line instead
}

// ParsePlace reads what String writes; the beginning where it can't.
func ParsePlace(s string, newer bool) Place {
	at, id, ok := strings.Cut(s, "-")
	micros, err := strconv.ParseInt(at, 10, 64)
	if !ok || id == "" || err != nil || micros < 0 || micros > 1<<53 || len(id) > 36 ||
		strings.Trim(id, "0123456789abcdef-") != "" {
		return Place{}
	}
	return Place{At: time.UnixMicro(micros).UTC(), ID: id, Newer: newer}
}

// String is the place in an address.
func (p Place) String() string { return strconv.FormatInt(p.At.UnixMicro(), 10) + "-" + p.ID }

// List is one page of what is newest first.
type List[T any] struct {
	Rows         []T
	Older, Newer bool // there are more
	Partly       bool // there are lines that weren't searched: ShortSearch, fewActors
}

// Bounds of searches.
const (
	// nearWindow is how many of the newest lines are looked through one by one; frequent matches are found there.
	nearWindow = 20_000
	// ShortSearch is from how many characters on a search finds older lines too: shorter ones have no trigram.
	ShortSearch = 3
	// fewActors is how many people of a name a search finds older lines of.
	fewActors = 50
)

// newest reads pages of one table.
type newest struct {
	table, at, key string // with the type of its key
	columns        string
	from           Place
	limit          int
	words          string // folded; "" searches nothing
	actors         bool   // what people did is found by their names too: the lines' words have their email addresses alone
	where          []string
	args           []any
	// each, where set, is a column expression and the values of which one is meant; an index has each in order.
	each   string
	values []string
	// owner, where set, chooses the lines of one owner; an index has them in order.
	owner struct {
		condition string
		arg       any
	}
}

func (n *newest) and(condition string, args ...any) {
	n.where = append(slices.Clip(n.where), condition)
	n.args = append(slices.Clip(n.args), args...)
}

func (n newest) conditions() string {
	if len(n.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(n.where, " AND ")
}

// page reads the page.
func page[T any](ctx context.Context, db *DB, n newest) (l List[T], err error) {
	if n.from.ID != "" {
		if n.from.Newer {
			n.and("("+n.at+", id) > (?, ?::"+n.key+")", n.from.At, n.from.ID)
		} else {
			n.and("("+n.at+", id) < (?, ?::"+n.key+")", n.from.At, n.from.ID)
		}
	}
	rows, partly, err := pageRows[T](ctx, db, n)
	if err != nil {
		return l, err
	}
	more := len(rows) > n.limit
	rows = rows[:min(len(rows), n.limit)]
	if n.from.Newer {
		if !more { // that is the beginning: a whole page of it, then
			n.from, n.where, n.args = Place{}, n.where[:len(n.where)-1], n.args[:len(n.args)-2]
			return page[T](ctx, db, n)
		}
		slices.Reverse(rows)
		return List[T]{Rows: rows, Older: true, Newer: true, Partly: partly}, nil
	}
	return List[T]{Rows: rows, Older: more, Newer: n.from.ID != "" && len(rows) > 0, Partly: partly}, nil
}

// pageRows reads one row more than a page has.
func pageRows[T any](ctx context.Context, db *DB, n newest) (rows []T, partly bool, err error) {
	order := " ORDER BY " + n.at + " DESC, id DESC"
	if n.from.Newer {
		order = " ORDER BY " + n.at + ", id"
	}
	run := func(sql string, args ...any) ([]T, error) {
		return pg.Select[T](ctx, db.Bun().NewRaw(sql, args...))
	}
	limit := " LIMIT " + strconv.Itoa(n.limit+1)
	if n.words == "" {
		if n.owner.condition != "" {
			n.and(n.owner.condition, n.owner.arg)
		}
		if n.each == "" {
			rows, err = run("SELECT "+n.columns+" FROM "+n.table+n.conditions()+order+limit, n.args...)
			return rows, false, err
		}
		with := n
		with.and(n.each + " = v.value")
		rows, err = run(
			"SELECT "+n.columns+" FROM unnest(ARRAY[?]::text[]) v(value), LATERAL (SELECT * "+
				"FROM "+n.table+with.conditions()+order+limit+") x"+order+limit,
			append([]any{bun.List(n.values)}, with.args...)...)
		return rows, false, err
	}
	// First the lines near the page's beginning: what many lines have is found there, and a search by trigrams would
	// have to read them all. Then, with what few lines have, the trigrams; or all lines of the one that is asked for.
	// Each is a MATERIALIZED part of its own: the planner would walk the whole list in its order in the hope of a match.
	floor, err := pg.Select[time.Time](ctx, db.Bun().NewRaw("SELECT "+n.at+" FROM "+n.table+n.conditions()+order+
		" OFFSET ? LIMIT 1", append(slices.Clone(n.args), nearWindow)...))
	if err != nil {
		return nil, false, err
	}
	like := "%" + likeLiteral(n.words) + "%"
	rest := n // all that the page is asked for
	if n.actors {
		rest.and("(words LIKE ? OR actor_id IN (SELECT u.id FROM users u WHERE orbit_fold(u.name) LIKE ?))", like, like)
	} else {
		rest.and("words LIKE ?", like)
	}
	if n.each != "" {
		rest.and(n.each+" IN (?)", bun.List(n.values))
	}
	if n.owner.condition != "" {
		rest.and(n.owner.condition, n.owner.arg)
	}
	search := func(first, then newest) ([]T, error) {
		return run(
			"WITH hit AS MATERIALIZED (SELECT * FROM "+n.table+first.conditions()+") SELECT "+n.columns+" "+
				"FROM hit"+then.conditions()+order+limit,
			append(slices.Clip(first.args), then.args...)...)
	}
	near := rest
	if len(floor) > 0 {
		bound := " >= ?"
		if n.from.Newer {
			bound = " <= ?"
		}
		near.and(n.at+bound, floor[0])
	}
	rows, err = search(near, newest{})
	if err != nil || len(rows) > n.limit || len(floor) == 0 {
		return rows, false, err
	}
	if utf8.RuneCountInString(n.words) < ShortSearch {
		return rows, true, nil
	}
	first := newest{}
	if n.owner.condition != "" {
		first.and(n.owner.condition, n.owner.arg)
	} else {
		patterns := []string{like}
		if n.actors {
			emails, err := pg.Select[string](ctx, db.Bun().NewRaw(
				"SELECT email FROM users WHERE orbit_fold(name) LIKE ? LIMIT ?", like, fewActors+1))
			if err != nil || len(emails) > fewActors {
				return rows, true, err
			}
			for _, email := range emails {
				patterns = append(patterns, "%"+likeLiteral(orbit.Fold(email))+"%")
			}
		}
		first.and("words LIKE ANY (ARRAY[?])", bun.List(patterns))
	}
	rows, err = search(first, rest)
	return rows, false, err
}

// likeLiteral is a text for LIKE that stands for itself.
func likeLiteral(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
