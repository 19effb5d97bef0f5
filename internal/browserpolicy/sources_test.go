package browserpolicy

import (
	"encoding/json"
	"reflect"
	"testing"

	"howett.net/plist"
)

func TestJSON_isAsTolerantAsChromium(t *testing.T) {
	for name, text := range map[string]string{
		"a last comma": `{"A":[1,2,],"B":"x",}`,
		"comments":     "{/* , */ \"A\":[1,2], // }\n\"B\":\"x\"\n}",
		"strict":       `{"A":[1,2],"B":"x"}`,
	} {
		got, err := JSON([]byte(text))
		if want := map[string]any{"A": []any{1.0, 2.0}, "B": "x"}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := JSON([]byte(`{"A":"//,} \" /*"}`)); err != nil || got["A"] != `//,} " /*` {
		t.Errorf("a text: %v, %v", got, err)
	}
	for _, bad := range []string{"", "{", "[]", `{"A":1 /*`, `{"A":"`, `{,}x`} {
		if got, err := JSON([]byte(bad)); err == nil {
			t.Errorf("%s: %v", bad, got)
		}
	}
	if _, err := FirefoxJSON([]byte(`{"policies":{"A":1,}}`)); err == nil {
		t.Error("Firefox ignores a file with a last comma")
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"A":[1,],/* */"B":"\"//",}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := JSON(b)
		var plain map[string]any
		if json.Unmarshal(b, &plain) == nil && err != nil {
			t.Errorf("%q is JSON: %v", b, err)
		}
	})
}

func TestPropertyList_binaryAndXML(t *testing.T) {
	want := map[string]any{"ProxyMode": "direct", "CAPlatformIntegrationEnabled": false, "ProxyServerMode": uint64(2), "L": []any{"a"}}
	for _, format := range []int{plist.BinaryFormat, plist.XMLFormat} {
		b, err := plist.Marshal(want, format)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := PropertyList(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("format %d: %v, %v", format, got, err)
		}
	}
	if got, err := PropertyList([]byte("bplist00 cut")); err == nil {
		t.Errorf("a truncated one: %v", got)
	}
}

func TestKey_listsAndObjectsOfTheRegistry(t *testing.T) {
	k := Key{
		Values: map[string]any{"ProxyMode": "direct", "N": uint64(0), "ProxySettings": `{"ProxyMode":"system"}`, "Odd": "{"},
		Keys: map[string]Key{
			"URLBlocklist": {Values: map[string]any{"1": "a", "2": "b"}},
			"Proxy":        {Values: map[string]any{"Mode": "none", "Locked": uint64(1)}},
			"Empty":        {},
		},
	}
	want := map[string]any{
		"ProxyMode": "direct", "N": uint64(0), "ProxySettings": map[string]any{"ProxyMode": "system"}, "Odd": "{",
		"URLBlocklist": []any{"a", "b"}, "Proxy": map[string]any{"Mode": "none", "Locked": uint64(1)}, "Empty": map[string]any{},
	}
	if got := k.Policies(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}
