package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "detour/"

// uses says which packages of ours each package may import. A package that isn't
// listed may import none, and so may no package import cmd.
var uses = map[string][]string{
	"cmd/detour": {
		"certs",
		"internal/account",
		"internal/account/checktext",
		"internal/account/collector",
		"internal/account/folder",
		"internal/account/plan",
		"internal/alias",
		"internal/atomicfile",
		"internal/attach",
		"internal/aws",
		"internal/bashscript",
		"internal/browser",
		"internal/browserpolicy/installed",
		"internal/browserstatus",
		"internal/capture",
		"internal/capture/disk",
		"internal/captures",
		"internal/catrust",
		"internal/classify",
		"internal/clipboard",
		"internal/compare",
		"internal/config",
		"internal/decrypt",
		"internal/demo",
		"internal/diagnose",
		"internal/diagnose/contradiction",
		"internal/diagnose/unjudged",
		"internal/dial",
		"internal/doctor",
		"internal/doctor/gather",
		"internal/errno",
		"internal/export",
		"internal/filecomplete",
		"internal/filter",
		"internal/finding",
		"internal/flow",
		"internal/heapfloor",
		"internal/helptext",
		"internal/hosting",
		"internal/instances",
		"internal/intake",
		"internal/interrupt",
		"internal/jobcontrol",
		"internal/licences",
		"internal/machine",
		"internal/manualsetup",
		"internal/nearest",
		"internal/otlp/feed",
		"internal/otlp/send",
		"internal/parentshell",
		"internal/privatedir",
		"internal/probe",
		"internal/recorded",
		"internal/resolve",
		"internal/scan",
		"internal/session",
		"internal/share",
		"internal/share/remote",
		"internal/shellenv",
		"internal/spareprocessor",
		"internal/splitdns",
		"internal/statedir",
		"internal/stdout",
		"internal/systemproxy",
		"internal/tablestate",
		"internal/truststore",
		"internal/typed",
		"internal/upstream",
		"internal/usererr",
		"internal/watch",
		"internal/wsl",
		"ui",
		"ui/choose",
		"ui/sharing",
		"ui/table",
		"ui/web",
	},
	"certs": {"internal/privatedir"},
	"proxy": {
		"internal/connlistener", "internal/contentcoding", "internal/dial", "internal/errno", "internal/fault", "internal/flow", "internal/gate",
		"internal/h2client", "internal/h2server", "internal/http1", "internal/proxystatus", "internal/shortage", "internal/wording",
	},
	"internal/h2client":      {"internal/h2wire"},
	"internal/h2server":      {"internal/h2wire"},
	"internal/h2wire":        {},
	"internal/h2wire/h2test": {},
	"internal/curl":          {"internal/flow", "internal/shellenv", "internal/wording"},
	"internal/fault":         {},
	"internal/proxystatus":   {"internal/diagnose/ending", "internal/flow"},
	"internal/parentshell":   {"internal/shellenv"},
	"internal/gate":          {},
	"internal/http1":         {"internal/flow"},
	"ui": {
		"internal/alias", "internal/curl", "internal/fault", "internal/filter", "internal/flow", "internal/shellenv", "internal/wording",
		"ui/columns", "ui/detail", "ui/hosts", "ui/mask", "ui/notice", "ui/pane", "ui/proving", "ui/recheck", "ui/sharing", "ui/table", "ui/task", "ui/text", "ui/views",
	},
	"ui/columns": {"ui/pane", "ui/table"},
	"ui/notice":  {"internal/flow", "ui/mask", "ui/pane", "ui/text"},
	"ui/hosts":   {"internal/flow", "ui/table"},
	"ui/detail": {
		"internal/alias", "internal/diagnose", "internal/finding", "internal/flow", "internal/wording", "ui/mask", "ui/pane", "ui/table", "ui/text",
	},
	"ui/choose":               {"ui/mask", "ui/pane", "ui/text"},
	"ui/flowtest":             {"internal/flow"},
	"ui/mask":                 {"internal/alias", "internal/flow", "ui/text"},
	"ui/pane":                 {"internal/flow", "ui/mask", "ui/text"},
	"ui/table":                {"internal/diagnose", "internal/filter", "internal/flow", "internal/wording", "ui/mask", "ui/pane", "ui/text"},
	"ui/views":                {"internal/flow", "ui/table"},
	"ui/proving":              {"internal/filter", "ui/pane", "ui/task"},
	"ui/task":                 {"internal/fault"},
	"ui/sharing":              {"internal/filter", "ui/pane"},
	"ui/recheck":              {"internal/finding", "internal/flow", "ui/pane", "ui/task"},
	"ui/text":                 {"internal/flow"},
	"ui/web":                  {"internal/finding", "internal/flow", "internal/report", "ui/detail", "ui/pane", "ui/table", "ui/text", "ui/views"},
	"internal/alias":          {"internal/flow"},
	"internal/account":        {"internal/account/awscli", "internal/account/change", "internal/account/policy", "internal/account/ranges", "internal/account/retell", "internal/diagnose/awsside", "internal/diagnose/command", "internal/diagnose/screen", "internal/flow", "internal/wording"},
	"internal/account/awscli": {},
	"internal/account/change": {"internal/flow"},
	"internal/account/ranges": {},
	"internal/account/retell": {"internal/diagnose/awsside", "internal/flow", "internal/wording"},
	"internal/account/collector": {
		"internal/account", "internal/account/folder", "internal/account/plan", "internal/atomicfile", "internal/flow", "internal/privatedir",
		"internal/wording",
	},
	"internal/account/checktext":      {"internal/account", "internal/account/change", "internal/account/retell", "internal/flow", "internal/wording"},
	"internal/account/plan":           {"internal/account", "internal/account/awscli"},
	"internal/account/policy":         {},
	"internal/account/folder":         {"internal/account", "internal/charset", "internal/flow", "internal/usererr", "internal/wording"},
	"internal/atomicfile":             {"internal/interrupt", "internal/usererr"},
	"internal/attach":                 {"internal/instances", "internal/share/link", "internal/share/remote", "internal/usererr"},
	"internal/aws":                    {"internal/flow"},
	"internal/browser":                {"internal/dirlock", "internal/errno", "internal/fault", "internal/privatedir", "internal/sandbox"},
	"internal/capture":                {"internal/flow"},
	"internal/capture/disk":           {"internal/atomicfile", "internal/capture", "internal/fault", "internal/flow", "internal/privatedir"},
	"internal/captures":               {"internal/capture/disk", "internal/flow"},
	"internal/catrust":                {"certs", "internal/decrypt", "internal/truststore", "internal/usererr"},
	"internal/classify":               {"internal/aws", "internal/charset", "internal/flow", "internal/intake", "internal/usererr"},
	"internal/compare":                {"internal/flow"},
	"internal/config":                 {"internal/nearest"},
	"internal/report":                 {"internal/alias", "internal/finding", "internal/flow"},
	"internal/report/reporttest":      {"internal/alias", "internal/diagnose", "internal/flow"},
	"internal/finding":                {"internal/flow"},
	"internal/cloudtrail":             {},
	"internal/diagnose/contradiction": {"internal/account", "internal/flow"},
	"internal/diagnose": {
		"internal/cloudtrail", "internal/diagnose/command", "internal/diagnose/compact", "internal/diagnose/ending",
		"internal/diagnose/flowset", "internal/diagnose/nextstep", "internal/diagnose/screen", "internal/diagnose/timeline", "internal/diagnose/unjudged", "internal/flow",
	},
	"internal/diagnose/unjudged": {"internal/fault", "internal/flow"},
	"internal/diagnose/awsside":  {"internal/diagnose/command", "internal/flow", "internal/wording"},
	"internal/diagnose/command":  {},
	"internal/diagnose/ending":   {"internal/flow"},
	"internal/diagnose/flowset":  {"internal/flow"},
	"internal/diagnose/compact":  {"internal/diagnose/screen", "internal/flow"},
	"internal/diagnose/timeline": {"internal/diagnose/ending", "internal/diagnose/flowset", "internal/diagnose/screen", "internal/flow"},
	"internal/diagnose/nextstep": {
		"internal/diagnose/awsside", "internal/diagnose/command", "internal/diagnose/ending", "internal/diagnose/flowset", "internal/flow",
	},
	"internal/diagnose/screen": {"internal/flow"},
	"internal/decrypt":         {"certs", "internal/atomicfile", "internal/usererr"},
	"internal/dial":            {"internal/fault", "internal/flow", "internal/gate", "internal/netif", "internal/proxyauth", "internal/resolve", "internal/shortage"},
	"internal/export":          {"internal/flow", "internal/har", "internal/report"},
	"internal/filecomplete":    {"internal/filter"},
	"internal/filter":          {"internal/flow", "internal/nearest"},
	"internal/dirlock":         {"internal/privatedir"},
	"internal/doctor":          {"internal/browserpolicy", "internal/flow", "internal/wsl"},
	"internal/har":             {"internal/charset", "internal/fault", "internal/flow", "internal/wording"},
	"internal/flow/alltext":    {},
	"internal/flow/packed":     {"internal/flow"},
	"internal/intake": {
		"internal/account", "internal/alias", "internal/aws", "internal/capture", "internal/capture/disk", "internal/charset", "internal/diagnose", "internal/diagnose/contradiction", "internal/filter",
		"internal/fault", "internal/finding", "internal/flow", "internal/flow/packed", "internal/har", "internal/heldtext", "internal/interrupt", "internal/jsonstream", "internal/redact", "internal/unpack", "internal/wording",
	},
	"internal/doctor/gather": {
		"certs", "internal/browser", "internal/browserpolicy", "internal/browserpolicy/installed", "internal/clipboard", "internal/decrypt", "internal/dial", "internal/doctor", "internal/flow",
		"internal/machine", "internal/netif", "internal/resolve",
		"internal/shellenv", "internal/systemproxy", "internal/truststore", "internal/upstream", "internal/usererr", "internal/wsl",
	},
	"internal/demo":      {"internal/account", "internal/connlistener", "internal/flow"},
	"internal/lab":       {"internal/demo", "internal/lab/netns"}, // nothing but tests imports the lab
	"internal/lab/netns": {},
	"internal/landing":   {"internal/shellenv", "internal/webguard"},
	"internal/machine":   {"internal/flow"},
	"internal/otlp":      {"internal/diagnose/ending", "internal/flow", "internal/proxystatus", "internal/wording"},
	"internal/otlp/feed": {
		"internal/atomicfile", "internal/capture", "internal/diagnose", "internal/diagnose/ending", "internal/dial", "internal/flow", "internal/otlp",
		"internal/otlp/send", "internal/privatedir", "internal/usererr",
	},
	"internal/otlp/send":  {"internal/flow", "internal/otlp", "internal/usererr"},
	"internal/probe":      {"internal/dial", "internal/fault", "internal/flow", "internal/resolve"},
	"internal/redact":     {"internal/flow"},
	"internal/resolve":    {"internal/errno", "internal/fault", "internal/flow", "internal/shortage"},
	"internal/netif":      {"internal/flow"},
	"internal/shortage":   {"internal/flow"},
	"internal/instances":  {"internal/dirlock", "internal/privatedir"},
	"internal/privatedir": {"internal/usererr"},
	"internal/usererr":    {"internal/errno"},
	"internal/stdout":     {"internal/errno", "internal/usererr"},
	"internal/recorded":   {"internal/capture", "internal/filter", "internal/flow", "internal/intake", "internal/share"},
	"internal/share":      {"internal/alias", "internal/fault", "internal/flow", "internal/intake"},
	"internal/share/remote": {
		"internal/alias", "internal/errno", "internal/finding", "internal/flow", "internal/intake", "internal/share", "internal/share/link", "internal/usererr",
		"internal/wording",
	},
	"internal/scan": {"internal/aws", "internal/flow", "internal/intake", "internal/probe"},
	"internal/session": {
		"proxy", "internal/alias", "internal/aws", "internal/browser", "internal/capture", "internal/capture/disk", "internal/decrypt", "internal/diagnose",
		"internal/dial", "internal/fault", "internal/filter", "internal/flow", "internal/intake", "internal/landing", "internal/machine", "internal/resolve",
		"internal/instances", "internal/peeruser", "internal/share", "internal/usererr",
	},
	"internal/licences":    {"internal/helptext"},
	"internal/manualsetup": {},
	"internal/peeruser":    {"internal/fault"},
	"internal/hosting": {
		"internal/errno", "internal/flow", "internal/manualsetup", "internal/share", "internal/share/host", "internal/share/serve", "internal/usererr",
		"ui", "ui/sharing", "ui/table", "ui/web",
	},
	"internal/share/host":  {"internal/flow", "internal/share", "internal/share/link", "internal/share/match", "internal/share/serve"},
	"internal/share/match": {"internal/alias", "internal/filter", "internal/flow", "internal/share"},
	"internal/share/serve": {"internal/share", "internal/share/link", "internal/webguard"},
	"internal/watch":       {"internal/finding", "internal/flow"},
	"internal/wsl":         {},
	"internal/tablestate":  {"internal/atomicfile", "internal/flow", "internal/statedir", "internal/usererr", "ui"},
	"internal/truststore":  {"internal/sandbox"},
	"internal/upstream":    {"internal/dial", "internal/flow", "internal/pac", "internal/shellenv", "internal/systemproxy", "internal/usererr"},

	"internal/browserpolicy":           {},
	"internal/browserpolicy/installed": {"internal/browserpolicy", "internal/sandbox"},
	"internal/browserstatus":           {"internal/browser", "internal/manualsetup", "internal/usererr", "ui"},
}

