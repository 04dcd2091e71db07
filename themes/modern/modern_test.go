package modern_test

import (
	"testing"

	"orbit360.app/themes/modern"
	"orbit360.app/themes/themetest"
)

func TestEngine(t *testing.T) { themetest.Run(t, modern.New()) }
