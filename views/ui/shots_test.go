package ui_test

import (
	"os"
	"strings"
	"testing"

	"orbit360.app/browsertest"
)

// TestPartShots takes images of every gallery page, to be looked at after every change of the parts or of the styles:
//
//	SHOTS=$PWD/shots go test -run TestPartShots ./views/ui
func TestPartShots(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder")
	}
	s, b := serve(t), browsertest.New(t)
	for path := range gallery() {
		b.Open(s.URL + path)
		b.Look(strings.TrimPrefix(path, "/"))
	}
	b.Open(s.URL + "/list")
	b.Click("#open-dialog")
	b.Until(`document.querySelector("dialog[open]").checkVisibility()`)
	b.WindowLook("dialog")
}
