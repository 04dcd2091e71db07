package minimal_test

import (
	"testing"

	"orbit360.app/themes/minimal"
	"orbit360.app/themes/themetest"
)

func TestEngine(t *testing.T) { themetest.Run(t, minimal.New()) }
