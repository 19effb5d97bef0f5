package ui

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gdamore/tcell/v2"

	"detour/ui/sharing"
)

// TestShare_theLinkIsShownOutsideTheTableAndTheHeadSaysSo: nothing on the screen, nor what Q
// leaves of it, has the link.
func TestShare_theLinkIsShownOutsideTheTableAndTheHeadSaysSo(t *testing.T) {
	var (
		mu    sync.Mutex
		state sharing.State
	)
	set := func(s sharing.State) {
		mu.Lock()
		defer mu.Unlock()
		state = s
	}
	printed := make(chan string, 10)
	act := Actions{
		Print: func(_ context.Context, text string) error {
			printed <- text
			return nil
		},
		Share: sharing.Actions{
			Start: func() (sharing.Link, error) {
				set(sharing.State{Addr: "127.0.0.1:8100", Watching: 2})
				return sharing.Link{URL: "http://127.0.0.1:8100/#TOKEN", Addr: "127.0.0.1:8100"}, nil
			},
			Stop: func() bool {
				set(sharing.State{})
				return true
			},
			State: func() sharing.State {
				mu.Lock()
				defer mu.Unlock()
				return state
			},
		},
	}
	s := start(t, 80, 24, finished(), act, Options{Facts: func() []Fact { return []Fact{{"proxy", strings.Repeat("x", 70)}} }})
	s.types(":share", tcell.KeyEnter)
	s.sees("shared on 127.0.0.1:8100, 2 watch")
	if text := <-printed; !strings.Contains(text, "http://127.0.0.1:8100/#TOKEN\n") {
		t.Errorf("the link is shown as %q", text)
	}
	s.types(":share", tcell.KeyEnter)
	s.sees("a new link, which ends the old one")
	if len(printed) > 0 {
		t.Errorf("a second :share shows %q", <-printed)
	}
	s.lacks("TOKEN")
	s.types(":share stop", tcell.KeyEnter)
	s.sees("sharing has ended")
	s.lacks("shared on")
	set(sharing.State{Addr: "10.1.2.3:8100", Beyond: true})
	s.types("j")
	s.sees(" SHARED WITH THE NETWORK on 10.1.2.3:8100 ")
}
