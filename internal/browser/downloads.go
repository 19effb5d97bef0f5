package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// keepDownloads makes the browser of a profile save downloads and pages where it would
// with the user's own HOME, unless the profile has a directory for them.
func keepDownloads(profile, home string) error {
	file := filepath.Join(profile, "Default", "Preferences")
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	after, err := withDownloads(before, downloadDir(home))
	if err != nil || after == nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, after, 0o600)
}

// withDownloads adds a directory to Chromium's preferences, which are JSON; nil: they need
// no change. What else they have stays as it is.
func withDownloads(preferences []byte, dir string) ([]byte, error) {
	all := map[string]json.RawMessage{}
	if len(preferences) > 0 {
		if err := json.Unmarshal(preferences, &all); err != nil {
			return nil, nil //nolint:nilerr // Chromium replaces damaged preferences
		}
	}
	value, err := json.Marshal(dir)
	if err != nil {
		return nil, err
	}
	changed := false
	for _, section := range []string{"download", "savefile"} {
		settings := map[string]json.RawMessage{}
		if all[section] != nil && json.Unmarshal(all[section], &settings) != nil {
			continue
		}
		if _, ok := settings["default_directory"]; ok {
			continue
		}
		settings["default_directory"], changed = value, true
		if all[section], err = json.Marshal(settings); err != nil {
			return nil, err
		}
	}
	if !changed {
		return nil, nil
	}
	return json.Marshal(all)
}

// downloadDir is the user's directory for downloads, as xdg-user-dirs names it.
func downloadDir(home string) string {
	config := privateHome{user: home}.xdg("XDG_CONFIG_HOME", ".config")
	if f, err := os.Open(filepath.Join(config, "user-dirs.dirs")); err == nil {
		defer f.Close()
		if dir := userDir(f, "XDG_DOWNLOAD_DIR", home); dir != "" {
			return dir
		}
	}
	return filepath.Join(home, "Downloads")
}

// maxUserDirs is far more than the eight lines that user-dirs.dirs has.
const maxUserDirs = 64 << 10

// userDir reads a directory from user-dirs.dirs (user-dirs.dirs(5)), whose values are
// "$HOME/yyy" or "/yyy"; "": it isn't there.
func userDir(r io.Reader, name, home string) (dir string) {
	lines := bufio.NewScanner(io.LimitReader(r, maxUserDirs))
	for lines.Scan() {
		value, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), name+"=")
		if !ok {
			continue
		}
		value = strings.ReplaceAll(strings.Trim(value, `"`), `\`, "")
		if below, ok := strings.CutPrefix(value, "$HOME"); ok {
			value = filepath.Join(home, below)
		}
		if filepath.IsAbs(value) {
			dir = value
		}
	}
	return dir
}
