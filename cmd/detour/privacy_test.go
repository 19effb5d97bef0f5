package main

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"detour/internal/capture/disk"
	"detour/internal/export"
	"detour/internal/flow"
	"detour/ui/web/webtest"
)

// telltale is a capture that says who somebody is in every place, and a secret too.
func telltale(t *testing.T, h disk.Header) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "acme-123456789012.detour")
	h.Creator = "detour test"
	h.Environment = &flow.Environment{Search: []string{"acme-123456789012.internal"}, Interfaces: []flow.Interface{{Name: "tun0", Addresses: []string{"10.9.8.7/24"}}}, Flags: []string{"--map=a=10.9.8.7"}}
	f, err := disk.Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	host := "123456789012.s3-control.eu-central-1.amazonaws.com"
	x := &flow.Flow{
		ID: 1, Rev: 1, Source: flow.SourceProxy, State: flow.StateDone, Origin: flow.OriginDirect, Why: []flow.Evidence{flow.EvidenceSigV4Header},
		AWS:     &flow.AWS{Partition: "aws", Region: "eu-central-1", Service: "s3-control", Operation: "ListJobs", DecodedBy: "path"},
		Request: flow.Request{Method: "GET", URL: "https://" + host + "/?X-Amz-Signature=deadbeefdeadbeefdeadbeefdeadbeef", Headers: []flow.Header{{Name: "Cookie", Value: "a=hunter2hunter2"}}},
		Failure: &flow.Failure{Stage: flow.StageDial, Message: "dial tcp 10.9.8.7:443: i/o timeout"},
		Conn: &flow.Conn{
			ID: 1, Authority: host + ":443", Start: at,
			Resolution: &flow.Resolution{Name: host, Outcome: flow.DNSOK, Source: flow.SourceDNS, Addrs: []netip.Addr{netip.MustParseAddr("10.9.8.7")}, Start: at},
			Attempts:   []flow.DialAttempt{{Addr: netip.MustParseAddrPort("10.9.8.7:443"), Outcome: flow.DialTimeout, Start: at, Took: 21 * time.Second}},
		},
		Times: flow.Times{Start: at, Done: at.Add(21 * time.Second)}, Note: "of somebody@acme.example", Findings: []string{"private-endpoint-unreachable"},
	}
	step := flow.Step{At: at, Text: "log in as somebody@acme.example to 123456789012"}
	finding := flow.Finding{Code: "private-endpoint-unreachable", Title: host, Hosts: []string{host}}
	err = f.Write(disk.Batch{Flows: []*flow.Flow{x}, Steps: []flow.Step{step}, Findings: []flow.Finding{finding}, Redacted: map[string]int{"cookie": 1}})
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// exported is what detour export writes; a zip's files one after the other.
func exported(t *testing.T, args ...string) (out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(append([]string{"export"}, args...), &stdout, &stderr); code != exitDone {
		t.Fatalf("%v: %s", args, stderr.String())
	}
	return unpacked(t, stdout.Bytes()), stderr.String()
}

// unpacked is all that a reader of an export can see: a page with its data unpacked, the files of a
// zip one after the other; another one as it is.
func unpacked(t *testing.T, file []byte) (out string) {
	t.Helper()
	if bytes.HasPrefix(file, []byte("<!DOCTYPE html>")) {
		return webtest.Unpack(t, string(file))
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return string(file)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		out += f.Name + "\n" + unpacked(t, b)
	}
	return out
}

func TestExport_strictlyIdentifiesNobody(t *testing.T) {
	path := telltale(t, disk.Header{RawSecrets: true})
	for _, format := range export.Formats() {
		out, said := exported(t, path, "--format", format, "--privacy", "strict")
		for _, s := range []string{"123456789012", "10.9.8.7", "somebody@acme.example", "deadbeefdeadbeef", "hunter2", "acme-", "recorded with --keep-secrets", "working credentials"} {
			if strings.Contains(out, s) {
				t.Errorf("%s has %s", format, s)
			}
			if strings.Contains(said, s) && !strings.Contains(path, s) {
				t.Errorf("of %s %s is said", format, s)
			}
		}
		if format == "bundle" && (!strings.Contains(out, `"account": `) || !strings.Contains(out, "secrets, account IDs, names")) {
			t.Errorf("the manifest doesn't say what was taken out:\n%s", out[strings.Index(out, "manifest.json"):])
		}
	}
	copied := filepath.Join(t.TempDir(), "x.har")
	exported(t, path, "-o", copied)
	for _, path := range []string{path, copied} {
		out, _ := exported(t, path, "--format", "md", "--privacy", "strict", "--filter", "host:123456789012")
		if !strings.Contains(out, "s3-control") || strings.Contains(out, "123456789012") || strings.Contains(out, "10.9.8.7") {
			t.Errorf("a filter finds nothing by the true name, or the name is in it:\n%s", out)
		}
	}
}

