package browser

import (
	"fmt"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A watchdog ends the browser if detour is killed: a job object whose only handle is
// ours; when it is closed, everything in the job ends. The browser runs only once it is in
// the job (see grouped), so its helpers are all in it.
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

// start starts the browser in the job, and with it everything that it starts.
func (d watchdog) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := uint32(cmd.Process.Pid) //nolint:gosec // it has 32 bits
	if d.job != 0 {
		d.take(pid)
	}
	if err := resume(pid); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return fmt.Errorf("the browser's process can't be resumed: %w", err)
	}
	return nil
}

// take puts a process into the job. One that can't be put into it runs without; the next run
// removes what is left.
func (d watchdog) take(pid uint32) {
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return
	}
	_ = windows.AssignProcessToJobObject(d.job, h)
	_ = windows.CloseHandle(h)
}

// resume resumes a process that was started suspended: the one thread that it has.
func resume(pid uint32) error {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(snapshot) //nolint:errcheck // nothing is left to do
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(snapshot, &entry); err == nil; err = windows.Thread32Next(snapshot, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		_, err = windows.ResumeThread(thread)
		_ = windows.CloseHandle(thread)
		return err
	}
	return err
}

// release kills what is left of the browser.
func (d watchdog) release() {
	if d.job != 0 {
		_ = windows.CloseHandle(d.job)
	}
}
