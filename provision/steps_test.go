package provision

import (
	"testing"

	"orbit360.app/orbit"
)

// TestStepsAreDefined holds the table to orbit.StepDefinitions: the same steps in the same order, each with what takes
// it back, and shares that rise to 100.
func TestStepsAreDefined(t *testing.T) {
	t.Parallel()
	definitions := orbit.StepDefinitions()
	if len(steps) != len(definitions) {
		t.Fatalf("%d steps, of which %d are defined", len(steps), len(definitions))
	}
	percent := 0
	for i, d := range definitions {
		if s := steps[i]; s.key != d.Key || s.do == nil || s.undo == nil {
			t.Errorf("%d: %s is %+v", i, d.Key, s)
		}
		if d.Percent <= percent || d.Name == "" || d.Doing == "" {
			t.Errorf("%+v after %d percent", d, percent)
		}
		percent = d.Percent
	}
	if percent != 100 {
		t.Errorf("the last step ends at %d percent", percent)
	}
}
