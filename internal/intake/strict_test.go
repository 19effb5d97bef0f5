package intake_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"detour/internal/alias"
	"detour/internal/export"
	"detour/internal/finding"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/ui/flowtest"
	"detour/ui/web"
	"detour/ui/web/webtest"
)

// anAddress matches what may be an address; isPrivate sorts it out.
var anAddress = regexp.MustCompile(`[0-9]+(?:\.[0-9]+){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*`)

// ofAddresses are the characters of addresses.
const ofAddresses = "0123456789abcdefABCDEF.:"

// privateIn returns the addresses in a text that aren't public.
func privateIn(s string) (out []string) {
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return !strings.ContainsRune(ofAddresses, r) }) {
		if strings.Count(part, ".") < 3 && strings.Count(part, ":") < 2 {
			continue
		}
		for _, word := range anAddress.FindAllString(part, -1) {
			if a, err := netip.ParseAddr(word); err == nil && (flow.ScopeOf(a).InVPC() || flow.ScopeOf(a) == flow.ScopeLinkLocal) {
				out = append(out, word)
			}
		}
	}
	return out
}

var ofTheRecords = regexp.MustCompile(`redacted-(account|host|name|email)-`)

// hasAddress reports whether a text has an address that isn't a part of a longer one.
func hasAddress(s, address string) bool {
	for i := 0; ; i++ {
		n := strings.Index(s[i:], address)
		if n < 0 {
			return false
		}
		i += n
		after := i + len(address)
		if !strings.ContainsAny(s[max(0, i-1):i], ofAddresses) && !strings.ContainsAny(s[after:min(len(s), after+1)], ofAddresses) {
			return true
		}
	}
}

// strictTexts are all texts that are written of a strict capture, by form.
func strictTexts(t *testing.T, c *flow.Capture) map[string]string {
	t.Helper()
	out := map[string]string{}
	writer := export.Writer{Version: "1.0", HTML: web.New(web.Options{}).Report}
	for _, format := range []string{"md", "html"} {
		var b strings.Builder
		if err := writer.Write(&b, format, c); err != nil {
			t.Fatal(err)
		}
		out[format] = b.String()
		if format == "html" {
			out[format] = webtest.Unpack(t, b.String())
		}
		if !strings.Contains(b.String(), alias.Notice) {
			t.Errorf("%s doesn't say that its names are stand-ins", format)
		}
	}
	for i, f := range c.Findings {
		out[fmt.Sprint("text ", i)] = finding.Text(f)
		out[fmt.Sprint("Markdown ", i)] = finding.Markdown(f)
		r := f.Record()
		out[fmt.Sprint("names ", i)] = fmt.Sprintf("%v", r.Names) // of the stand-ins that the records have
		r.Names = nil
		out[fmt.Sprint("JSON ", i)] = fmt.Sprintf("%+v", r)
	}
	return out
}

// stuckFrom is a call that gets no response, from a machine's address to endpoints.
func stuckFrom(id flow.ID, local string, to ...string) *flow.Flow {
	const host = "vpce-0123456789abcdef0-a1b2c3d4.monitoring.us-east-1.vpce.amazonaws.com"
	f := flowtest.Call(id, flowtest.At(int(id)*100), flow.OriginDirect, host, "monitoring", "CloudWatch", "GetMetricData")
	f.Conn = flowtest.Private(id, flowtest.At(int(id)*100), host, flow.DialTimeout, 5*time.Second, to...)
	for i := range f.Conn.Attempts {
		f.Conn.Attempts[i].Local = netip.AddrPortFrom(netip.MustParseAddr(local), 50000)
	}
	f.Page = "https://123456789012.console.aws.amazon.com/ec2/home?i=ip-10-0-1-2"
	return flowtest.TimedOut(f, 5*time.Second)
}

