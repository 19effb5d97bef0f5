package account

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// secrets are members that have keys, as the APIs and the configurations of routers write them.
var secrets = m{
	"CustomerGatewayConfiguration": "<vpn_connection id=\"vpn-1\"><ipsec_tunnel><ike><pre_shared_key>" + canary + "</pre_shared_key></ike></ipsec_tunnel></vpn_connection>",
	"Options":                      m{"TunnelOptions": l{m{"OutsideIpAddress": "203.0.113.1", "PreSharedKey": canary}}},
	"TunnelOptions":                l{m{"PreSharedKey": canary}},
	"PreSharedKey":                 canary,
	"preSharedKey":                 canary,
	"authKey":                      canary,
	"customerRouterConfig":         "<logical_connection><bgp_auth_key>" + canary + "</bgp_auth_key></logical_connection>",
	"bgpPeers":                     l{m{"bgpStatus": "up", "authKey": canary}},
	"escapedXML":                   "&lt;bgp_auth_key&gt;" + canary + "&lt;/bgp_auth_key&gt;",
	"jsonInText":                   `{"tunnel": {"PreSharedKey": "` + canary + `"}}`,
	"twiceInText":                  `"{\\"authKey\\": \\"` + canary + `\\"}"`,
	"texts":                        l{"<pre_shared_key>" + canary + "</pre_shared_key>", m{"authKey": canary}},
	"Tags":                         l{m{"Key": "note", "Value": canary}},
}

// texts calls visit with every string in v, at any depth, also in what isn't exported.
func texts(v reflect.Value, visit func(string), seen map[uintptr]bool) {
	switch v.Kind() { //nolint:exhaustive // the others have none
	case reflect.String:
		visit(v.String())
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		texts(v.Elem(), visit, seen)
	case reflect.Interface:
		texts(v.Elem(), visit, seen)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
			visit(string(v.Bytes()))
			return
		}
		for i := range v.Len() {
			texts(v.Index(i), visit, seen)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			texts(it.Key(), visit, seen)
			texts(it.Value(), visit, seen)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), visit, seen)
		}
	}
}

// No key survives the reading, wherever it stands: not in what was read, nor in a proof, nor in
// the files for a bundle.
func TestRead_keepsNoKey(t *testing.T) {
	for name, secret := range secrets {
		w := everyKind()
		for file, v := range w.files {
			if file == IndexName {
				continue
			}
			for _, list := range v {
				all, _ := list.(l)
				for _, o := range all {
					if x, isObject := o.(m); isObject && x[name] == nil {
						x[name] = secret
					}
				}
			}
			v[name] = secret
		}
		var files []File
		for file, v := range w.files {
			data := encode(t, v)
			files = append(files, File{Name: file, Data: data}, File{Name: "pages-" + file, Data: append(append(data, '\n'), data...)},
				File{Name: "cut-" + file, Data: data[:len(data)-2]})
		}
		c := Read(files)
		s := c.Study(w.broken(), began.Add(time.Minute), Client{})
		ids := make(map[string]bool)
		for _, id := range []string{"vpn-1", "dxvif-1", "eni-1", "vpce-logs", "sg-a", "tgw-rtb-0a", "pl-0a", "tgw-attach-1", "acl-1", "rtb-1"} {
			ids[id] = true
		}
		extracted := Extract(files, ids, func(s string) string { return s })
		if len(extracted) < 10 {
			t.Errorf("only %d files are extracted", len(extracted))
		}
		for what, v := range map[string]any{"configuration": c, "proofs": s.Prove(finding()), "bundle": extracted, "text": Text(c)} {
			texts(reflect.ValueOf(v), func(text string) {
				if strings.Contains(text, canary) {
					t.Errorf("%s: in the %s: %.200s", name, what, text)
				}
			}, make(map[uintptr]bool))
		}
	}
}

// The files of a bundle are read as those that they are of.
func TestExtract_ofPages(t *testing.T) {
	w := newWorld(false)
	data := encode(t, w.files[fACLs])
	out := Extract([]File{{Name: "acls.json", Data: append(append(data, '\n'), data...)}}, map[string]bool{"acl-1": true}, func(s string) string { return s })
	if len(out) != 1 || len(Read(out).acls.all) != 1 || len(Read(out).Problems) > 0 {
		t.Fatalf("%d files", len(out))
	}
	if json.Valid(out[0].Data) {
		t.Error("it is one page")
	}
}
