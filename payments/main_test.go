package payments_test

import (
	"testing"

	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
