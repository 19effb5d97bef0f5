package detail

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// JSON returns a record as JSON. Unprintable characters are escaped: the text may be pasted
// into a terminal.
func JSON(record any) string {
	b, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err.Error() + "\n"
	}
	var s strings.Builder
	for _, r := range string(b) {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			s.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&s, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&s, `\u%04x`, r)
		}
	}
	return s.String() + "\n"
}
