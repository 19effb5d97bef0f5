package onwine

import "golang.org/x/sys/windows"

// is reports whether this is Wine, whose ntdll says so.
func is() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}
