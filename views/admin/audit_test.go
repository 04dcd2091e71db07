package admin_test

import (
	"slices"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

// TestAuditTabs holds that each action is behind one of the tabs.
func TestAuditTabs(t *testing.T) {
	t.Parallel()
	var areas []string
	for _, tab := range admin.AuditAreas() {
		areas = append(areas, admin.AuditActions(tab.Key)...)
	}
	for _, d := range orbit.Actions() {
		if !slices.Contains(areas, d.Action.Area()) {
			t.Errorf("%s is behind no tab", d.Action)
		}
	}
}
