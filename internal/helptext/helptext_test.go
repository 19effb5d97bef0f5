package helptext

import "testing"

const topic = "A *word* of `a*b*c`\nand a [link](page.md), in {{place}}.\n" +
	"\n## A head\n\n- one\n- two that\n  goes on\n\n{{list of two}}\n\n```text\n$ as  it is  # {{place}}\n```\n" +
	"\n| name | text |\n|---|---|\n| `a\\|b` | either |\n| `c` | |\n\n{{unknown}}\n"

var filled = Fill{
	Words: map[string]string{"place": "/tmp/here"},
	List: only("list of two", List{
		Name: "key", Text: "what",
		Entries: []Entry{{"x", "a text that is too long for its line"}, {"long", "short"}},
	}),
}

func only(name string, l List) func(string) (List, bool) {
	return func(asked string) (List, bool) { return l, asked == name }
}

func TestTerminal_hasColumnsAndNoMarks(t *testing.T) {
	const want = `A word of a*b*c and a link,
in /tmp/here.

A HEAD

- one
- two that goes on

  x     a text that is too
        long for its line
  long  short

  $ as  it is  # /tmp/here

  a|b  either
  c

{{unknown}}
`
	if got := Terminal(topic, filled, 28); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTerminal_putsTextsBelowWideNames(t *testing.T) {
	f := Fill{List: only("list", List{Entries: []Entry{{"a-name-that-is-wider-than-its-column", "a text"}, {"b", "another"}}})}
	const want = "  a-name-that-is-wider-than-its-column\n      a text\n  b\n      another\n"
	if got := Terminal("{{list}}\n", f, 80); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMarkdown_fillsInAndStaysMarkdown(t *testing.T) {
	const want = "A *word* of `a*b*c` and a [link](page.md), in /tmp/here.\n" +
		"\n## A head\n\n- one\n- two that goes on\n" +
		"\n| key | what |\n|---|---|\n| `x` | a text that is too long for its line |\n| `long` | short |\n" +
		"\n```text\n$ as  it is  # /tmp/here\n```\n" +
		"\n| name | text |\n|---|---|\n| `a\\|b` | either |\n| `c` |  |\n\n{{unknown}}\n"
	if got := Markdown(topic, filled); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestColumns_keepsColumnsAndFlowsProse(t *testing.T) {
	got := Columns("one two\nthree\n\n  a  b c d e f g\n  as it is, too\n", 12)
	if want := "one two\nthree\n\n  a  b c d e\n     f g\n  as it is,\n  too"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTable_isTheOneWithTheHead(t *testing.T) {
	const source = "Text.\n\n| a | b |\n|---|---|\n| `x` | no |\n\nMore.\n\n| c | d |\n|---|---|\n| `y` | the `code` |\n| `z` | text |\n"
	if got := Table(source, "c"); len(got) != 2 || got[0] != (Entry{"y", "the code"}) || got[1] != (Entry{"z", "text"}) {
		t.Errorf("%q", got)
	}
	if got := Table(source, "e"); got != nil {
		t.Errorf("%q", got)
	}
}