// common packages may be imported by any package: they turn values into words or match them, and
// import none of ours themselves.
var common = []string{"internal/lazyregexp", "internal/wording"}

// owners says which packages may import a third party's.
var owners = map[string][]string{
	"github.com/elazarl/goproxy":         {"proxy"},
	"github.com/rivo/tview":              {"ui"},
	"github.com/rivo/uniseg":             {"ui/mask", "ui/pane", "ui/text"},
	"github.com/gdamore/tcell":           {"ui", "ui/choose", "ui/columns", "ui/pane"},
	"rsc.io/qr":                          {"ui/sharing"},
	"github.com/miekg/dns":               {"internal/resolve", "internal/demo", "internal/lab"},
	"github.com/andybalholm/brotli":      {"internal/contentcoding"},
	"github.com/go-json-experiment/json": {"internal/intake"},
	"github.com/klauspost/compress":      {"internal/contentcoding", "internal/capture/disk", "internal/heldtext"},
	"howett.net/plist":                   {"internal/browserpolicy"},
	"modernc.org/quickjs":                {"internal/pac"},
	"modernc.org/sqlite":                 {"internal/capture/disk"},
	"github.com/spf13":                   {"cmd/detour"},
	"google.golang.org/protobuf":         {"internal/otlp"},
	"github.com/Azure/go-ntlmssp":        {"internal/proxyauth"},
	"github.com/alexbrainman/sspi":       {"internal/proxyauth"},
	"github.com/jcmturner/gokrb5":        {"internal/proxyauth"},
	"golang.org/x/net":                   {"internal/dial", "internal/h2client", "internal/h2server", "internal/h2wire", "internal/h2wire/h2test", "internal/upstream", "proxy"},
	"go.uber.org/goleak":                 {"internal/leaktest"},
	"golang.org/x/term":                  {"cmd/detour"},
	"golang.org/x/sys": {
		"certs", "internal/browser", "internal/browserpolicy/installed",
		"internal/capture/disk", "internal/dial", "internal/lab/netns", "internal/dirlock", "internal/errno", "internal/machine", "internal/netif", "internal/onwine",
		"internal/parentshell", "internal/peeruser",
		"internal/privatedir", "internal/resolve", "internal/shortage", "internal/splitdns", "internal/systemproxy", "internal/truststore",
	},
	"github.com/aws/aws-sdk-go": {"internal/gen/operations", "internal/gen/requests"},
}

