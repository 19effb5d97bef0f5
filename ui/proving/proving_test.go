package proving

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/ui/pane"
	"detour/ui/task"
)

func TestCommand_saysWhatWasReadOrWhyNot(t *testing.T) {
	for _, c := range []struct {
		use  func(context.Context, string) (string, error)
		path string
		want string
	}{
		{nil, "account", "can't be proven here"},
		{func(context.Context, string) (string, error) { return "", nil }, "", "the folder is missing"},
		{func(context.Context, string) (string, error) { return "9 files of account 123456789012", nil }, "account", "9 files of account"},
		{func(context.Context, string) (string, error) { return "", errors.New("no such folder") }, "account", "no such folder"},
	} {
		tasks := task.New(time.Now, func(f func()) { f() })
		tasks.Within(t.Context())
		got := ""
		err := Actions{Use: c.use}.Command(tasks, func(_ pane.Tone, format string, args ...any) { got = fmt.Sprintf(format, args...) }, c.path)
		if err == nil {
			(<-tasks.Results())()
			tasks.Wait()
		} else {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%q says %q, want %q", c.path, got, c.want)
		}
	}
}
