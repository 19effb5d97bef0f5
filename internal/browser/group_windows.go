package browser

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

func ownGroup(*exec.Cmd) {}

// wmClose is what a window gets when a person closes it (winuser.h, WM_CLOSE).
const wmClose = 0x0010

// askToEnd closes the browser's windows, as a person does, so that it saves its state.
// If it has none there is no gentler word than to kill it.
func askToEnd(cmd *exec.Cmd) {
	of := family(uint32(cmd.Process.Pid)) //nolint:gosec // it has 32 bits
	post := windows.NewLazySystemDLL("user32.dll").NewProc("PostMessageW")
	closed := 0
	each := windows.NewCallback(func(w windows.HWND, _ uintptr) uintptr {
		var pid uint32
		if _, err := windows.GetWindowThreadProcessId(w, &pid); err == nil && of[pid] && windows.IsWindowVisible(w) {
			if ok, _, _ := post.Call(uintptr(w), wmClose, 0, 0); ok != 0 {
				closed++
			}
		}
		return 1 // go on
	})
	_ = windows.EnumWindows(each, nil)
	if closed == 0 {
		endGroup(cmd)
	}
}

// family is a process and all that came of it: Firefox's program is a launcher, and
// the windows are of what it launched.
func family(pid uint32) map[uint32]bool {
	of := map[uint32]bool{pid: true}
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return of
	}
	defer func() { _ = windows.CloseHandle(snapshot) }()
	parents := make(map[uint32]uint32)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err := windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		parents[entry.ProcessID] = entry.ParentProcessID
	}
	for grown := true; grown; {
		grown = false
		for child, parent := range parents {
			if of[parent] && !of[child] {
				of[child], grown = true, true
			}
		}
	}
	return of
}

// endGroup ends the browser alone; its helpers end with the leash.
func endGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
