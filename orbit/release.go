package orbit

import "time"

// Release is one immutable state of a shop's website: an engine of a version with settings.
type Release struct {
	ID            ReleaseID `bun:",pk"`
	MerchantID    MerchantID
	Number        int
	ThemeID       ThemeID
	Engine        EngineName
	EngineVersion string
	Settings      Settings `bun:"type:jsonb"`
	Source        ReleaseSource
	CreatedBy     UserID `bun:",nullzero"`
	CreatedAt     time.Time
}

// ReleaseSource is where in the platform a release was made.
type ReleaseSource string

// The sources of releases.
const (
	FromSetup    ReleaseSource = "setup" // with the shop
	FromTheme    ReleaseSource = "theme" // in the theme editor
	FromBranding ReleaseSource = "branding"
	FromSupport  ReleaseSource = "support" // by an admin of the platform
)

// ReleaseSources returns all of them.
func ReleaseSources() Terms[ReleaseSource] {
	return Terms[ReleaseSource]{{FromSetup, "Setup"}, {FromTheme, "Theme editor"}, {FromBranding, "Branding"},
		{FromSupport, "Support"}}
}

// ReleaseRow is one line of a shop's version history.
type ReleaseRow struct {
	Release   `bun:",extend"`
	ThemeName string
	Author    string `bun:",nullzero"` // name of who published it, Support for an admin, "" for the platform
	Current   bool   // the public sees it
}

// ThemeDraft is what a person has changed of a shop's theme and not published yet. Nobody else sees it.
type ThemeDraft struct {
	MerchantID MerchantID `bun:",pk"`
	UserID     UserID     `bun:",pk"`
	ThemeID    ThemeID    `bun:",pk"`
	Upon       int        // the number of the release that was public when it was begun
	Settings   Settings   `bun:"type:jsonb"`
	SavedAt    time.Time
}

// ThemeDraftsKept is how long a draft waits for its person.
const ThemeDraftsKept = 180 * 24 * time.Hour

// ScheduledRelease is the release that a shop publishes at a set time. It replaces whatever is public then.
type ScheduledRelease struct {
	MerchantID    MerchantID `bun:",pk"`
	ID            ReleaseID
	ThemeID       ThemeID `bun:",nullzero"` // zero once the theme is deleted
	Engine        EngineName
	EngineVersion string
	Settings      Settings `bun:"type:jsonb"`
	Upon          int      // the number of the release that was public when it was scheduled
	PublishAt     time.Time
	Failure       string `bun:",nullzero"` // why it couldn't be published, "" while it can
	CreatedBy     UserID `bun:",nullzero"`
	CreatedAt     time.Time
}

// ScheduledRow is a scheduled release with its words.
type ScheduledRow struct {
	ScheduledRelease `bun:",extend"`
	ThemeName        string `bun:",nullzero"`
	Author           string `bun:",nullzero"` // as a ReleaseRow's
}

// Release is what is published.
func (s ScheduledRelease) Release() Release {
	return Release{ID: s.ID, MerchantID: s.MerchantID, ThemeID: s.ThemeID, Engine: s.Engine,
		EngineVersion: s.EngineVersion, Settings: s.Settings, CreatedBy: s.CreatedBy}
}

// ScheduleWithin is how far ahead a release can be scheduled.
const ScheduleWithin = 366 * 24 * time.Hour

// SharedPreview is a draft that others see by a link.
type SharedPreview struct {
	ID        ReleaseID
	ThemeName string
	Author    string `bun:",nullzero"` // as a ReleaseRow's
	CreatedAt time.Time
	ExpiresAt time.Time
}

// MaxSharedPreviews is how many of them a shop has at most.
const MaxSharedPreviews = 20
