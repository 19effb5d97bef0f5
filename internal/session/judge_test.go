package session

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"detour/internal/capture"
	"detour/internal/fault"
	"detour/internal/flow"
	"detour/internal/intake"
)

// A panic of the judge ends neither the process nor the judging: what was found stays, a notice says
// that it is old, and the flows are judged again later.
func TestFollow_aPanicIsReportedAndJudgedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log safeBuffer
		var notices []string
		j := Judging{
			Store: capture.New(capture.Options{}), Account: new(atomic.Pointer[intake.Account]), Prover: new(intake.Prover), // without a Tracker
			Faults: fault.NewGuard(slog.New(slog.NewTextHandler(&log, nil)), func(text string) { notices = append(notices, text) }),
		}
		j.Store.SetFindings([]flow.Finding{{Code: "before"}})
		ctx, cancel := context.WithCancel(t.Context())
		var following sync.WaitGroup
		following.Go(func() { j.Follow(ctx) })
		for want := 1; want < 4; want++ {
			time.Sleep(judgeAgain)
			synctest.Wait()
			synctest.Wait()
			if n := strings.Count(log.String(), "detour panicked"); n != want {
				t.Errorf("%d panics, want %d", n, want)
			}
		}
		cancel()
		following.Wait()
		if len(notices) != 1 || !strings.Contains(notices[0], judgingLost) || len(j.Store.Findings()) != 1 {
			t.Errorf("notices %q, findings %+v", notices, j.Store.Findings())
		}
		if j.conclude() {
			t.Error("it is concluded all the same")
		}
	})
}

// A safeBuffer can be read while others write to it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
