package feed

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"detour/internal/atomicfile"
	"detour/internal/privatedir"
)

// idBytes is the length of an ID.
const idBytes = 16

// NewID returns a random ID.
func NewID() string {
	var b [idBytes]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// Installation returns the random ID of this installation, which the file at path has. It makes the file if
// there is none. It returns "" if that isn't possible: then the records don't say whose they are.
func Installation(path string) string {
	if path == "" || privatedir.Make(filepath.Dir(path)) != nil {
		return ""
	}
	id, err := readID(path)
	if err == nil {
		return id
	}
	damaged := !errors.Is(err, fs.ErrNotExist) // not one that another run makes now
	id = NewID()
	err = atomicfile.Write(path, damaged, func(w io.Writer) error {
		_, err := io.WriteString(w, id+"\n")
		return err
	})
	switch {
	case err == nil:
		privatedir.OwnerOnly(path)
		return id
	case errors.Is(err, fs.ErrExist): // another run was faster
		id, _ = readID(path)
		return id
	}
	return ""
}

// errNoID is the error of a file without an ID.
var errNoID = errors.New("it has no ID")

// readID reads the ID in a file.
func readID(path string) (id string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	id = strings.TrimSpace(string(b))
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != idBytes {
		return "", errNoID
	}
	return id, nil
}
