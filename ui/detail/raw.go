package detail

import (
	"encoding/json"
	"reflect"

	"detour/internal/flow"
	"detour/ui/pane"
	"detour/ui/text"
)

// rawPage is the flow's record as --json writes it, except for very long texts.
func rawPage(x Subject) pane.Page {
	var p pane.Page
	p.Head("Record")
	f, cut := withShortBodies(x.Flow)
	if cut {
		p.Add("", "bodies are shortened here; their tabs show more, and y j copies them", pane.Dim)
	}
	record, _ := shortTexts(reflect.ValueOf(f.Record())).Interface().(flow.Record)
	if x.Masked { // it could be decoded
		record.Request.Base64 = nil
		if record.Response != nil {
			record.Response.Base64 = nil
		}
	}
	b, err := json.Marshal(record)
	if err != nil {
		p.Add("", err.Error(), pane.Bad)
		return p
	}
	addBody(&p, b, indentJSON)
	return p
}

// withShortBodies returns f with its bodies cut to what a pane shows of a text, and reports whether
// they were.
func withShortBodies(f *flow.Flow) (*flow.Flow, bool) {
	g, cut := *f, false
	short := func(b []byte) []byte {
		if len(b) <= text.MaxLine {
			return b
		}
		cut = true
		s, _ := text.Head(string(b[:text.MaxLine+1]), text.MaxLine)
		return []byte(s)
	}
	g.Request.Body = short(f.Request.Body)
	if f.Response != nil {
		r := *f.Response
		r.Body = short(r.Body)
		g.Response = &r
	}
	return &g, cut
}

// shortTexts returns a copy of v with all its texts as a pane shows them. It doesn't modify
// v: a record shares its lists with its flow.
func shortTexts(v reflect.Value) reflect.Value {
	switch v.Kind() { //nolint:exhaustive // nothing else has texts in it
	case reflect.String:
		if v.Len() > text.MaxLine {
			return reflect.ValueOf(pane.Capped(v.String())).Convert(v.Type())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			p := reflect.New(v.Type().Elem())
			p.Elem().Set(shortTexts(v.Elem()))
			return p
		}
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		for i := range v.NumField() {
			if c.Field(i).CanSet() {
				c.Field(i).Set(shortTexts(v.Field(i)))
			}
		}
		return c
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return v
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(shortTexts(v.Index(i)))
		}
		return c
	case reflect.Array:
		c := reflect.New(v.Type()).Elem()
		for i := range v.Len() {
			c.Index(i).Set(shortTexts(v.Index(i)))
		}
		return c
	}
	return v
}
