package orbit

import (
	"strings"
	"time"
)

// ParseLocalTime reads a date and time as a form's field sends it: what a clock in the time zone shows, UTC where it is
// nil. An hour that doesn't exist there, because clocks go forward, is the one after.
func ParseLocalTime(typed string, zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range []string{localTime, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(typed), zone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, Errorf(Invalid, "Choose a date and a time.")
}

// LocalTime is a time as a form's field shows it, "" for none.
func LocalTime(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format(localTime)
}

const localTime = "2006-01-02T15:04"
