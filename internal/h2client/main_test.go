package h2client

import (
	"testing"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }
