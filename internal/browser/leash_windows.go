package browser

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A leash ends a browser whose detour was killed: a job whose last handle is ours, and
// with which everything in it ends. A helper that the browser starts before it is in
// the job wouldn't be; starting a program takes longer than that.
type leash struct{ job windows.Handle }

// newLeash is without a job if none can be made: the next start takes away what is left.
func newLeash(string) leash {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return leash{}
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		_ = windows.CloseHandle(job)
		return leash{}
	}
	return leash{job}
}

// hold puts the browser into the job, and with it what it starts from now on.
func (l leash) hold(cmd *exec.Cmd) {
	if l.job == 0 {
		return
	}
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid)) //nolint:gosec // it has 32 bits
	if err != nil {
		return
	}
	_ = windows.AssignProcessToJobObject(l.job, h)
	_ = windows.CloseHandle(h)
}

// release ends what is left of the browser.
func (l leash) release() {
	if l.job != 0 {
		_ = windows.CloseHandle(l.job)
	}
}
