package intake_test

import (
	"testing"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }
