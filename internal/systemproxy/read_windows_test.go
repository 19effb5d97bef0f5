package systemproxy

import (
	"reflect"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// TestRead_theRegistry sets the user's settings for a moment, and puts back what was there.
func TestRead_theRegistry(t *testing.T) {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, settingsKey, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	before := values(registry.CURRENT_USER, settingsKey)
	for _, name := range []string{"ProxyEnable", "ProxyServer", "ProxyOverride", "AutoConfigURL"} {
		t.Cleanup(func() { restore(t, name, before[name]) })
	}
	if before["AutoConfigURL"] != nil {
		if err := k.DeleteValue("AutoConfigURL"); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{"ProxyServer": "proxy.corp.example:8080", "ProxyOverride": "*.corp.example;<local>"} {
		if err := k.SetStringValue(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.SetDWordValue("ProxyEnable", 1); err != nil {
		t.Fatal(err)
	}
	got := Read(t.Context())
	got.Discover = false
	want := Settings{
		Source: "Windows", HTTP: "proxy.corp.example:8080", HTTPS: "proxy.corp.example:8080", Bypass: []string{"*.corp.example", "<local>"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func restore(t *testing.T, name string, value any) {
	t.Helper()
	k, err := registry.OpenKey(registry.CURRENT_USER, settingsKey, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	switch v := value.(type) {
	case string:
		err = k.SetStringValue(name, v)
	case uint64:
		err = k.SetDWordValue(name, uint32(v)) //nolint:gosec // it was one
	default:
		_ = k.DeleteValue(name)
	}
	if err != nil {
		t.Error(err)
	}
}
