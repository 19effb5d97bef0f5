package otlptest

import (
	"os"
	"path/filepath"
	"testing"
)

// StartCollector starts an OpenTelemetry collector with a configuration, whose receiver listens at an
// address.
func StartCollector(t testing.TB, address, config string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "collector.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "otelcol", accepts(t, address), "--config", file)
}