// pure packages turn values into values: no clock, no network, no files.
var pure = []string{
	"internal/alias",
	"internal/aws",
	"internal/browserpolicy",
	"internal/cloudtrail",
	"internal/compare",
	"internal/curl",
	"internal/diagnose",
	"internal/diagnose/command",
	"internal/diagnose/ending",
	"internal/diagnose/flowset",
	"internal/diagnose/nextstep",
	"internal/diagnose/screen",
	"internal/doctor",
	"internal/filter",
	"internal/finding",
	"internal/flow",
	"internal/helptext",
	"internal/http1",
	"internal/licences",
	"internal/nearest",
	"internal/otlp",
	"internal/proxystatus",
	"internal/redact",
	"internal/report",
	"internal/shellenv",
	"internal/wording",
	"ui/text", "ui/mask", "ui/notice", "ui/table", "ui/detail", "ui/hosts", "ui/views", "ui/web",
}

var impure = []string{"os", "net", "net/http", "crypto/rand", "math/rand", "syscall", "os/exec", "context", "log", "log/slog"}

// clocks are the functions of package time that read or wait for the clock.
var clocks = []string{"Now", "Since", "Until", "After", "Sleep", "NewTimer", "NewTicker"}

// A file is what a rule looks at.
type file struct {
	dir     string // of the package, from the module's root
	imports []string
	ast     *ast.File
}

