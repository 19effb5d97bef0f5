package main

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

// loadColumns reads the columns; "" if there is no file, or it can't be read.
func loadColumns(path string) string {
	in, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer in.Close()
	b, _ := io.ReadAll(io.LimitReader(in, maxColumns))
	return strings.TrimSpace(string(b))
}

// writeState writes a small file to the state directory, which is created if missing.
func writeState(path, text string) error {
	if path == "" {
		return noState()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return usererr.CantWrite(path, err)
	}
	return atomicfile.Write(path, true, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
