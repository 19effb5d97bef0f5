package choose

import (
	"context"
	"fmt"

	"github.com/gdamore/tcell/v2"

	"detour/internal/wording"
	"detour/ui/mask"
	"detour/ui/pane"
	"detour/ui/text"
)

// Options say what is shown.
type Options struct {
	Title   string
	Columns []Column // of the items' cells
	Items   []Item   // at least one
	Noun    string   // of an item: "capture"
	Verb    string   // what Enter does: "open"
	Theme   string   // name of a theme; "" is the default
	Mask    *mask.Masker
	Screen  tcell.Screen // nil: the terminal
}

// A Column is one of the list. The last one has the rest of the width.
type Column struct {
	Head  string
	Right bool // its texts end in one line
}

// Run shows the list until an item is chosen or the user leaves; ok is false then, and if ctx
// ends. It restores the terminal before it returns or panics.
func Run(ctx context.Context, opt Options) (index int, ok bool, err error) {
	screen := opt.Screen
	if screen == nil {
		if screen, err = tcell.NewScreen(); err != nil {
			return 0, false, fmt.Errorf("open terminal: %w", err)
		}
	}
	if err := screen.Init(); err != nil {
		return 0, false, fmt.Errorf("open terminal: %w", err)
	}
	defer screen.Fini()
	theme, err := pane.NewTheme(opt.Theme, screen.Colors())
	if err != nil {
		return 0, false, err
	}
	ended := context.AfterFunc(ctx, func() { _ = screen.PostEvent(tcell.NewEventInterrupt(nil)) })
	defer ended()
	l := newList(opt.Items)
	for ctx.Err() == nil {
		opt.show(screen, theme, l)
		switch ev := screen.PollEvent().(type) {
		case nil: // the screen was closed
			return 0, false, nil
		case *tcell.EventResize:
			screen.Sync()
		case *tcell.EventError:
			return 0, false, ev
		case *tcell.EventKey:
			switch l.key(ev) {
			case chosen:
				return l.shown[l.at], true, nil
			case left:
				return 0, false, nil
			case goOn:
			}
		}
	}
	return 0, false, nil
}

func (o Options) show(screen tcell.Screen, theme pane.Theme, l *list) {
	w, h := screen.Size()
	o.draw(pane.Canvas{Screen: screen, Theme: theme, W: w, H: h, Mask: o.Mask}, l)
	screen.Show()
}

// headRows are the rows above the list: the title and the heads of the columns.
const headRows = 3

func (o Options) draw(c pane.Canvas, l *list) {
	c.Fill(0, 0, c.W, c.H, c.Theme[pane.Plain])
	c.Put(0, 0, c.W, o.Title, pane.Head)
	l.fit(c.H - headRows - 2)
	widths := o.widths()
	o.row(c, 2, widths, o.heads(), c.Theme[pane.Dim], false)
	for i := range l.rows {
		if l.top+i >= len(l.shown) {
			break
		}
		item, y := o.Items[l.shown[l.top+i]], headRows+i
		style := c.Theme[pane.Plain]
		if l.top+i == l.at {
			style = c.Theme[pane.Chosen]
			c.Fill(0, y, c.W, 1, style)
		}
		o.row(c, y, widths, item.Cells, style, item.Alert && l.top+i != l.at)
	}
	if len(l.shown) == 0 {
		c.Put(0, headRows, c.W, "no "+o.Noun+" matches; Esc shows all", pane.Warn)
	}
	o.foot(c, l)
}

// foot is the filter or the number of items, and the keys.
func (o Options) foot(c pane.Canvas, l *list) {
	count := wording.Count(len(l.items), o.Noun)
	if len(l.shown) < len(l.items) {
		count = wording.Number(len(l.shown)) + " of " + count
	}
	if l.typing || l.filter != "" {
		count = "/" + l.filter + "  " + count
	}
	if l.typing {
		c.Screen.ShowCursor(min(c.W-1, 1+text.Width(text.Clean(l.filter))), c.H-2)
	} else {
		c.Screen.HideCursor()
	}
	c.Unmasked().Put(0, c.H-2, c.W, count, pane.Plain) // what is typed is the user's own
	keys := "↑↓ j k move   / filter   Enter " + o.Verb + "   q leave"
	if l.typing {
		keys = "↑↓ move   Enter " + o.Verb + "   Esc no filter"
	}
	c.Put(0, c.H-1, c.W, keys, pane.Dim)
}

func (o Options) heads() (out []string) {
	for _, c := range o.Columns {
		out = append(out, c.Head)
	}
	return out
}

// widths are those of the columns' longest texts.
func (o Options) widths() []int {
	out := make([]int, len(o.Columns))
	for i, c := range o.Columns {
		out[i] = text.Width(c.Head)
		for _, item := range o.Items {
			out[i] = max(out[i], text.Width(text.Clean(item.Cells[i])))
		}
	}
	return out
}

const gap = 2 // cells between columns

// row draws cells. The last one is red if it is an alert.
func (o Options) row(c pane.Canvas, y int, widths []int, cells []string, style tcell.Style, alert bool) {
	x := 0
	for i, cell := range cells {
		switch w := widths[i]; {
		case i == len(cells)-1:
			if alert {
				style = c.Theme[pane.Bad]
			}
			c.PutStyle(x, y, c.W-x, cell, style)
		case o.Columns[i].Right:
			c.PutRight(x, y, min(w, c.W-x), cell, style)
		default:
			c.PutStyle(x, y, w, cell, style)
		}
		x += widths[i] + gap
	}
}
