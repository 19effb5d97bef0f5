package browser

import (
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// grouped has the browser wait until watch has put it into its job, so that no helper is
// started before.
func grouped(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_SUSPENDED}
}

// wmClose is the message to a window that a person closes (winuser.h, WM_CLOSE).
const wmClose = 0x0010

// terminate closes the browser's windows, as a person does, so that it saves its state. A
// browser without windows can only be killed.
func terminate(cmd *exec.Cmd) {
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
		killGroup(cmd)
	}
}

// family is a process and its descendants: Firefox's program is a launcher, and the
// windows belong to the browser that it launched.
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

// killGroup kills the browser alone; its helpers end with the watchdog.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
