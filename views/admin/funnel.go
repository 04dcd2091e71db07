package admin

import (
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// slowest is the part before which merchants stand longest, "" where nobody stands.
func slowest(f orbit.Funnel) (part orbit.OnboardingPart) {
	var most time.Duration
	for _, s := range f.Steps {
		if s.Waiting > 0 && s.Median > most {
			part, most = s.Part, s.Median
		}
	}
	return part
}

// waited says for how long merchants stand, in the unit that fits.
func waited(n int, d time.Duration) string {
	switch {
	case n == 0:
		return "–"
	case d < time.Minute:
		return "under 1 min"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days"
}

func setupSteps(o orbit.Onboarding) (steps []ui.Step) {
	for _, s := range o.Steps {
		step := ui.Step{Name: s.Part.Name(), State: ui.StepWaiting}
		switch {
		case s.Done:
			step.State = ui.StepDone
		case s.Skipped:
			step.State, step.Detail = ui.StepSkipped, s.Reason
		}
		steps = append(steps, step)
	}
	return steps
}
