package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func operations() orbit.Operations {
	o := orbit.Operations{Since: at("9h"), At: now, Live: orbit.NewTimes(orbit.LiveBounds())}
	o.Runs = orbit.RunFigures{Accepted: 1843, Completed: 1836, Failed: 3, RolledBack: 2, Unfinished: 2,
		P50: 24 * time.Millisecond, P95: 91 * time.Millisecond, P99: 412 * time.Millisecond, Longest: 8400 * time.Millisecond,
		Times: orbit.NewTimes(orbit.RunTimeBounds()), Attempts: map[int]int{1: 1829, 2: 9, 3: 5}}
	o.Runs.Times.Counts = []int{0, 402, 933, 280, 131, 44, 22, 12, 6, 3, 2, 1, 0, 0}
	o.Live.Counts = []int{210, 1904, 2711, 880, 214, 60, 31, 12, 4, 1, 0, 0, 0}
	o.Queues = []orbit.QueueDepth{{Queue: "mail", State: "scheduled", Jobs: 14, Oldest: at("3m")},
		{Queue: "provision", State: "running", Jobs: 2, Oldest: at("1s")},
		{Queue: "webhook", State: "discarded", Jobs: 1, Oldest: at("26h")}}
	o.Workers = []orbit.WorkerState{{ID: "w-0199b0aa-0000-7000-8000-000000000001", StartedAt: at("50h"), Alive: true,
		Jobs: 2}, {ID: "w-0288b0aa-0000-7000-8000-000000000002", StartedAt: at("3h")}}
	for i, m := range []string{"The custom domain shop.kohi.example belongs to another shop.",
		"Completion met an unexpected error. The details are in the platform's log."} {
		o.Failures = append(o.Failures, orbit.RunFailure{Run: id[orbit.Run](i), Merchant: id[orbit.Merchant](i),
			Name: merchants()[i+1].Name, Status: []orbit.RunStatus{orbit.RunFailed, orbit.RunCompleted}[i],
			Failures: 3 - 2*i, Last: orbit.RunError{Step: []orbit.StepKey{orbit.StepWebsite, orbit.StepCompletion}[i],
				Message: m, At: at("20m")}})
	}
	o.Funnel = orbit.Funnel{Since: at("90h"), Merchants: 412, Complete: 96, Live: 120, Steps: []orbit.FunnelStep{
		{Part: orbit.PartBusiness, Reached: 380, Waiting: 32, Median: 26 * time.Hour, Longest: 70 * 24 * time.Hour},
		{Part: orbit.PartBranding, Reached: 300, Skipped: 110, Waiting: 80, Median: 5 * 24 * time.Hour,
			Longest: 81 * 24 * time.Hour},
		{Part: orbit.PartPayments, Reached: 290, Skipped: 200, Waiting: 10, Median: 40 * time.Minute, Longest: 9 * time.Hour},
		{Part: orbit.PartMarketing, Reached: 250}, {Part: orbit.PartProducts, Reached: 160, Waiting: 60,
			Median: 50 * time.Hour, Longest: 60 * 24 * time.Hour}, {Part: orbit.PartWebsite, Reached: 96,
			Waiting: 1, Median: 40 * time.Second, Longest: 40 * time.Second}}}
	return o
}

// broken is a day on which nothing was kept.
func broken() orbit.Operations {
	o := operations()
	o.Runs.P99, o.Runs.Longest, o.Runs.Failed = 95*time.Second, 300*time.Second, 400
	o.Runs.Times.Counts[13] = 300
	o.Live.Counts[12], o.Runs.Attempts[4] = 900, 1
	return o
}

func timeline(v orbit.RunView) admin.Timeline {
	v.ReadAt = now
	v.Run.StartedAt, v.Run.CreatedAt, v.Run.UpdatedAt = at("2s"), at("2s").Add(-3*time.Millisecond), now
	if v.Run.Status == orbit.RunFailed {
		v.Run.CreatedAt, v.Run.StartedAt = at("43s"), at("42s")
		for i := range v.Run.Steps[:4] {
			v.Run.Steps[i].StartedAt = at("42s").Add(time.Duration(i) * 400 * time.Millisecond)
			if i < 3 {
				v.Run.Steps[i].CompletedAt = v.Run.Steps[i].StartedAt.Add(400 * time.Millisecond)
			}
		}
		v.Run.UpdatedAt = at("5s")
	}
	v.Run.Epoch = 2
	old := v.Run
	old.ID, old.Status, old.CreatedAt, old.CompletedAt = id[orbit.Run](9), orbit.RunRollback, at("70h"), at("69h")
	return admin.Timeline{View: v, Runs: []orbit.Run{v.Run, old},
		Audit: []admin.AuditLine{{At: v.Run.CreatedAt, Actor: "Ada Okafor",
			Action: orbit.ActionMerchantActivation}}}
}

