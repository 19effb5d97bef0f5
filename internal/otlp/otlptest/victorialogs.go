package otlptest

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// A VictoriaLogs is a server that stores logs.
type VictoriaLogs struct {
	Endpoint string // of OTLP, without the path of a signal
	address  string
	dir      string // of its data
}

// StartVictoriaLogs starts one that is empty.
func StartVictoriaLogs(t testing.TB) VictoriaLogs {
	t.Helper()
	address, dir := freeAddress(t), t.TempDir()
	start(t, "victoria-logs", accepts(t, address),
		"-httpListenAddr="+address, "-storageDataPath="+dir, "-retentionPeriod=100y", "-loggerLevel=WARN")
	return VictoriaLogs{"http://" + address + "/insert/opentelemetry", address, dir}
}

// A Row is a record, or a row of a result, by field.
type Row map[string]string

// Query returns what a LogsQL query of all that was accepted so far returns.
func (v VictoriaLogs) Query(t testing.TB, logsQL string) []Row {
	t.Helper()
	_ = v.get(t, "/internal/force_flush", nil) // what was accepted is searched
	body := v.get(t, "/select/logsql/query", url.Values{"query": {logsQL}})
	var rows []Row
	for d := json.NewDecoder(strings.NewReader(body)); ; {
		var row Row
		err := d.Decode(&row)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("%s: %v in %s", logsQL, err, body)
		}
		rows = append(rows, row)
	}
}

func (v VictoriaLogs) get(t testing.TB, path string, query url.Values) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+v.address+path+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", path, got.Status, err, body)
	}
	return string(body)
}

// Size is how many bytes its data take on disk, with what was accepted so far.
func (v VictoriaLogs) Size(t testing.TB) (n int64) {
	t.Helper()
	_ = v.get(t, "/internal/force_flush", nil)
	err := filepath.WalkDir(v.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // parts are merged all the time
		t.Fatal(err)
	}
	return n
}
