package ending

import (
	"fmt"
	"time"
)

// A giveUp is how long an operating system tries to connect before it fails.
type giveUp struct {
	after  time.Duration
	system string
}

// giveUps are systems' connect timeouts, which follow from the retransmissions of SYNs:
// Windows 3+6+12 s, macOS 75 s, Linux with tcp_syn_retries 6 about 127 to 135 s.
func giveUps() []giveUp {
	return []giveUp{{21 * time.Second, "Windows"}, {75 * time.Second, "macOS"}, {127 * time.Second, "Linux"}, {130 * time.Second, "Linux"}}
}

// ShortestGiveUp is a little less than the shortest of them.
const ShortestGiveUp = 20 * time.Second

// GiveUpOf is the system whose connect timeout a duration looks like, and how many of
// them.
func GiveUpOf(d time.Duration) (system string, times int, ok bool) {
	for _, g := range giveUps() {
		for n := 1; n <= 4; n++ {
			want := time.Duration(n) * g.after
			if off := d - want; off >= -want/50 && off <= want/25 {
				return g.system, n, true
			}
		}
	}
	return "", 0, false
}

// GiveUpText says what a duration looks like.
func GiveUpText(n int, system string) string {
	if n == 1 {
		return "the connect timeout of " + system
	}
	return fmt.Sprintf("%d times the connect timeout of %s", n, system)
}
