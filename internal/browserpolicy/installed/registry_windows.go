package installed

import (
	"errors"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/sys/windows/registry"

	"detour/internal/browserpolicy"
)

// maxDepth and maxNames limit what is read of a key.
const (
	maxDepth = 6
	maxNames = 10_000
)

// readRegistry reads a key of the machine, or of the user; an empty one if there is none.
func readRegistry(user bool, path string) (browserpolicy.Key, error) {
	root := registry.LOCAL_MACHINE
	if user {
		root = registry.CURRENT_USER
	}
	k, err := registry.OpenKey(root, path, registry.READ)
	if errors.Is(err, fs.ErrNotExist) {
		return browserpolicy.Key{}, nil
	}
	if err != nil {
		return browserpolicy.Key{}, err
	}
	defer k.Close()
	return readKey(k, maxDepth)
}

func readKey(k registry.Key, depth int) (browserpolicy.Key, error) {
	out := browserpolicy.Key{Values: make(map[string]any), Keys: make(map[string]browserpolicy.Key)}
	names, err := k.ReadValueNames(maxNames)
	if err != nil && len(names) == 0 && !errors.Is(err, io.EOF) {
		return out, err
	}
	for _, name := range names {
		if text, _, err := k.GetStringValue(name); err == nil {
			out.Values[name] = text
		} else if n, _, err := k.GetIntegerValue(name); err == nil {
			out.Values[name] = n
		} else if lines, _, err := k.GetStringsValue(name); err == nil {
			out.Values[name] = strings.Join(lines, "\n")
		}
	}
	subs, _ := k.ReadSubKeyNames(maxNames) // at the end of the list there is an error
	if depth == 0 {
		return out, nil
	}
	for _, name := range subs {
		sub, err := registry.OpenKey(k, name, registry.READ)
		if err != nil {
			return out, err
		}
		out.Keys[name], err = readKey(sub, depth-1)
		_ = sub.Close()
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
