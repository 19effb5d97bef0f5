package table

import (
	"detour/internal/flow"
	"detour/ui/text"
)

// Authority is the host:port that a flow goes to, or only its host if the port isn't
// known.
func Authority(f *flow.Flow) string {
	if f.Conn != nil && f.Conn.Authority != "" {
		s, _ := text.Head(f.Conn.Authority, text.MaxCell)
		return s
	}
	return Host(f)
}
