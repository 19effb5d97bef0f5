package redact

import (
	"runtime"
	"strings"
	"testing"
)

func TestMarkup_valuesBeforeTheNameThatMakesThemSecretAreRedactedWhole(t *testing.T) {
	strict := New(Options{Strict: true})
	for _, in := range []string{
		"<p><Value>Canary8 token=a1b2c3d4e5</Value><Name>password</Name></p>", // a part is redacted anyway
		"<p><Value>Canary8</Value><Value>Canary9</Value><Name>password</Name></p>",
		"<p><Value>Canary8</Value><q><Value>Canary9</Value><Name>password</Name></q><Name>password</Name></p>",
		"<p><Value> Canary8 &amp; more </Value><Name>password</Name></p>",
	} {
		once := redactBody(strict, in, "text/xml", nil)
		if strings.Contains(once, "Canary") || !strings.Contains(once, "redacted:password:") || !strings.HasSuffix(once, "<Name>password</Name></p>") {
			t.Errorf("%s: %s", in, once)
		}
		if again := redactBody(strict, once, "text/xml", nil); again != once {
			t.Errorf("%s: %s, and again: %s", in, once, again)
		}
	}
	const other = "<p><Value>blue</Value><Name>colour</Name><Value>red</Value></p>"
	if got := redactBody(strict, other, "text/xml", nil); got != other {
		t.Errorf("%s: %s", other, got)
	}
}

// What is copied for each element again is far more than this.
func TestMarkup_memoryGrowsWithTheBodyOnly(t *testing.T) {
	const size, most = 64 << 10, 400
	for _, one := range []string{
		"<i><Value>Canary8</Value><Name>password</Name></i>",
		"<script>A</script>",
		"<Style>A",
	} {
		in := "<l>" + strings.Repeat(one, size/len(one)) + "</l>"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		redactBody(the, in, "text/xml", nil)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > most*size {
			t.Errorf("%s: %d bytes of memory for each byte", one, got/size)
		}
	}
}
