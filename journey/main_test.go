package journey

import (
	"testing"

	"orbit360.app/journey/journeytest"
)

func TestMain(m *testing.M) { journeytest.Main(m) }
