package reporttest

import (
	"reflect"

	"detour/internal/diagnose"
	"detour/internal/flow"
)

// Payload is markup, and signs that control a terminal, of every kind.
const Payload = "\"'></td></text></svg></title><script>alert(1)</script><img src=http://evil.example/ onerror=x>" +
	"\u202e\x1b[2J\n\n# head\r- item\n\n```\n| cell | ![p](http://evil.example/p) [l](javascript:x) `code` **b** &#x202e; {{.}} " +
	"\x00\u2066\u200b\xff "

// poison fills every text within v with Payload.
func poison(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // a test of texts
	case reflect.String:
		v.SetString(Payload)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			poison(v.Index(0))
			poison(v.Index(1))
		}
	case reflect.Map:
		val := reflect.New(v.Type().Elem()).Elem()
		poison(val)
		key := reflect.New(v.Type().Key()).Elem()
		poison(key)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, val)
	case reflect.Int:
		v.SetInt(3)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	}
}

// Hostile are captures of which every text is hostile, in the forms that lead to
// other words of the report.
func Hostile() []*flow.Capture {
	var out []*flow.Capture
	for i, change := range []func(f *flow.Flow){
		func(*flow.Flow) {},
		func(f *flow.Flow) { f.State, f.Origin, f.Response = flow.StateDone, flow.OriginDirect, nil },
		func(f *flow.Flow) {
			f.State, f.Origin, f.Findings, f.Failure = flow.StateDone, flow.OriginConsole, nil, nil
			f.Conn.Resolution.Outcome, f.Conn.Attempts[0].Outcome = flow.DNSOK, flow.DialConnected
		},
		func(f *flow.Flow) { f.AWS, f.Conn, f.Unused = nil, nil, nil },
	} {
		c := &flow.Capture{}
		poison(reflect.ValueOf(c).Elem())
		for j, f := range c.Flows {
			f.ID, f.Times = flow.ID(2*i+j+1), flow.Times{Start: At(j), Done: At(j + 5)} //nolint:gosec // small
			change(f)
		}
		for j := range c.Findings {
			c.Findings[j].Level, c.Findings[j].Flows, c.Findings[j].Resolved = flow.LevelProblem, []flow.ID{flow.ID(2*i + j + 1)},
				false //nolint:gosec // small
			if i%2 == 0 {
				c.Findings[j].Code = diagnose.Rules()[8].Code
			}
		}
		out = append(out, c)
	}
	return out
}
