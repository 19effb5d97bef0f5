//go:build !windows

package truststore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// distribution makes the directories of a layout below a temporary directory, and simulates
// its programs.
func distribution(t *testing.T, l layout, uid int, tools ...string) (Machine, *script, systemStore) {
	t.Helper()
	m := Machine{Top: t.TempDir(), UID: uid, LookPath: programs(tools...)}
	if err := os.MkdirAll(filepath.Join(m.Top, l.anchors), 0o700); err != nil {
		t.Fatal(err)
	}
	if l.marker != "" {
		write(t, filepath.Join(m.Top, l.marker), "")
	}
	bundle := filepath.Join(m.Top, l.bundle)
	others := string(newRoot(t, "somebody else's").pem())
	write(t, bundle, others)
	made := func([]string) (string, error) {
		all := others
		files, _ := filepath.Glob(filepath.Join(m.Top, l.anchors, "*"+l.extension))
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return "", err
			}
			all += string(b)
		}
		return "", os.WriteFile(bundle, []byte(all), 0o600)
	}
	s := &script{t: t, answers: map[string]func([]string) (string, error){
		"/bin/" + l.tool: made, "sh -c ": made,
		"install -m 0644 ": func(args []string) (string, error) {
			b, err := os.ReadFile(args[3])
			if err != nil {
				return "", err
			}
			return "", os.WriteFile(args[4], b, 0o600)
		},
		"rm -f ": func(args []string) (string, error) { return "", os.Remove(args[2]) },
	}}
	stores := m.system()
	if len(stores) != 1 {
		t.Fatalf("%d stores, want the system's", len(stores))
	}
	return m, s, stores[0].(systemStore)
}

func TestSystem_trustedAndUntrustedItIsAsBefore(t *testing.T) {
	for _, l := range layouts() {
		t.Run(l.marker+l.anchors, func(t *testing.T) {
			m, s, store := distribution(t, l, 0, l.tool)
			r := newRoot(t, "detour local CA 1")
			byHand := filepath.Join(m.Top, l.anchors, "mine"+l.extension)
			both := filepath.Join(m.Top, l.anchors, "both"+l.extension)
			other := newRoot(t, "other")
			write(t, both, string(other.pem())+string(newRoot(t, "detour local CA 1").pem())) // with the same name, but another one
			if _, err := s.run(t.Context(), []string{store.tool}); err != nil {
				t.Fatal(err)
			}
			before := tree(t, m.Top)
			for _, way := range []struct {
				do    func() []Plan
				steps int
			}{
				{func() []Plan { return Untrust(t.Context(), s.run, []Store{store}, r) }, 0},
				{func() []Plan { return Trust(t.Context(), s.run, []Store{store}, r) }, 2},
				{func() []Plan { return Trust(t.Context(), s.run, []Store{store}, r) }, 0},
			} {
				apply(t, s, way.do(), way.steps)
			}
			if f := find(t, store, s.run, r); !f.Trusted || len(f.Names) != 1 || !strings.Contains(f.Names[0], r.sha256()[:16]) {
				t.Errorf("found %+v", f)
			}
			write(t, byHand, "# mine\n"+string(r.pem())) // the same certificate under another name
			apply(t, s, Untrust(t.Context(), s.run, []Store{store}, r), 3)
			apply(t, s, Untrust(t.Context(), s.run, []Store{store}, r), 0)
			if after := tree(t, m.Top); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			if _, err := os.Stat(both); err != nil {
				t.Errorf("another's file is gone: %v", err)
			}
		})
	}
}

// tree is every file below dir with its content.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		b.WriteString(strings.TrimPrefix(path, dir) + " " + strings.ReplaceAll(string(content), "\n", "|") + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// apply runs the only plan, and checks the number of its steps.
func apply(t *testing.T, s *script, plans []Plan, steps int) {
	t.Helper()
	if len(plans) != 1 || len(plans[0].Steps) != steps {
		t.Fatalf("planned %+v, want %d steps", plans, steps)
	}
	said := 0
	if err := plans[0].Apply(t.Context(), s.run, func(Step) { said++ }); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(s.ran, "\n"))
	}
	if said != steps {
		t.Errorf("%d steps were announced, want %d", said, steps)
	}
}

