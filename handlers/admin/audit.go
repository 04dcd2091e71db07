package admin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/admin"
)

func (r routes) showAudit(c *fiber.Ctx) error {
	ctx := c.UserContext()
	q, from := kit.NewestQuery(c, admin.AuditPath, "area", admin.AuditAreas())
	log := admin.AuditLog{ListQuery: q}
	if id := c.Query("merchant"); id != "" {
		var err error
		if log.MerchantID, err = orbit.ParseID[orbit.Merchant](id); err != nil {
			return err
		}
		log.ListQuery = admin.AuditOf(q, log.MerchantID)
	}
	page, err := r.DB.AuditPage(ctx, store.AuditFilter{Merchant: log.MerchantID, Areas: admin.AuditActions(q.Status),
		Query: q.Text, From: from, Limit: admin.AuditPerPage})
	if err != nil {
		return err
	}
	entries := page.Rows
	log.Partly = page.Partly
	log.Newer, log.Older = kit.Places(page, func(e orbit.AuditLine) store.Place {
		return store.Place{At: e.At, ID: strconv.FormatInt(e.ID, 10)}
	})

	about := map[orbit.MerchantID]bool{}
	for _, e := range entries {
		if !e.MerchantID.IsZero() {
			about[e.MerchantID] = true
		}
	}
	if !log.MerchantID.IsZero() {
		about[log.MerchantID] = true
	}
	rows, err := r.DB.MerchantRowsByID(ctx, slices.Collect(maps.Keys(about)))
	if err != nil {
		return err
	}
	names := map[orbit.MerchantID]string{}
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	log.Merchant, log.Lines = names[log.MerchantID], auditLines(entries, names)
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.AuditPage(f, log) })
}

// auditLines returns entries of the log in the words of the page.
func auditLines(entries []orbit.AuditLine, names map[orbit.MerchantID]string) []admin.AuditLine {
	lines := make([]admin.AuditLine, len(entries))
	for i, e := range entries {
		lines[i] = admin.AuditLine{At: e.At, Action: e.Action, MerchantID: e.MerchantID, Merchant: names[e.MerchantID],
			Target: e.Target, Detail: described(e.Detail), Address: e.Address}
		lines[i].Actor, lines[i].Email = e.By()
	}
	return lines
}

// described is what is worth reading of an entry's details: not ids, which say nothing to people.
func described(d orbit.Details) string {
	var parts []string
	from, to := d["from"], d["to"]
	changed := from != nil && to != nil && !isID(from) && !isID(to)
	if changed {
		parts = append(parts, valueOf(from)+" → "+valueOf(to))
	}
	for _, key := range slices.Sorted(maps.Keys(d)) {
		switch {
		case key == "support":
			parts = append(parts, "as support")
		case key == "fields":
			parts = append(parts, cmp.Or(orbit.ShopFieldNames(valueOf(d[key])), valueOf(d[key])))
		case key == "at":
			parts = append(parts, "for "+valueOf(d[key]))
		case key == "reason":
			parts = append(parts, "“"+valueOf(d[key])+"”")
		case key == "run", key == "delivery", key == "preview", isID(d[key]), changed && (key == "from" || key == "to"):
		case key == "number": // of a release
			parts = append(parts, "version "+valueOf(d[key]))
		case key == "error":
			parts = append(parts, fmt.Sprint(d[key]))
		default:
			parts = append(parts, key+" "+valueOf(d[key]))
		}
	}
	return strings.Join(parts, ", ")
}

func isID(v any) bool {
	s, ok := v.(string)
	return ok && uuid.Validate(s) == nil
}

// valueOf returns one value of an entry's details: a change says from what to what, what is long is cut.
func valueOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		from, changed := v["from"]
		to, ok := v["to"]
		if changed && ok && len(v) == 2 {
			return "from " + valueOf(from) + " to " + valueOf(to)
		}
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+" "+valueOf(v[key]))
		}
		return cut("(" + strings.Join(parts, ", ") + ")")
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, valueOf(one))
		}
		return cut(strings.Join(parts, ", "))
	case nil:
		return "nothing"
	case string:
		if v == "" {
			return "nothing"
		}
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.UTC().Format("January 2, 2006, 15:04 UTC")
		}
	case float64: // JSON's numbers; %v would write 1e+06
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return cut(fmt.Sprint(v))
}

func cut(s string) string {
	if runes := []rune(s); len(runes) > 120 {
		return string(runes[:119]) + "…"
	}
	return s
}
