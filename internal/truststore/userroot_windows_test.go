package truststore

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

// memory is a userRoot whose stores are in memory: adding to the real one asks a person.
func memory(t *testing.T) (userRoot, map[string]certStore) {
	t.Helper()
	stores := make(map[string]certStore)
	for _, name := range []string{rootStore, disallowedStore} {
		h, err := windows.CertOpenStore(windows.CERT_STORE_PROV_MEMORY, 0, 0, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		stores[name] = certStore(h)
		t.Cleanup(stores[name].close)
	}
	duplicate := windows.NewLazySystemDLL("crypt32.dll").NewProc("CertDuplicateStore")
	open := func(name string) (certStore, error) {
		if h, _, _ := duplicate.Call(uintptr(stores[name])); h != 0 {
			return stores[name], nil
		}
		return 0, errors.New("no store " + name)
	}
	return userRoot{certutil: `C:\Windows\System32\certutil.exe`, open: open}, stores
}

func TestUserRoot_addsExactlyOneAndRemovesIt(t *testing.T) {
	u, stores := memory(t)
	r, same := newRoot(t, "detour local CA 1"), newRoot(t, "detour local CA 1")
	if err := stores[rootStore].add(same.Cert); err != nil {
		t.Fatal(err)
	}
	run := func(plans []Plan) {
		t.Helper()
		if err := plans[0].Apply(t.Context(), nil, func(Step) {}); err != nil {
			t.Fatal(err)
		}
	}
	if f := find(t, u, nil, r); !f.Nothing() {
		t.Errorf("before: %+v", f)
	}
	for range 2 {
		run(Trust(t.Context(), nil, []Store{u}, r))
		if f := find(t, u, nil, r); !f.Trusted || len(f.Names) != 1 {
			t.Errorf("trusted: %+v", f)
		}
	}
	for range 2 {
		run(Untrust(t.Context(), nil, []Store{u}, r))
		if f := find(t, u, nil, r); !f.Nothing() {
			t.Errorf("after: %+v", f)
		}
	}
	if stores[rootStore].count(same.Cert) != 1 {
		t.Error("another of the same name is gone")
	}
}

func TestUserRoot_whatNobodyMayTrustIsntTrusted(t *testing.T) {
	u, stores := memory(t)
	r := newRoot(t, "detour local CA 1")
	for _, name := range []string{rootStore, disallowedStore} {
		if err := stores[name].add(r.Cert); err != nil {
			t.Fatal(err)
		}
	}
	if f := find(t, u, nil, r); f.Trusted || !f.Distrusted {
		t.Errorf("%+v", f)
	}
	p := Trust(t.Context(), nil, []Store{u}, r)[0]
	var e *Error
	if !errors.As(p.Err, &e) || e.Hint == "" || len(p.Steps) != 0 {
		t.Errorf("%v, %v", p.Err, p.Steps)
	}
}

func TestUserRoot_commandsHaveTheSameEffect(t *testing.T) {
	r := newRoot(t, "detour local CA 1")
	u := Machine{Env: func(name string) string { return map[string]string{"SystemRoot": `D:\W`}[name] }}.userRoot()
	add, _ := u.Add(r)
	remove, _ := u.Remove(r, Found{})
	const certutil = `D:\W\System32\certutil.exe -user `
	if got := strings.Join(add[0].Args, " "); got != certutil+"-addstore Root "+r.File {
		t.Error(got)
	}
	if got := strings.Join(remove[0].Args, " "); got != certutil+"-delstore Root "+r.sha1() {
		t.Error(got)
	}
}

func TestUserRoot_aRefusalHasAHint(t *testing.T) {
	for _, err := range []error{windows.ERROR_CANCELLED, windows.ERROR_ACCESS_DENIED} {
		var e *Error
		if !errors.As(explain(err), &e) || e.Hint == "" {
			t.Errorf("%v", explain(err))
		}
	}
	if explain(nil) != nil {
		t.Error("success is an error")
	}
}

// The real stores can be read without asking anybody.
func TestUserRoot_readsTheRealStores(t *testing.T) {
	u := Machine{Env: func(string) string { return "" }}.userRoot()
	if f := find(t, u, nil, newRoot(t, "detour local CA 1")); !f.Nothing() || f.Distrusted {
		t.Errorf("%+v", f)
	}
}
