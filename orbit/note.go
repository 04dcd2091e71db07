package orbit

import "time"

// What admins note about a merchant: MaxNotes notes at most, each of MaxNote characters at most.
const (
	MaxNotes = 200
	MaxNote  = 4000
)

// NoteID names a note.
type NoteID = ID[Note]

// Note is what an admin wrote about a merchant, for other admins. No merchant ever sees one.
type Note struct {
	MerchantID MerchantID `bun:",pk"`
	ID         NoteID     `bun:",pk"`
	AuthorID   UserID     `bun:",nullzero"`
	Text       string
	CreatedAt  time.Time
}

// NoteRow is a note with its author's name, "" where the account is gone.
type NoteRow struct {
	Note   `bun:",extend"`
	Author string
}

// CheckNote returns a note's text as it is stored. Faults are on note.
func CheckNote(text string) (string, error) {
	var f Faults
	text = f.text("note", "The note", text, MaxNote)
	if text == "" && len(f) == 0 {
		f.Add("note", "", "Enter a note.")
	}
	return text, f.Err()
}