// check returns what is wrong with a file.
func check(f file) (wrong []string) {
	isPure := slices.Contains(pure, f.dir)
	for _, imp := range f.imports {
		if own, ok := strings.CutPrefix(imp, module); ok {
			if !slices.Contains(uses[f.dir], own) && !slices.Contains(common, own) {
				wrong = append(wrong, fmt.Sprintf("%s must not import %s", f.dir, own))
			}
			continue
		}
		if isPure && slices.Contains(impure, imp) {
			wrong = append(wrong, fmt.Sprintf("%s is pure and must not import %s", f.dir, imp))
		}
		if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
			continue // the standard library
		}
		if !ownedBy(imp, f.dir) {
			wrong = append(wrong, fmt.Sprintf("%s must not import %s", f.dir, imp))
		}
	}
	if isPure && f.ast != nil {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clocks, s.Sel.Name) {
					wrong = append(wrong, fmt.Sprintf("%s is pure and must not call time.%s", f.dir, s.Sel.Name))
				}
			}
			return true
		})
	}
	return wrong
}

func ownedBy(imp, dir string) bool {
	for prefix, dirs := range owners {
		if (imp == prefix || strings.HasPrefix(imp, prefix+"/")) && slices.Contains(dirs, dir) {
			return true
		}
	}
	return false
}

