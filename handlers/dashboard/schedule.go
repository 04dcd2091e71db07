package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// createSchedule has the form's settings published at a set time.
func (r routes) createSchedule(c *fiber.Ctx, d desk) error {
	posted := kit.Form(c)
	e, err := r.editing(c, d, posted.Get("theme"))
	if err != nil {
		return err
	}
	form, kept, status, err := e.judge(c, posted)
	if err != nil {
		return err
	}
	form.Later = true
	if status != 0 {
		return r.showEditor(c, status, e, form)
	}
	at, err := publishAt(form.PublishAt, e.zone)
	if err == nil {
		err = d.change(c, func(ctx context.Context, edit *shop.Edit) error {
			return edit.ScheduleRelease(ctx, upon(posted), kept, at)
		})
	}
	if fault := faultOn(err, "publish_at"); fault != "" {
		form.PublishFault = fault
		return r.showEditor(c, fiber.StatusUnprocessableEntity, e, form)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Scheduled for "+dashboard.AtTime(at, e.zone)+".")
	return kit.See(c, dashboard.ThemePath(e.Merchant))
}

// updateSchedule moves the scheduled release to another time.
func (r routes) updateSchedule(c *fiber.Ctx, d desk) error {
	posted := kit.Form(c)
	e, err := r.editing(c, d, "")
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Release](posted.Get("scheduled"))
	if err != nil {
		return err
	}
	at, err := publishAt(posted.Get("move_to"), e.zone)
	if err == nil {
		err = d.change(c, func(ctx context.Context, edit *shop.Edit) error { return edit.MoveScheduled(ctx, id, at) })
	}
	if fault := faultOn(err, "publish_at"); fault != "" {
		form := dashboard.Editor{MoveTo: posted.Get("move_to"), MoveFault: fault}
		form.Settings.Config = e.opens()
		return r.showEditor(c, fiber.StatusUnprocessableEntity, e, form)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Moved to "+dashboard.AtTime(at, e.zone)+".")
	return kit.See(c, dashboard.ThemePath(e.Merchant))
}

// createUnscheduling cancels the scheduled release.
func (r routes) createUnscheduling(c *fiber.Ctx, d desk) error {
	id, err := orbit.ParseID[orbit.Release](kit.Form(c).Get("scheduled"))
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, edit *shop.Edit) error { return edit.CancelScheduled(ctx, id) })
	if err != nil {
		return err
	}
	r.Toast(c, "The scheduled version was canceled. Nothing will be published.")
	return kit.See(c, dashboard.ThemePath(d.Merchant))
}

// publishAt reads the time of a field as a clock in the shop's time zone shows it.
func publishAt(typed string, zone *time.Location) (time.Time, error) {
	at, err := orbit.ParseLocalTime(typed, zone)
	if err != nil {
		return at, orbit.FaultOn(orbit.Invalid, "publish_at", typed, orbit.Sentence(err))
	}
	return at, nil
}

// faultOn returns the sentence of an error's fault on a field, "" for none.
func faultOn(err error, field string) string {
	for _, f := range orbit.FaultsOf(err) {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}
