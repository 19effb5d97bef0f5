package intake

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRead_saysWhatAFileIsInstead(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text   string
		reason Reason
		want   string
	}{
		"empty.detour": {"", NotRead, "the file is empty"},
		"empty.har":    {"", NotRead, "the file is empty"},
		"zero.detour":  {strings.Repeat("\x00", 9000), Damaged, "not a detour capture"},
		"torn.detour":  {"SQLite format 3\x00", Damaged, "it ends after 16 bytes"},
		"text.har":     {"hello", NotRead, ""},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Reader{Tables: load(t)}.Read(t.Context(), path)
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Reason != c.reason || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRead_ofATornHARCountsWhatIsMissing: nobody knows how much that is.
func TestRead_ofATornHARCountsWhatIsMissing(t *testing.T) {
	const entry = `{"startedDateTime":"2026-01-01T00:00:00Z","time":1,"request":{"method":"GET","url":"https://x.example/"},"response":{"status":200}}`
	got, err := Reader{Tables: load(t), Stdin: strings.NewReader(`{"log":{"entries":[` + entry + `,{"requ`)}.Read(t.Context(), "-")
	if err != nil || len(got.Flows) != 1 || !got.Unread.AtLeast {
		t.Errorf("%+v, %v", got, err)
	}
}

// A never is a reader that blocks until it is closed.
type never chan struct{}

func (n never) Read([]byte) (int, error) {
	<-n
	return 0, errors.New("closed")
}

func TestRead_endsWithItsContext(t *testing.T) {
	stdin := make(never)
	defer close(stdin)
	ctx, cancel := context.WithCancel(t.Context())
	over, tables := make(chan error, 1), load(t)
	go func() {
		_, err := Reader{Tables: tables, Stdin: stdin}.Read(ctx, "-")
		over <- err
	}()
	cancel()
	select {
	case err := <-over:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it goes on")
	}
}
