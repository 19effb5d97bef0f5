package unpack

import (
	"archive/zip"
	"path"
	"strings"
)

// choose returns the files of an archive to read, and the names of those that are left out:
// the HARs if there are any, or else JSON, or else the only file. A bundle of evidence has the
// same requests in several formats.
func choose(files []*zip.File, most int) (texts []*zip.File, left []string) {
	var hars, lines, others []*zip.File
	for _, f := range files {
		base := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		switch {
		case strings.HasSuffix(f.Name, "/"), strings.HasPrefix(base, "."), strings.HasPrefix(f.Name, "__MACOSX/"):
			continue // directories, and what systems add
		}
		switch ext(base) {
		case ".har":
			hars = append(hars, f)
		case ".json", ".jsonl", ".ndjson":
			lines = append(lines, f)
		default:
			others = append(others, f)
		}
	}
	ranked := [][]*zip.File{hars, lines, others}
	for i, of := range ranked {
		if len(of) == 0 || i == len(ranked)-1 && len(of) > 1 {
			left = append(left, names(of)...)
			continue
		}
		texts = of[:min(len(of), most)]
		left = append(left, names(of[len(texts):])...)
		for _, rest := range ranked[i+1:] {
			left = append(left, names(rest)...)
		}
		return texts, left
	}
	return nil, left
}

// ext returns the extension of a file, without that of its compression.
func ext(base string) string {
	base = strings.ToLower(base)
	for _, compressed := range []string{".gz", ".zip", ".bz2"} {
		base = strings.TrimSuffix(base, compressed)
	}
	return path.Ext(base)
}

func names(files []*zip.File) (out []string) {
	for _, f := range files {
		out = append(out, f.Name)
	}
	return out
}
