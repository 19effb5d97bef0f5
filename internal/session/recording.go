package session

import (
	"context"
	"os"

	"detour/internal/capture/disk"
	"detour/internal/flow"
	"detour/internal/usererr"
	"detour/internal/wording"
)

// maxBody is how much of a body is stored at most, in bytes.
const maxBody = 64 << 10

// Bodies says which flows' bodies are stored. The zero value is BodiesOfErrors.
type Bodies string

// The choices.
const (
	BodiesOfErrors Bodies = "errors" // those of calls that failed
	NoBodies       Bodies = "none"
	AllBodies      Bodies = "all"
)

// keeps reports whether the bodies of a flow are stored. Of a flow in progress nobody
// knows yet how it ends.
func (b Bodies) keeps(f *flow.Flow) bool {
	switch {
	case b == NoBodies:
		return false
	case b == AllBodies, !f.Final():
		return true
	}
	return f.Failure != nil || f.Response != nil && f.Response.Status >= 400 || f.AWS != nil && f.AWS.Error != nil
}

// A recording is the capture's file, and what it says of the machine.
type recording struct {
	environment *flow.Environment // known even without a file
	file        *disk.File        // nil: there is none
	recorder    *disk.Recorder
	unsaved     int // flows, at the end
}

// record begins the capture's file.
func (s *Session) record(ctx context.Context) error {
	st := s.cfg.Storage
	s.recording.environment = s.environment(ctx)
	s.tracker.Machine = s.recording.environment
	if st.Create == nil {
		return nil
	}
	f, err := st.Create(s.began, disk.Header{
		Creator: s.creator(), Environment: s.recording.environment, RawSecrets: st.KeepSecrets, Strict: st.Strict,
	})
	if err != nil && usererr.As(err) == nil {
		s.notices.pending = append(s.notices.pending, "nothing is saved to disk: "+err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	s.recording.file, s.recording.recorder = f, disk.Record(s.store, f, disk.RecorderOptions{
		Redacted: s.intake.Redacted, Trouble: s.storageNotice, Faults: s.faults,
	})
	return nil
}

// CapturePath is where the capture's file is; "" if there is none, or it was removed.
func (s *Session) CapturePath() string {
	if s.recording.file == nil {
		return ""
	}
	return s.recording.file.Path
}

// StorageTrouble is why flows aren't written to the file at the moment; "": they are.
func (s *Session) StorageTrouble() string {
	if s.recording.recorder == nil {
		return ""
	}
	return s.recording.recorder.Trouble()
}

// storageNotice gives notice when the capture can't be written, and when it can again.
func (s *Session) storageNotice(trouble string) {
	if trouble == "" {
		trouble = "the capture is written again"
	}
	s.Notice(trouble)
}

// Unsaved counts the flows that a session which has ended should have saved in its capture, and
// didn't.
func (s *Session) Unsaved() int { return s.recording.unsaved }

// missing reports what isn't in the file at the end.
func (s *Session) missing(path, why string, m flow.Omitted) {
	s.recording.unsaved = m.Flows
	if why != "" {
		why = ": " + why
	}
	var parts []string
	if m.Flows > 0 {
		parts = append(parts, wording.Count(m.Flows, "flow"))
	}
	if m.Bodies > 0 {
		parts = append(parts, wording.Count(m.Bodies, "body"))
	}
	if len(parts) > 0 {
		why = ": " + wording.List(parts) + " couldn't be saved" + why
	}
	if why != "" {
		s.notices.trouble(path + why)
	}
}

// closeRecording writes what is left to write.
func (s *Session) closeRecording() {
	file := s.recording.file
	if file == nil {
		return
	}
	s.recording.recorder.Close()
	s.missing(file.Path, s.recording.recorder.Trouble(), s.recording.recorder.Missing())
	if offset := clockOffset(s.store); offset != 0 && file.Header.Environment != nil {
		file.Header.Environment.ClockOffset = offset
		if err := file.WriteHeader(); err != nil {
			s.cfg.Log.Warn("capture", "error", err)
		}
	}
	n, err := file.Count(context.Background(), disk.Query{})
	if err := file.Close(); err != nil {
		s.notices.trouble(file.Path + ": it couldn't be closed, so its -wal file belongs to it: " + err.Error())
	}
	if err == nil && n == 0 && s.cfg.Storage.Discard {
		_ = os.Remove(file.Path)
		s.recording.file = nil
	}
}