func TestExport_saysInEachFormatThatSecretsWereKept(t *testing.T) {
	marks := map[string]string{
		"har": `"recorded with --keep-secrets`, "jsonl": `"raw_secrets":true`, "md": "raw secrets",
		"txt": "raw secrets", "slack": "raw secrets", "jira": "raw secrets", "html": "raw secrets", "csv": ",kept,", "bundle": "working credentials",
	}
	for _, format := range export.Formats() {
		out, said := exported(t, telltale(t, disk.Header{RawSecrets: true}), "--format", format)
		if !strings.Contains(out, marks[format]) || !strings.Contains(said, "--keep-secrets") {
			t.Errorf("%s isn't marked: %s", format, said)
		}
		out, said = exported(t, telltale(t, disk.Header{}), "--format", format)
		if strings.Contains(out, marks[format]) || said != "" {
			t.Errorf("%s is marked without cause: %s", format, said)
		}
	}
}

// TestExport_redactsAStrangersRun: what a HAR of ours says of its run may be anybody's
// words.
func TestExport_redactsAStrangersRun(t *testing.T) {
	raw, _ := exported(t, telltale(t, disk.Header{RawSecrets: true}), "--format", "har")
	raw = strings.Replace(raw, "log in as ", "Authorization: Bearer hunter2hunter2hunter2 ", 1)
	path := filepath.Join(t.TempDir(), "x.har")
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range export.Formats() {
		out, _ := exported(t, path, "--format", format)
		for _, s := range []string{"hunter2", "deadbeefdeadbeef", "recorded with --keep-secrets", `"raw_secrets":true`, "working credentials"} {
			if strings.Contains(out, s) {
				t.Errorf("%s has %s", format, s)
			}
		}
	}
}

func TestStorage_namesTheFlagsThatChangeWhereRequestsGo(t *testing.T) {
	c := &cobra.Command{}
	for flag, v := range map[string]string{"upstream-proxy": "http://proxy.example:3128", "map": "a=10.9.8.7", "log": "/home/me/log"} {
		c.Flags().String(flag, "", "")
		if err := c.Flags().Set(flag, v); err != nil {
			t.Fatal(err)
		}
	}
	got := (&captureOptions{}).storage(c.Flags()).Flags
	if want := []string{"--map=a=10.9.8.7", "--upstream-proxy=http://proxy.example:3128"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDiagnose_showsNoControlCharactersOfAFile(t *testing.T) {
	path := telltale(t, disk.Header{})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(), "PRAGMA writable_schema = on; INSERT INTO sqlite_schema VALUES ('table', char(27) || '[31m', 'x', 3, 'CREATE TABEL x(a)')")
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	if code := run([]string{"diagnose", path}, &out, &said); code != exitFailed || strings.Contains(said.String(), "\x1b") || !strings.Contains(said.String(), "malformed") {
		t.Errorf("%d, %q", code, said.String())
	}
}

func TestDiagnose_takesNoWordsOfOursOnTrust(t *testing.T) {
	out, _ := exported(t, telltale(t, disk.Header{}), "--format", "jsonl")
	changed := strings.Replace(out, `"outcome":"timeout"`, `"outcome":"\u001b[2J"`, 1)
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(path, []byte(out+changed), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"export", path, "--format", "jsonl"}, &stdout, &stderr); code != exitFailed || changed == out || !strings.Contains(stderr.String(), "line 2: unknown values in a closed set") {
		t.Errorf("%d, %s", code, stderr.String())
	}
}
