package browser

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A watchdog ends the browser if detour is killed: a job object whose only handle is
// ours; when it is closed, everything in the job ends. A helper that the browser starts
// before it is in the job would be left out, but starting a program takes longer than that.
type watchdog struct{ job windows.Handle }

// newWatchdog returns a watchdog without a job if none can be created; the next run
// removes what is left.
func newWatchdog(string) watchdog {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return watchdog{}
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		_ = windows.CloseHandle(job)
		return watchdog{}
	}
	return watchdog{job}
}

// watch puts the browser into the job, and with it everything that it starts later.
func (d watchdog) watch(cmd *exec.Cmd) {
	if d.job == 0 {
		return
	}
	pid := uint32(cmd.Process.Pid) //nolint:gosec // it has 32 bits
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return
	}
	_ = windows.AssignProcessToJobObject(d.job, h)
	_ = windows.CloseHandle(h)
}

// release kills what is left of the browser.
func (d watchdog) release() {
	if d.job != 0 {
		_ = windows.CloseHandle(d.job)
	}
}
