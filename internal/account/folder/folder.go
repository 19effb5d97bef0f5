// Package folder reads an account's files from a folder, a file or a stream.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"detour/internal/account"
	"detour/internal/charset"
	"detour/internal/flow"
	"detour/internal/usererr"
	"detour/internal/wording"
)

// A bounds limits what is read. What is beyond them is a problem of the account, and what it may
// decide is unknown.
type bounds struct {
	file, all int64 // bytes
	files     int
}

var most = bounds{file: 64 << 20, all: 512 << 20, files: 5_000}

// head is how much is kept of a file that isn't read: its first bytes say what it is.
const head = 4 << 10

// Read returns what the files below a folder say, one file, or, if path is "-", stdin. The
// error has a hint.
func Read(path string, stdin io.Reader) (*account.Config, error) {
	files, err := Files(path, stdin)
	if err != nil {
		return nil, err
	}
	return account.Read(files), nil
}

// Account is what Read and Files return of a folder, a file or stdin that has something of an
// account. Without anything, its error says why nothing could be used.
func Account(path string, stdin io.Reader) (*account.Config, []account.File, error) {
	files, err := Files(path, stdin)
	if err != nil {
		return nil, nil, err
	}
	c := account.Read(files)
	if slices.ContainsFunc(c.Inventory(), func(x account.Inventory) bool { return len(x.Files) > 0 || x.Failed != "" }) {
		return c, files, nil
	}
	why := ""
	if n := len(c.Problems); n > 0 {
		why = ": " + c.Problems[0]
		if n > 1 {
			why += fmt.Sprintf(", and %s more", wording.Count(n-1, "problem"))
		}
	}
	return nil, nil, usererr.Failf("detour account collect DIR --region REGION --run fills a folder with it",
		"nothing of an AWS account's configuration was found in %s%s", path, flow.Printable(why))
}

// Files reads the files below a folder, one file, or, if path is "-", stdin. Hidden files
// aren't read, links aren't followed, and a file that can't be read says why. The error has a
// hint.
func Files(path string, stdin io.Reader) ([]account.File, error) {
	if path == "-" {
		f, err := one("stdin", stdin, most.file)
		if err != nil {
			return nil, usererr.Failf("give the output of one aws command", "%w", err)
		}
		return []account.File{f}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, usererr.Failf(hint, "can't read %s: %w", path, usererr.FileCause(err))
	}
	if !info.IsDir() {
		f, err := open(path, filepath.Base(path), most.file)
		if err != nil {
			return nil, usererr.Failf(hint, "%w", err)
		}
		return []account.File{f}, nil
	}
	files, err := most.walk(path)
	if err != nil {
		return nil, usererr.Failf(hint, "%w", err)
	}
	return files, nil
}

const hint = "detour account collect DIR prints the commands that make such a folder"

// walk reads the files below a folder. The error is of the folder itself.
func (b bounds) walk(dir string) (files []account.File, err error) {
	rest := b.all
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, outside := filepath.Rel(dir, path)
		switch {
		case path == dir || outside != nil:
			return errors.Join(err, outside)
		case strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case err == nil && d.IsDir():
			return nil
		case len(files) == b.files:
			files = append(files, account.File{
				Name: filepath.ToSlash(name), Unread: fmt.Sprintf("the folder has more than %d files; this and the next ones are left out", b.files),
			})
			return fs.SkipAll
		}
		f := account.File{Name: filepath.ToSlash(name)}
		switch {
		case err != nil:
			f.Unread = reason(err)
		case !d.Type().IsRegular():
			f.Unread = "not a regular file: copy it into the folder"
		default:
			f = b.regular(path, f.Name, rest)
			rest -= int64(len(f.Data))
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

// regular reads a file that may have as many bytes as rest.
func (b bounds) regular(path, name string, rest int64) account.File {
	f, err := open(path, name, min(b.file, rest))
	switch {
	case err != nil:
		return account.File{Name: name, Unread: reason(err)}
	case f.Unread != "" && rest < b.file:
		f.Unread = "the folder's files are larger than " + mebibytes(b.all) + " together"
	}
	return f
}

// reason is an error without the path, which the problem has already.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = of.Err
	}
	return err.Error()
}

func open(path, name string, limit int64) (account.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return account.File{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > limit {
		x, err := one(name, io.LimitReader(f, head), head)
		x.Unread = larger(limit)
		return x, err
	}
	return one(name, f, limit)
}

// one reads one file, in whatever encoding of Unicode it is: PowerShell writes UTF-16.
func one(name string, r io.Reader, limit int64) (account.File, error) {
	data, err := io.ReadAll(io.LimitReader(charset.UTF8(r), limit+1))
	if err != nil {
		return account.File{}, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(data)) > limit {
		return account.File{Name: name, Data: data[:min(len(data), head)], Unread: larger(limit)}, nil
	}
	return account.File{Name: name, Data: data}, nil
}

func larger(limit int64) string { return "larger than " + mebibytes(limit) }

func mebibytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
