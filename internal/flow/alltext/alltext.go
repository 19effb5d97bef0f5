// Package alltext helps tests to check every text of a value: [Fill] writes a text into each
// field that can hold one, and [Each] reads them all. Both use reflection, so they include
// fields that are added later.
package alltext

import (
	"fmt"
	"net/netip"
	"reflect"
	"time"
)

// Fill fills what p points at: each pointer with a value, each slice and map with one element,
// and each text with the result of text for its path, such as "Conn.TLS.Err", and its type.
// Numbers and instants stay zero; addresses become private ones.
func Fill(p any, text func(path string, of reflect.Type) string) {
	fill(reflect.ValueOf(p).Elem(), "", text)
}

func fill(v reflect.Value, path string, text func(string, reflect.Type) string) {
	switch x := v.Addr().Interface().(type) {
	case *netip.Addr:
		*x = netip.MustParseAddr("10.9.8.7")
		return
	case *netip.AddrPort:
		*x = netip.MustParseAddrPort("10.9.8.7:443")
		return
	case *time.Time:
		return
	}
	switch v.Kind() { //nolint:exhaustive // others hold no text
	case reflect.String:
		v.SetString(text(path, v.Type()))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, text)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), join(path, v.Type().Field(i).Name), text)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(text(path, v.Type())))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path+"[0]", text)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, path+"{key}", text)
		fill(value, path+"{value}", text)
		v.SetMapIndex(key, value)
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.Array:
		if v.Kind() == reflect.Interface && v.NumMethod() > 0 {
			return // it does something, and nothing is read from it
		}
		panic(fmt.Sprintf("alltext: %s is of kind %s, which may hold text", path, v.Kind()))
	}
}

// Each calls see with each text in what p points at, and the path to it.
func Each(p any, see func(path, text string)) {
	each(reflect.ValueOf(p).Elem(), "", see)
}

func each(v reflect.Value, path string, see func(path, text string)) {
	switch x := v.Interface().(type) {
	case netip.Addr:
		see(path, x.String())
		return
	case netip.AddrPort:
		see(path, x.String())
		return
	case time.Time:
		return
	}
	switch v.Kind() { //nolint:exhaustive // others hold no text
	case reflect.String:
		see(path, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), path, see)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			each(v.Field(i), join(path, v.Type().Field(i).Name), see)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			see(path, string(v.Bytes()))
			return
		}
		for i := range v.Len() {
			each(v.Index(i), fmt.Sprintf("%s[%d]", path, i), see)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			each(it.Key(), path+"{key}", see)
			each(it.Value(), path+"{value}", see)
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
