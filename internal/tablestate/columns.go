package tablestate

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"detour/internal/atomicfile"
	"detour/internal/statedir"
	"detour/internal/usererr"
)

// maxColumns is the size limit of the file of columns, which a person may edit.
const maxColumns = 4096

// columnFile is the file of the columns that were chosen in the table, in its syntax.
func columnFile() string { return statedir.File("columns") }

// LoadColumns reads the columns; "" if there is no file, or it can't be read.
func LoadColumns() string {
	in, err := os.Open(columnFile())
	if err != nil {
		return ""
	}
	defer in.Close()
	b, _ := io.ReadAll(io.LimitReader(in, maxColumns))
	return strings.TrimSpace(string(b))
}

// SaveColumns saves the columns.
func SaveColumns(words string) error { return write(columnFile(), words+"\n") }

// write writes a small file to the state directory, which is created if missing.
func write(path, text string) error {
	if path == "" {
		why, hint := statedir.Missing()
		return usererr.Failf(hint, "detour has no directory to save its files in: %s", why)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return usererr.CantWrite(path, err)
	}
	return atomicfile.Write(path, true, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
