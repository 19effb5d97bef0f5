package proxy

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The credentials that fakeService accepts.
const (
	testKeyID  = "AKIAIOSFODNN7EXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// verifySigV4 computes the signature of a received request, as a service does (AWS
// Signature Version 4, "Create a signed AWS API request").
func verifySigV4(r *http.Request, body []byte) error {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	var scope, signed, signature, date string
	if auth, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "); ok {
		for _, part := range strings.Split(auth, ",") {
			name, v, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch name {
			case "Credential":
				scope = v
			case "SignedHeaders":
				signed = v
			case "Signature":
				signature = v
			}
		}
		date = r.Header.Get("X-Amz-Date")
	} else { // presigned
		q := r.URL.Query()
		scope, signed = q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders")
		signature, date = q.Get("X-Amz-Signature"), q.Get("X-Amz-Date")
	}
	keyID, scope, _ := strings.Cut(scope, "/")
	parts := strings.Split(scope, "/")
	if keyID != testKeyID || len(parts) != 4 {
		return fmt.Errorf("credential %q/%q", keyID, scope)
	}
	hash := r.Header.Get("X-Amz-Content-Sha256")
	if hash == "" && r.URL.Query().Has("X-Amz-Signature") {
		hash = "UNSIGNED-PAYLOAD"
	} else if hash == "" || len(hash) == 2*sha256.Size {
		hash = hexHash(body) // even if the client sent one: the received body counts
	}
	var headers strings.Builder
	for _, name := range strings.Split(signed, ";") {
		v := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			v = r.Host
		case "content-length":
			v = fmt.Sprint(r.ContentLength)
		case "transfer-encoding":
			v = strings.Join(r.TransferEncoding, ",")
		}
		fmt.Fprintf(&headers, "%s:%s\n", name, strings.Join(strings.Fields(v), " "))
	}
	pairs := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool {
		return p == "" || strings.HasPrefix(p, "X-Amz-Signature=")
	})
	for i, p := range pairs {
		if !strings.Contains(p, "=") {
			pairs[i] = p + "="
		}
	}
	slices.Sort(pairs)
	canonical := strings.Join([]string{r.Method, path, strings.Join(pairs, "&"), headers.String(), signed, hash}, "\n")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, hexHash([]byte(canonical))}, "\n")
	key := []byte("AWS4" + testSecret)
	for _, p := range parts {
		key = mac(key, p)
	}
	if want := hex.EncodeToString(mac(key, toSign)); want != signature {
		return fmt.Errorf("the signature does not match; the canonical request is\n%s", canonical)
	}
	return nil
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// fakeService verifies the signature of every request and records it.
type fakeService struct {
	mu   sync.Mutex
	seen []string // method, raw target, body's length
	errs []error
}

func (s *fakeService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = verifySigV4(r, body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, fmt.Sprintf("%s %s %d", r.Method, r.RequestURI, len(body)))
	if err != nil {
		s.errs = append(s.errs, fmt.Errorf("%s %s: %w", r.Method, r.RequestURI, err))
		w.WriteHeader(http.StatusForbidden)
		return
	}
	w.Header().Set("X-Amzn-Requestid", "req")
	switch {
	case strings.HasPrefix(r.Header.Get("X-Amz-Target"), "Logs_"):
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, `{"logGroups":[]}`)
	case strings.HasPrefix(r.Host, "monitoring."):
		_, _ = io.WriteString(w, `<ListMetricsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">`+
			`<ListMetricsResult><Metrics/></ListMetricsResult></ListMetricsResponse>`)
	case strings.HasPrefix(r.Host, "sts."):
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">`+
			`<GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case r.Method == http.MethodGet && strings.Contains(r.RequestURI, "list-type=2"):
		_, _ = io.WriteString(w, `<ListBucketResult/>`)
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, "object")
	}
}

// awsCLI returns the path of a working AWS CLI, or skips the test.
func awsCLI(t *testing.T) string {
	t.Helper()
	for _, candidate := range []string{"/usr/bin/aws", "aws"} {
		if path, err := exec.LookPath(candidate); err == nil && exec.CommandContext(t.Context(), path, "--version").Run() == nil {
			return path
		}
	}
	t.Skip("the AWS CLI is not installed (Debian: awscli)")
	return ""
}

func TestSigV4_signaturesOfTheAWSCLIStayValid(t *testing.T) {
	cli := awsCLI(t)
	svc := &fakeService{}
	b := newFixture(t, setup{domain: "amazonaws.com"}, svc)
	dir := t.TempDir()
	ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "body")
	for path, content := range map[string][]byte{ca: b.ca.RootPEM(), file: bytes.Repeat([]byte("0123456789"), 30_000)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{
		"HTTPS_PROXY=http://" + b.addr, "AWS_CA_BUNDLE=" + ca, "AWS_ACCESS_KEY_ID=" + testKeyID, "AWS_SECRET_ACCESS_KEY=" + testSecret,
		"AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "HOME=" + dir, "PATH=" + os.Getenv("PATH"),
		"LC_ALL=C.UTF-8", "AWS_PAGER=",
	}
	command := func(name string, args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s %v: %v: %s", filepath.Base(name), args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	const key = "a b+c%2F//é"
	command(cli, "s3api", "put-object", "--bucket", "bucket", "--key", key, "--body", file)
	command(cli, "s3api", "put-object", "--bucket", "bucket", "--key", key, "--body", file,
		"--checksum-algorithm", "SHA256") // sent as aws-chunked with a trailer
	command(cli, "s3api", "get-object", "--bucket", "bucket", "--key", key, filepath.Join(dir, "out"))
	command(cli, "s3api", "list-objects-v2", "--bucket", "bucket", "--prefix", "a b/+&=é", "--delimiter", "/")
	command(cli, "logs", "describe-log-groups")
	command(cli, "cloudwatch", "list-metrics", "--namespace", "a b+c")
	command(cli, "sts", "get-caller-identity")
	if url := command(cli, "s3", "presign", "s3://bucket/"+key); strings.HasPrefix(url, "https://") {
		if curl, err := exec.LookPath("curl"); err == nil {
			if got := command(curl, "-sS", "--fail", "--path-as-is", "--proxy", "http://"+b.addr, "--cacert", ca, url); got != "object" {
				t.Errorf("the presigned URL gave %q", got)
			}
		}
	}
	svc.mu.Lock()
	defer svc.mu.Unlock()
	for _, err := range svc.errs {
		t.Error(err)
	}
	if len(svc.seen) < 8 {
		t.Errorf("only %d requests arrived: %v", len(svc.seen), svc.seen)
	}
	t.Logf("verified:\n%s", strings.Join(svc.seen, "\n"))
}