// TestStrict_noTextHasAnAddress: neither a real one, nor a stand-in that somebody could take for
// one and put into a security group.
func TestStrict_noTextHasAnAddress(t *testing.T) {
	tables := loadTables(t)
	captures := map[string]*flow.Capture{
		"IPv4":                         {Flows: []*flow.Flow{stuckFrom(1, "192.168.50.2", "10.0.1.23", "10.0.1.24"), stuckFrom(2, "192.168.50.3", "10.0.1.23")}},
		"IPv6":                         {Flows: []*flow.Flow{stuckFrom(1, "fd00:50::2", "fd00:1::23"), stuckFrom(2, "fd00:50::2", "fd00:1::24")}},
		"the machine's public address": {Flows: []*flow.Flow{stuckFrom(1, "2400:cb00::5", "fd00:1::23"), stuckFrom(2, "198.51.100.7", "10.0.1.23")}},
	}
	files := recordedHARs(t, judgement)
	for _, path := range files {
		captures[filepath.Base(path)] = read(t, tables, path, true)
	}
	for name, c := range captures {
		var originals []string
		for _, f := range c.Flows {
			var b strings.Builder
			fmt.Fprintf(&b, "%+v", f.Record())
			originals = append(originals, privateIn(b.String())...)
		}
		if strings.HasPrefix(name, "the machine's") {
			originals = append(originals, "2400:cb00::5", "198.51.100.7")
		}
		slices.Sort(originals)
		originals = slices.Compact(originals)
		texts, _ := intake.Tighten(c, new(alias.Table))
		c.Findings = intake.Judge(c.Flows, intake.LastInstant(c.Flows), texts)
		commands := ""
		for _, f := range c.Findings {
			for _, s := range f.Try {
				commands += s.Command + "\n"
			}
		}
		for form, s := range strictTexts(t, c) {
			if got := privateIn(s); len(got) > 0 && !strings.HasPrefix(form, "names ") {
				t.Errorf("%s, %s: has %v", name, form, got)
			}
			for _, o := range originals {
				if hasAddress(s, o) {
					t.Errorf("%s, %s: has the real %s", name, form, o)
				}
			}
			if !strings.HasPrefix(form, "JSON") && !strings.HasPrefix(form, "names") && ofTheRecords.MatchString(s) {
				t.Errorf("%s, %s: has a pseudonym of the records:\n%s", name, form, s)
			}
		}
		switch name {
		case "IPv4":
			want(t, commands, "--cidr CLIENT_ADDRESS/32", ".amazonaws.com private-")
		case "IPv6":
			want(t, commands, "CLIENT_ADDRESS/128")
		}
	}
}

func want(t *testing.T, s string, all ...string) {
	t.Helper()
	for _, w := range all {
		if !strings.Contains(s, w) {
			t.Errorf("%q is missing in\n%s", w, s)
		}
	}
}

// TestStrict_recordsKeepStandIns: of the same kind, and they say that they are.
func TestStrict_recordsKeepStandIns(t *testing.T) {
	c := &flow.Capture{Flows: []*flow.Flow{stuckFrom(1, "192.168.50.2", "10.0.1.23")}}
	intake.Tighten(c, new(alias.Table))
	r := c.Flows[0].Record()
	a := r.Connection.Attempts[0]
	if r.Privacy != flow.PrivacyStrict || !strings.HasPrefix(a.Address, "10.") || !strings.HasPrefix(a.Local, "192.168.") || a.Local == "192.168.50.2:50000" {
		t.Errorf("privacy %q, address %s, local %s", r.Privacy, a.Address, a.Local)
	}
	if back := r.Flow(); !back.Strict {
		t.Error("read again, it isn't strict")
	}
}

// TestStrict_namesAreTheSameForTheSameFile: whoever opens it.
func TestStrict_namesAreTheSameForTheSameFile(t *testing.T) {
	tables := loadTables(t)
	c := &flow.Capture{Flows: []*flow.Flow{stuckFrom(1, "192.168.50.2", "10.0.1.23", "10.0.1.24"), stuckFrom(2, "192.168.50.3", "10.0.1.25")}}
	intake.Tighten(c, new(alias.Table))
	path := stored(t, c)
	var said []string
	for range 2 {
		got := read(t, tables, path, false)
		if !got.Strict || got.Names == nil {
			t.Fatalf("strict: %v, names %v", got.Strict, got.Names)
		}
		said = append(said, finding.Text(got.Findings[0]))
	}
	if said[0] != said[1] || !slices.ContainsFunc(strings.Fields(said[0]), func(w string) bool { return strings.HasPrefix(w, "client-1") }) {
		t.Errorf("once\n%s\nand once\n%s", said[0], said[1])
	}
}
