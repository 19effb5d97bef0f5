// Package folder reads an account's files from a folder, a file or a stream.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"detour/internal/account"
	"detour/internal/charset"
	"detour/internal/usererr"
)

// Limits of what is read of a folder.
const (
	maxFile  = 64 << 20  // bytes
	maxAll   = 512 << 20 // bytes of all files
	maxFiles = 5_000
)

// Read returns what the files below a folder say, one file, or, if path is "-", stdin. The
// error has a hint.
func Read(path string, stdin io.Reader) (*account.Config, error) {
	files, err := Files(path, stdin)
	if err != nil {
		return nil, err
	}
	return account.Read(files), nil
}

// Files reads the files below a folder, one file, or, if path is "-", stdin. Hidden files and
// what isn't text aren't read; links to other folders aren't followed. The error has a hint.
func Files(path string, stdin io.Reader) ([]account.File, error) {
	if path == "-" {
		f, err := one("stdin", stdin)
		if err != nil {
			return nil, usererr.Failf("give the output of one aws command", "%w", err)
		}
		return []account.File{f}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, usererr.Failf(hint, "%w", err)
	}
	if !info.IsDir() {
		f, err := open(path, filepath.Base(path))
		if err != nil {
			return nil, usererr.Failf(hint, "%w", err)
		}
		return []account.File{f}, nil
	}
	files, err := walk(path)
	if err != nil {
		return nil, usererr.Failf(hint, "%w", err)
	}
	return files, nil
}

const hint = "detour account collect DIR prints the commands that make such a folder"

var errTooMuch = errors.New("the folder has too many or too large files for an account's configuration")

func walk(dir string) (files []account.File, err error) {
	total := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && path != dir:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f, err := open(path, filepath.ToSlash(name))
		if err != nil {
			return err
		}
		if total += len(f.Data); total > maxAll || len(files) >= maxFiles {
			return errTooMuch
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

func open(path, name string) (account.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return account.File{}, err
	}
	defer f.Close()
	return one(name, f)
}

// one reads one file, in whatever encoding of Unicode it is: PowerShell writes UTF-16.
func one(name string, r io.Reader) (account.File, error) {
	data, err := io.ReadAll(io.LimitReader(charset.UTF8(r), maxFile+1))
	if err != nil {
		return account.File{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > maxFile {
		return account.File{}, fmt.Errorf("%s is larger than %d MiB", name, maxFile>>20)
	}
	return account.File{Name: name, Data: data}, nil
}
