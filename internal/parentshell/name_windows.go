package parentshell

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Name returns the name of the shell, such as cmd or pwsh; "" if it isn't known.
func Name() string {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return ""
	}
	defer windows.CloseHandle(snapshot) //nolint:errcheck // nothing is left to do
	all := make(map[uint32]process)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err := windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		all[entry.ProcessID] = process{entry.ParentProcessID, windows.UTF16ToString(entry.ExeFile[:])}
	}
	return nearest(all, uint32(os.Getpid())) //nolint:gosec // it has 32 bits
}
