package proving

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"detour/internal/filter"
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
		tasks := task.New(time.Now, func(f func()) { f() }, nil)
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

func TestComplete_offersFilesWhereAnAccountCanBeRead(t *testing.T) {
	files := func(string) filter.Completion {
		return filter.Completion{Candidates: []filter.Candidate{{Text: "account/"}}}
	}
	use := func(context.Context, string) (string, error) { return "", nil }
	if got := (Actions{Use: use, Files: files}).Complete("acc"); len(got.Candidates) != 1 {
		t.Errorf("offered: %v", got.Candidates)
	}
	for name, a := range map[string]Actions{"no account can be read": {Files: files}, "no files are known": {Use: use}} {
		if got := a.Complete("acc"); len(got.Candidates) != 0 {
			t.Errorf("%s, and %v is offered", name, got.Candidates)
		}
	}
}
