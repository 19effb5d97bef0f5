package installed

import (
	"reflect"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// TestReadRegistry_readsKeysAndWhatIsBelow uses a key of its own.
func TestReadRegistry_readsKeysAndWhatIsBelow(t *testing.T) {
	const path = `Software\detour-test\Policies`
	create := func(path string) registry.Key {
		k, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			k.Close()
			_ = registry.DeleteKey(registry.CURRENT_USER, path)
		})
		return k
	}
	create(`Software\detour-test`)
	k, list := create(path), create(path+`\URLBlocklist`)
	if err := k.SetStringValue("ProxyMode", "direct"); err != nil {
		t.Fatal(err)
	}
	if err := k.SetDWordValue("CAPlatformIntegrationEnabled", 0); err != nil {
		t.Fatal(err)
	}
	if err := k.SetStringsValue("Preferences", []string{"{", "}"}); err != nil {
		t.Fatal(err)
	}
	if err := list.SetStringValue("1", "*"); err != nil {
		t.Fatal(err)
	}
	got, err := readRegistry(true, path)
	want := map[string]any{"ProxyMode": "direct", "CAPlatformIntegrationEnabled": uint64(0), "Preferences": map[string]any{}, "URLBlocklist": []any{"*"}}
	if err != nil || !reflect.DeepEqual(got.Policies(), want) {
		t.Errorf("%+v, %v", got.Policies(), err)
	}
	if got, err := readRegistry(true, path+`\Absent`); err != nil || len(got.Values)+len(got.Keys) != 0 {
		t.Errorf("an absent key: %+v, %v", got, err)
	}
}