// root is the module's directory.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// sources calls visit with every Go file that isn't a test, whatever system it
// is built for.
func sources(t *testing.T, visit func(path string, f file)) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || strings.HasPrefix(d.Name(), ".") && p != top):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, filepath.Dir(p))
		if err != nil {
			return err
		}
		f := file{dir: path.Clean(filepath.ToSlash(rel)), ast: parsed}
		for _, i := range parsed.Imports {
			f.imports = append(f.imports, strings.Trim(i.Path.Value, `"`))
		}
		visit(p, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDirections(t *testing.T) {
	n := 0
	needed := make(map[string][]string)
	sources(t, func(p string, f file) {
		n++
		needed[f.dir] = append(needed[f.dir], f.imports...)
		for _, w := range check(f) {
			t.Errorf("%s: %s", p, w)
		}
	})
	if n < 50 {
		t.Errorf("only %d files were looked at", n)
	}
	for _, s := range stale(needed) {
		t.Error(s)
	}
}

// stale returns the allowances in uses and owners that no file needs; imports are those
// of each package.
func stale(imports map[string][]string) (out []string) {
	for dir, allowed := range uses {
		for _, own := range allowed {
			if !slices.Contains(imports[dir], module+own) {
				out = append(out, fmt.Sprintf("%s may import %s, but doesn't", dir, own))
			}
		}
	}
	for prefix, dirs := range owners {
		for _, dir := range dirs {
			if !slices.ContainsFunc(imports[dir], func(imp string) bool { return imp == prefix || strings.HasPrefix(imp, prefix+"/") }) {
				out = append(out, fmt.Sprintf("%s may import %s, but doesn't", dir, prefix))
			}
		}
	}
	for _, dir := range pure {
		if _, ok := imports[dir]; !ok {
			out = append(out, fmt.Sprintf("%s is to be pure, but doesn't exist", dir))
		}
	}
	return out
}

func TestStale_sees(t *testing.T) {
	got := stale(map[string][]string{"proxy": {module + "internal/dial", "github.com/elazarl/goproxy/transport"}})
	for want, seen := range map[string]bool{
		"proxy may import internal/flow, but doesn't":              true,
		"proxy may import internal/dial, but doesn't":              false,
		"ui may import github.com/rivo/tview, but doesn't":         true,
		"proxy may import github.com/elazarl/goproxy, but doesn't": false,
		"internal/aws is to be pure, but doesn't exist":            true,
	} {
		if slices.Contains(got, want) != seen {
			t.Errorf("%q: reported %v", want, !seen)
		}
	}
}

func TestCheck_sees(t *testing.T) {
	clock, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nimport \"time\"\nvar _ = time.Now()\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]file{
		"a layer upwards":           {dir: "internal/flow", imports: []string{"detour/internal/aws"}},
		"proxy knowing AWS":         {dir: "proxy", imports: []string{"detour/internal/aws"}},
		"proxy knowing the capture": {dir: "proxy", imports: []string{"detour/internal/capture"}},
		"another importing goproxy": {dir: "cmd/detour", imports: []string{"github.com/elazarl/goproxy"}},
		"another importing tview":   {dir: "proxy", imports: []string{"github.com/rivo/tview"}},
		"a pane importing tview":    {dir: "ui/pane", imports: []string{"github.com/rivo/tview"}},
		"a pane knowing the table":  {dir: "ui/pane", imports: []string{"detour/ui/table"}},
		"the table knowing AWS":     {dir: "ui/table", imports: []string{"detour/internal/aws"}},
		"another importing dns":     {dir: "internal/dial", imports: []string{"github.com/miekg/dns"}},
		"a test's library":          {dir: "internal/lab", imports: []string{"github.com/chromedp/chromedp"}},
		"I/O in a pure package":     {dir: "internal/aws", imports: []string{"net/http"}},
		"a clock in a pure package": {dir: "internal/diagnose", imports: []string{"time"}, ast: clock},
		"a run with a screen":       {dir: "internal/session", imports: []string{"detour/ui"}},
		"a run with flags":          {dir: "internal/session", imports: []string{"github.com/spf13/cobra"}},
		"the lab in the program":    {dir: "cmd/detour", imports: []string{"detour/internal/lab"}},
		"a new package unheard of":  {dir: "internal/util", imports: []string{"detour/internal/flow"}},
	} {
		if len(check(f)) == 0 {
			t.Errorf("%s goes unseen", name)
		}
	}
	for _, f := range []file{
		{dir: "proxy", imports: []string{"detour/internal/flow", "github.com/elazarl/goproxy", "net/http"}},
		{dir: "internal/aws", imports: []string{"detour/internal/flow", "embed", "net/netip", "net/url"}},
	} {
		if w := check(f); w != nil {
			t.Errorf("what is allowed is refused: %v", w)
		}
	}
}

func TestLayout_theTopLevelStaysAsItIs(t *testing.T) {
	allowed := []string{
		"proxy", "ui", "certs", "cmd", "internal", "docs", "go.mod", "go.sum", "README.md", "Makefile", "LICENSE", "CHANGELOG.md",
		"bin", "dist", // what make builds; not in the repository
	}
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s has no place at the top level", e.Name())
		}
	}
}

func TestLayout_theProjectStandsAlone(t *testing.T) {
	outside := [][]byte{[]byte("../" + "shared"), []byte("/work" + "/")}
	err := filepath.WalkDir(root(t), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		b, err := os.ReadFile(p)
		for _, o := range outside {
			if bytes.Contains(b, o) {
				t.Errorf("%s points outside the project: %s", p, o)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
