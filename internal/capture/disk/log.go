package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Reasons why flows of a file may be missing.
var (
	// ErrNoLog says that a capture wasn't closed, and that the file with its newest flows
	// isn't next to it: the write-ahead log, of the same name and -wal.
	ErrNoLog   = errors.New("the capture wasn't closed, and its -wal file is missing")
	errTornLog = errors.New("the capture's -wal file is damaged")
)

// The beginning of a database file, and offsets in its header (sqlite.org/fileformat.html, 1.3).
const (
	magicText     = "SQLite format 3\x00"
	headerSize    = 100
	readVersionAt = 19 // 2: a write-ahead log
	appIDAt       = 68
)

// looksLike checks that a file is a SQLite database by its first bytes, before SQLite
// creates files next to it, and that its log is there. It doesn't read from a pipe. lacks
// says that flows may be missing.
func looksLike(path string) (lacks, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotCapture
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer r.Close()
	header := make([]byte, headerSize)
	n, err := io.ReadFull(r, header)
	switch begins := bytes.HasPrefix(header, []byte(magicText)); {
	case begins && err != nil:
		return nil, fmt.Errorf("%w: it ends after %d bytes", ErrDamaged, n)
	case begins && header[readVersionAt] == 2:
		return checkLog(path + "-wal"), nil
	case begins:
		return nil, nil
	case err == nil && binary.BigEndian.Uint32(header[appIDAt:]) == applicationID:
		return nil, fmt.Errorf("%w: its first bytes aren't those of a SQLite database", ErrDamaged)
	}
	return nil, ErrNotCapture
}

// checkLog returns ErrNoLog if there is no log, or nothing in it, and errTornLog if SQLite
// ignores a part of it. A log may be written meanwhile, so a damaged one is read again.
func checkLog(path string) error {
	for range 3 {
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			return ErrNoLog
		}
		if err != nil {
			return nil //nolint:nilerr // SQLite says why
		}
		err = scanLog(io.NewSectionReader(f, 0, maxLog))
		_ = f.Close()
		if !errors.Is(err, errTornLog) {
			return err
		}
	}
	return errTornLog
}

// maxLog limits the log that is checked, in bytes. SQLite starts anew at 1,000 pages unless a
// reader prevents it.
const maxLog = 256 << 20

// Sizes in a log (sqlite.org/fileformat.html, 4.1).
const (
	logHeaderSize   = 32
	frameHeaderSize = 24
)

// scanLog checks a log's checksums. A process that was killed leaves an incomplete
// frame at the end at most: behind an invalid frame, one of the same salt means damage.
func scanLog(r io.Reader) error {
	header := make([]byte, logHeaderSize)
	if _, err := io.ReadFull(r, header); err != nil {
		return ErrNoLog
	}
	var order binary.ByteOrder = binary.LittleEndian
	magic := binary.BigEndian.Uint32(header)
	if magic&1 == 1 {
		order = binary.BigEndian
	}
	size, salt := binary.BigEndian.Uint32(header[8:]), header[16:24]
	sum := checksum(order, [2]uint32{}, header[:24])
	if magic&^1 != 0x377f0682 || sum != sumAt(header[24:]) || size < 512 || size > 1<<16 {
		return errTornLog
	}
	frame := make([]byte, frameHeaderSize+size)
	for valid, first := true, true; ; first = false {
		if _, err := io.ReadFull(r, frame); err != nil {
			if first {
				return ErrNoLog
			}
			return nil
		}
		next := checksum(order, checksum(order, sum, frame[:8]), frame[frameHeaderSize:])
		ours := bytes.Equal(frame[8:16], salt)
		switch {
		case valid && ours && next == sumAt(frame[16:]):
			sum = next
		case !valid && ours:
			return errTornLog
		default:
			valid = false
		}
	}
}

// checksum continues a log's checksum with data, whose length is a multiple of 8.
func checksum(order binary.ByteOrder, s [2]uint32, data []byte) [2]uint32 {
	for ; len(data) >= 8; data = data[8:] {
		s[0] += order.Uint32(data) + s[1]
		s[1] += order.Uint32(data[4:]) + s[0]
	}
	return s
}

func sumAt(b []byte) [2]uint32 {
	return [2]uint32{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])}
}