func operationsPages(f admin.Frame) map[string]templ.Component {
	return map[string]templ.Component{
		"/operations":        admin.OperationsPage(f, admin.Today, operations()),
		"/operations-broken": admin.OperationsPage(f, admin.Week, broken()),
		"/operations-empty": admin.OperationsPage(f, admin.Month,
			orbit.Operations{Live: orbit.NewTimes(orbit.LiveBounds()),
				Runs: orbit.RunFigures{Times: orbit.NewTimes(orbit.RunTimeBounds())}}),
		"/timeline":         admin.TimelinePage(f, timeline(view(orbit.RunCompleted, len(orbit.StepDefinitions())))),
		"/timeline-failed":  admin.TimelinePage(f, timeline(view(orbit.RunFailed, 3))),
		"/timeline-running": admin.TimelinePage(f, timeline(view(orbit.RunInProgress, 3))),
	}
}

// Each promise says in a word how it was kept, beside its target.
func TestPromises(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		span admin.Span
		o    orbit.Operations
		want map[string]string
	}{
		"kept": {admin.Today, operations(), map[string]string{
			"time":     "Provisioning time Met 412 ms Target: p99 under 30 s p50 24 ms · p95 91 ms · longest 8.4 s",
			"success":  "Success rate Met 99.7% Target: over 99% 1,836 of 1,841 runs completed",
			"attempts": "Attempts At risk 3 Target: at most 3 1,829 of 1,843 runs needed one attempt a step",
			"live":     "Live updates Met ≤ 50 ms Target: p99 under 1 s p50 ≤ 5 ms · p95 ≤ 20 ms · 6,027 updates"}},
		"broken": {admin.Week, broken(), map[string]string{"time": "Provisioning time Missed 1 min 35 s",
			"success": "Success rate Missed 82%", "attempts": "Attempts Missed 4", "live": "Live updates Missed > 5 s"}},
		"none": {admin.Month, orbit.Operations{Live: orbit.NewTimes(orbit.LiveBounds()),
			Runs: orbit.RunFigures{Times: orbit.NewTimes(orbit.RunTimeBounds())}},
			map[string]string{"time": "Provisioning time No data –", "live": "Live updates No data –"}},
	} {
		doc := draw(t, admin.OperationsPage(frame(), c.span, c.o))
		for id, want := range c.want {
			if got := words(doc, "#promise-"+id); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if got := doc.Find(".tabs [aria-current]").AttrOr("href", ""); got != c.span.Href() {
			t.Errorf("%s: the tab %q", name, got)
		}
		// The image's numbers are there as a table too.
		if n := doc.Find("#times table tr").Length(); n != len(c.o.Runs.Times.Counts) {
			t.Errorf("%s: %d buckets", name, n)
		}
	}
}

func TestTimelineShowsEachStepAndFailure(t *testing.T) {
	t.Parallel()
	doc := draw(t, admin.TimelinePage(frame(), timeline(view(orbit.RunFailed, 3))))
	if n := doc.Find(".gantt-line").Length(); n != 1+len(orbit.StepDefinitions()) {
		t.Errorf("%d lines, not of waiting and each step", n)
	}
	if done, marks := doc.Find(".gantt-line[data-state=done] .gantt-bar").Length(),
		doc.Find(".gantt-line[data-state=failed] .gantt-mark").Length(); done != 4 || marks != 3 {
		t.Errorf("%d bars, %d failures", done, marks)
	}
	if doc.Find(".gantt-line[data-state=waiting] .gantt-bar").Length() != 0 {
		t.Error("what hasn't begun has a bar")
	}
	if got := words(doc, ".happening"); got != "Accepted from Ada Okafor +0 ms" {
		t.Error(got)
	}
	if got := words(doc,
		".happening[data-tone=danger]:last-child"); got != "Website deployment failed, for the third time The custom "+
		"domain shop.kohi.example belongs to another shop. +38 s" {
		t.Error(got)
	}
	if n := doc.Find(".runs a").Length(); n != 2 {
		t.Errorf("%d runs", n)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "2026-11-23T00:00:00Z", "nonsense": "2026-11-23T00:00:00Z",
		"7d": "2026-11-16T08:00:00Z", "30d": "2026-10-24T08:00:00Z"} {
		if got := admin.ParseSpan(text).Since(now).Format(time.RFC3339); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestFunnelCard(t *testing.T) {
	t.Parallel()
	doc := draw(t, admin.OperationsPage(frame(), admin.Today, operations()))
	for _, selector := range []string{
		`#funnel tbody tr:contains("Business info"):contains("380"):contains("92.2%"):contains("26 h")`,
		`#funnel #part-branding .badge:contains("Slowest")`, `#funnel #part-marketing:contains("–")`,
		`#funnel #part-website td[data-label="Median wait"]:contains("under 1 min")`,
		`#funnel:contains("412 activated, 96 with every part, 120 live")`} {
		if doc.Find(selector).Length() != 1 {
			t.Errorf("%d of %s in %s", doc.Find(selector).Length(), selector, doc.Find("#funnel").Text())
		}
	}
	// 190 of 412 did it, 110 skipped it: the bars say what the figures say.
	var bars []string
	doc.Find("#part-branding .shares rect").Each(func(_ int, s *goquery.Selection) {
		bars = append(bars, s.AttrOr("x", "")+" "+s.AttrOr("width", ""))
	})
	if got := strings.Join(bars, ", "); got != "0 46.12, 46.12 26.7" {
		t.Error("the bars are", got)
	}
}
