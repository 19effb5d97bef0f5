package report

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"detour/internal/flow"
)

// A Part is one file of a bundle.
type Part struct {
	Name  string
	Write func(io.Writer) error
}

// A manifest lists what is in a bundle, and what was redacted.
type manifest struct {
	V         int            `json:"v"`
	Detour    string         `json:"detour"`  // version of the program that wrote it
	Creator   string         `json:"creator"` // of the capture
	Redaction string         `json:"redaction"`
	Redacted  map[string]int `json:"redacted,omitempty"`  // how often, by kind
	Simulated bool           `json:"simulated,omitempty"` // a demo
	Flows     int            `json:"flows"`
	Omitted   flow.Omitted   `json:"omitted"`
	Files     []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Bundle writes the parts as a zip, followed by manifest.json. The same parts of the same
// capture give the same bytes: the files' times are the start of the first flow. d is the capture's
// report. The error is w's or a part's.
func Bundle(w io.Writer, c *flow.Capture, d Document, program string, parts []Part) error {
	at := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the earliest time in a zip
	if d.began.After(at) {
		at = d.began.UTC()
	}
	out := zip.NewWriter(w)
	m := manifest{
		V: 1, Detour: program, Creator: c.Creator, Redaction: "secrets are replaced with pseudonyms", Redacted: c.Redacted,
		Simulated: c.Simulated(), Flows: d.Flows, Omitted: c.Omitted,
	}
	if c.Strict {
		m.Redaction = "secrets, account IDs, names, e-mail and private addresses are replaced with pseudonyms"
	}
	if c.RawSecrets {
		m.Redaction = "none: it contains working credentials"
	}
	for _, p := range parts {
		f, err := bundle(out, at, p)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	_, err := bundle(out, at, Part{"manifest.json", func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(m)
	}})
	if err != nil {
		return err
	}
	return out.Close()
}

func bundle(out *zip.Writer, at time.Time, p Part) (manifestFile, error) {
	w, err := out.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate, Modified: at})
	if err != nil {
		return manifestFile{}, err
	}
	sum := sha256.New()
	n := &counter{w: io.MultiWriter(w, sum)}
	err = p.Write(n)
	return manifestFile{p.Name, n.n, hex.EncodeToString(sum.Sum(nil))}, err
}

// A counter counts the bytes written to w.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
