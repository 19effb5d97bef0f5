package main

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// A style is what select-graphic-rendition codes have set (ECMA-48, 8.3.117).
type style struct {
	fg, bg        string
	bold, reverse bool
}

const (
	cellWidth, cellHeight = 8.43, 18
	paper, ink            = "#1b1d23", "#d5d8df"
)

// ansiToSVG draws what `tmux capture-pane -e` printed: text with SGR codes and
// nothing else.
func ansiToSVG(text string, columns int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var b strings.Builder
	w, h := float64(columns)*cellWidth+24, float64(len(lines)*cellHeight)+24
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n", w, h)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	st := style{}
	for i, line := range lines {
		drawLine(&b, line, 12, 12+float64(i*cellHeight), &st)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func drawLine(b *strings.Builder, line string, x, y float64, st *style) {
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			codes, after, _ := strings.Cut(rest, "m")
			st.apply(codes)
			line = after
			continue
		}
		run, _, found := strings.Cut(line, "\x1b[")
		line = line[len(run):]
		if !found {
			line = ""
		}
		x += drawRun(b, run, x, y, *st)
	}
}

func drawRun(b *strings.Builder, run string, x, y float64, st style) float64 {
	fg, bg := st.fg, st.bg
	if fg == "" {
		fg = ink
	}
	if st.reverse {
		if bg == "" {
			bg = paper
		}
		fg, bg = bg, fg
	}
	width := float64(uniseg.StringWidth(run)) * cellWidth
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>`, x, y, width, cellHeight, bg)
	}
	if strings.TrimSpace(run) != "" {
		weight := ""
		if st.bold {
			weight = ` font-weight="bold"`
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
			x, y+cellHeight-4.5, fg, weight, width, html.EscapeString(run))
	}
	return width
}

func (s *style) apply(codes string) {
	parts := strings.Split(codes, ";")
	for i := 0; i < len(parts); i++ {
		n, _ := strconv.Atoi(parts[i])
		switch {
		case n == 0:
			*s = style{}
		case n == 1:
			s.bold = true
		case n == 7:
			s.reverse = true
		case n == 27:
			s.reverse = false
		case n == 22:
			s.bold = false
		case n == 39:
			s.fg = ""
		case n == 49:
			s.bg = ""
		case n >= 30 && n <= 37:
			s.fg = palette(n - 30)
		case n >= 90 && n <= 97:
			s.fg = palette(n - 90 + 8)
		case n >= 40 && n <= 47:
			s.bg = palette(n - 40)
		case n >= 100 && n <= 107:
			s.bg = palette(n - 100 + 8)
		case (n == 38 || n == 48) && i+1 < len(parts):
			colour, used := extended(parts[i+1:])
			if i += used; n == 38 {
				s.fg = colour
			} else {
				s.bg = colour
			}
		}
	}
}

// extended reads 5;N and 2;R;G;B.
func extended(parts []string) (colour string, used int) {
	number := func(i int) int { n, _ := strconv.Atoi(parts[i]); return n }
	switch {
	case parts[0] == "5" && len(parts) > 1:
		return palette(number(1)), 2
	case parts[0] == "2" && len(parts) > 3:
		return fmt.Sprintf("#%02x%02x%02x", number(1), number(2), number(3)), 4
	}
	return "", 1
}

// palette is xterm's: 16 named colours, a cube of 6x6x6 and 24 greys.
func palette(n int) string {
	named := []string{
		"#3b4048", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d5d8df",
		"#7f8591", "#ff7b86", "#b5e890", "#ffd58a", "#82c7ff", "#dd9bf0", "#7fd8e3", "#ffffff",
	}
	switch {
	case n < 16:
		return named[n]
	case n < 232:
		level := func(v int) int {
			if v == 0 {
				return 0
			}
			return 55 + 40*v
		}
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	}
	grey := 8 + 10*(n-232)
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}

func TestAnsiToSVG_escapesAndColours(t *testing.T) {
	got := ansiToSVG("a<b\x1b[1;31mred\x1b[0m \x1b[48;5;16mx", 20)
	for _, want := range []string{"a&lt;b", `fill="#e06c75" font-weight="bold"`, `fill="#000000"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}
