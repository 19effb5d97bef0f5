package sharing

import (
	"strings"

	"rsc.io/qr"
)

// The colours of a code, whatever those of the terminal are: scanners need dark on light.
const (
	blackOnWhite = "\x1b[30;47m"
	plain        = "\x1b[m"
)

// quiet is how many light modules are around a code (ISO/IEC 18004).
const quiet = 4

// QR draws a text as a QR code for a terminal, two modules in a character; "" if it is too long.
func QR(text string) string {
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for y := -quiet; y < c.Size+quiet; y += 2 {
		b.WriteString(blackOnWhite)
		for x := -quiet; x < c.Size+quiet; x++ {
			switch upper, lower := c.Black(x, y), c.Black(x, y+1); {
			case upper && lower:
				b.WriteString("█")
			case upper:
				b.WriteString("▀")
			case lower:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		b.WriteString(plain + "\n")
	}
	return b.String()
}
