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
	CreatedBy     UserID   `bun:",nullzero"`
	CreatedAt     time.Time
}

// ReleaseRow is one line of a shop's version history.
type ReleaseRow struct {
	Release   `bun:",extend"`
	ThemeName string
	Author    string `bun:",nullzero"` // email address of who published it, "" for the platform
	Current   bool   // the public sees it
}