func TestSystem_aTrustThatWasInterruptedIsFinished(t *testing.T) {
	l := layouts()[3]
	_, s, store := distribution(t, l, 0, l.tool)
	r := newRoot(t, "detour local CA 1")
	steps, err := store.Add(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(t.Context(), steps[0].Args); err != nil { // only the copy
		t.Fatal(err)
	}
	if f := find(t, store, s.run, r); f.Trusted || f.Nothing() {
		t.Errorf("found %+v, want a file without effect", f)
	}
	apply(t, s, Trust(t.Context(), s.run, []Store{store}, r), 2)

	if _, err := s.run(t.Context(), []string{"rm", "-f", find(t, store, s.run, r).Names[0]}); err != nil {
		t.Fatal(err)
	}
	apply(t, s, Untrust(t.Context(), s.run, []Store{store}, r), 1)
}

func TestSystem_whoIsntRootGoesBySudoOrIsToldWhatToDo(t *testing.T) {
	l := layouts()[3]
	r := newRoot(t, "detour local CA 1")
	m, _, store := distribution(t, l, 1000, "/usr/sbin/update-ca-certificates", "sudo") // not in PATH, as on Debian
	steps, err := store.Add(r)
	want := "/bin/sudo install -m 0644 " + r.File + " " + filepath.Join(m.Top, l.anchors, "detour-"+r.sha256()[:16]+".crt") +
		"\n/bin/sudo /bin/update-ca-certificates"
	if got := commands(steps); err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	steps, err = store.Remove(r, Found{Names: []string{"/a/b (c).crt"}})
	if got, want := commands(steps), "/bin/sudo rm -f '/a/b (c).crt'\n/bin/sudo sh -c '"; err != nil || !strings.HasPrefix(got, want) ||
		!strings.HasSuffix(got, " sh /bin/update-ca-certificates detour-"+r.sha256()[:16]+".crt b_=c=.crt") {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}

	_, s, store := distribution(t, l, 1000, "update-ca-certificates")
	var told *Error
	plan := Trust(t.Context(), s.run, []Store{store}, r)[0]
	if !errors.As(plan.Err, &told) || !strings.Contains(told.Hint, "install -m 0644") || len(plan.Steps) != 0 {
		t.Errorf("without sudo: %v, want a hint with the command", plan.Err)
	}
}

func TestSystem_aMachineWithoutSuchAStoreHasNone(t *testing.T) {
	if got := (Machine{Top: t.TempDir(), LookPath: programs("update-ca-certificates")}).system(); got != nil {
		t.Errorf("found %v", got)
	}
}

func TestPlan_aStoreThatIsntChangedIsAnError(t *testing.T) {
	l := layouts()[3]
	_, s, store := distribution(t, l, 0, l.tool)
	r := newRoot(t, "detour local CA 1")
	s.answers["/bin/update-ca-certificates"] = says("") // does nothing
	err := Trust(t.Context(), s.run, []Store{store}, r)[0].Apply(t.Context(), s.run, func(Step) {})
	if err == nil || !strings.Contains(err.Error(), "isn't trusted by") {
		t.Errorf("trust: %v", err)
	}
	s.answers["/bin/update-ca-certificates"] = fails(3, "no space left\nmore")
	err = Trust(t.Context(), s.run, []Store{store}, r)[0].Apply(t.Context(), s.run, func(Step) {})
	if err == nil || err.Error() != "p exited with 3: no space left" {
		t.Errorf("a program that fails: %v", err)
	}
	s.answers["rm -f "] = says("") // neither
	s.answers["sh -c "] = says("")
	err = Untrust(t.Context(), s.run, []Store{store}, r)[0].Apply(t.Context(), s.run, func(Step) {})
	if err == nil || !strings.Contains(err.Error(), "is still in") {
		t.Errorf("untrust: %v", err)
	}
}
