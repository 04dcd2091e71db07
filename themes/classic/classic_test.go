package classic_test

import (
	"testing"

	"orbit360.app/themes/classic"
	"orbit360.app/themes/themetest"
)

func TestEngine(t *testing.T) { themetest.Run(t, classic.New()) }
