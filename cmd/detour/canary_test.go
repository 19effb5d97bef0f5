package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"detour/certs"
	"detour/internal/export"
)

// A nest makes canaries: secrets of which none may be seen again.
type nest struct{ hatched []string }

func (n *nest) egg() string {
	s := fmt.Sprintf("cNrY%03dx7Qz9Kd2", len(n.hatched))
	n.hatched = append(n.hatched, s)
	return s
}

// A sending is a request, and what is answered.
type sending struct {
	host, method, target, kind, body string
	header                           map[string]string
	answer                           answer
}

type answer struct {
	Status int
	Header map[string]string
	Body   string
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// sendings have a secret in every place that one was seen in.
func (n *nest) sendings() (out []sending) {
	const direct, console, sts, signin = "monitoring.us-east-1.amazonaws.com", "us-east-1.console.aws.amazon.com", "sts.us-east-1.amazonaws.com", "signin.aws.amazon.com"
	egg := n.egg
	for _, name := range []string{
		"X-Amz-Security-Token", "X-Csrf-Token", "X-Xsrf-Token", "X-Awsbc-Xsrf-Token", "X-Cloudtrail-Xsrf-Token", "Anti-Csrftoken-A2z", "X-Amz-Console-Signature",
		"X-Amz-Sso_bearer_token", "X-Amz-Sso-Bearer-Token", "X-Amz-S3session-Token", "X-Amz-Server-Side-Encryption-Customer-Key", "X-Amz-Server-Side-Encryption-Customer-Key-Md5",
		"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key", "X-Api-Key", "X-Amz-Access-Token", "X-Nobody-Knows", "X-Amz-Content-Sha256", "Etag", "If-None-Match",
	} {
		out = append(out, sending{host: direct, header: map[string]string{name: egg()}, answer: answer{Header: map[string]string{name: egg()}}})
	}
	for _, v := range []string{
		"AWS4-HMAC-SHA256 Credential=ASIA" + "ABCDEFGHIJKL/20261124/us-east-1/monitoring/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + egg(),
		"AWS4-ECDSA-P256-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/20261124/monitoring/aws4_request, SignedHeaders=host, Signature=" + egg(),
		"AWS AKIAABCDEFGHIJKLMNOP:" + egg(), "Bearer " + egg(), "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+egg())), egg(), "Digest username=\"u\", response=\"" + egg() + "\"",
	} {
		out = append(out, sending{host: direct, header: map[string]string{"Authorization": v}})
	}
	for _, name := range []string{"aws-creds", "aws-userInfo", "aws-userInfo-signed", "aws-signer-token_us-east-1", "noflush_awsccs_sid", "seance", "JSESSIONID", "session-token", "x-amz-sso_authn", "at-main", "odd"} {
		out = append(out, sending{host: console, header: map[string]string{"Cookie": name + "=" + egg()}, answer: answer{Header: map[string]string{"Set-Cookie": name + "=" + egg() + "; Path=/; Secure"}}})
	}
	for _, name := range []string{
		"X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-S3session-Token", "Signature", "SecurityToken", "Policy", "Key-Pair-Id", "SigninToken", "Session", "code", "state", "code_challenge", "code_verifier",
		"access_token", "id_token", "refresh_token", "token", "workflowStateHandle", "workflowResultHandle", "registrationCode", "user_code", "device_code", "client_secret", "login_hash",
	} {
		out = append(out,
			sending{host: console, target: "/x?a=1&" + name + "=" + egg() + "&b=2"},
			sending{host: console, header: map[string]string{"Referer": "https://" + console + "/y?" + name + "=" + egg()}, answer: answer{Status: 302, Header: map[string]string{"Location": "https://" + console + "/z?q=1&" + name + "=" + egg()}}},
		)
	}
	const form = "application/x-www-form-urlencoded"
	for _, name := range []string{"SAMLResponse", "SAMLRequest", "RelayState", "password", "mfacode", "otp", "totp", "client_secret", "code", "refresh_token", "assertion", "csrf"} {
		out = append(out, sending{host: direct, method: "POST", kind: form, body: "Action=GetMetricData&" + name + "=" + egg() + "&x=1", answer: answer{Status: 400}})
	}
	for _, name := range []string{
		"accessKeyId", "secretAccessKey", "sessionToken", "accessToken", "refreshToken", "idToken", "clientSecret", "deviceCode", "userCode", "authorizationToken", "authorizationData", "secretString",
		"secretBinary", "ciphertextBlob", "privateKey", "keyMaterial", "passwordData", "password", "masterUserPassword", "newPassword", "tokenCode", "samlAssertion", "webIdentityToken", "userData",
		"signedUrl", "preSignedUrl", "uploadUrl", "downloadUrl",
	} {
		flat, deep := jsonOf(map[string]any{"x": 1, name: egg()}), jsonOf(map[string]any{"contentString": jsonOf(map[string]any{"list": []any{map[string]any{name: egg()}}})})
		packed := jsonOf(map[string]any{"blob": base64.StdEncoding.EncodeToString([]byte(jsonOf(map[string]any{name: egg()})))})
		out = append(out,
			sending{host: direct, method: "POST", kind: "application/x-amz-json-1.1", body: flat, answer: answer{Status: 400, Header: map[string]string{"Content-Type": "application/json"}, Body: deep}},
			sending{host: console, method: "POST", kind: "application/json", body: packed, answer: answer{Status: 200, Header: map[string]string{"Content-Type": "application/json"}, Body: jsonOf(map[string]any{name: map[string]any{"inner": egg()}})}},
		)
	}
	for _, name := range []string{"AccessKeyId", "SecretAccessKey", "SessionToken", "SecurityToken", "EncodedMessage", "PasswordData", "KeyMaterial"} {
		out = append(out, sending{host: direct, method: "POST", kind: form, body: "Action=X", answer: answer{Status: 403, Header: map[string]string{"Content-Type": "text/xml"}, Body: "<R><" + name + ">" + egg() + "</" + name + "></R>"}})
	}
	presigned := func() string {
		return "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ASIAABCDEFGHIJKLMNOP%2F20261124%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Security-Token=" + egg() + "&X-Amz-Signature=" + egg()
	}
	return append(out,
		sending{host: sts, method: "POST", kind: form, body: "Action=AssumeRole&Note=" + egg(), answer: answer{Header: map[string]string{"Content-Type": "text/xml"}, Body: "<Credentials><Odd>" + egg() + "</Odd></Credentials>"}},
		sending{host: console, target: "/tb/creds", method: "POST", kind: "application/json", body: `{"odd":"` + egg() + `"}`, answer: answer{Header: map[string]string{"Content-Type": "application/json"}, Body: `{"odd":"` + egg() + `"}`}},
		sending{host: signin, target: "/authenticate", method: "POST", kind: form, body: "anything=" + egg()},
		sending{host: direct, method: "POST", kind: "application/json", body: jsonOf(map[string]string{"url": presigned(), "text": "see " + presigned()}), answer: answer{Status: 403, Header: map[string]string{"Content-Type": "application/json"}, Body: jsonOf(map[string]string{"__type": "AccessDeniedException", "message": "not for " + presigned()})}},
		sending{host: console, target: "/go?next=" + url.QueryEscape(presigned())},
		sending{host: console, target: "/go?next=" + url.QueryEscape(url.QueryEscape(presigned()))},
		sending{host: direct, method: "POST", kind: "text/plain", body: "token IQoJb3JpZ2lu" + strings.Repeat("A", 60) + egg() + " and eyJhbGciOiJub25l." + egg() + "." + egg(), answer: answer{Status: 500}},
		sending{host: direct, method: "POST", kind: "multipart/form-data; boundary=b", body: "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" + egg() + "\r\n--b--\r\n", answer: answer{Status: 500}},
		sending{host: direct, method: "POST", kind: "application/json", body: `{"secretAccessKey":"` + egg(), answer: answer{Status: 500}}, // torn
		sending{host: console, answer: answer{Header: map[string]string{"Set-Cookie": "a=" + egg() + "; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=" + egg() + "; Path=/?token=" + egg()}}},
		sending{host: console, target: "/session/" + egg() + "/x", header: map[string]string{"Referer": "https://" + console + "/token/" + egg()}},
		sending{host: console, target: "/graphql", method: "POST", kind: "application/json", body: jsonOf(map[string]string{"query": `mutation { login(user: "` + egg() + `", password: """` + egg() + `""") { id } }`}), answer: answer{Status: 500}},
		sending{host: direct, answer: answer{Status: 400, Header: map[string]string{"X-Amzn-Errortype": "no code " + egg(), "X-Amzn-Requestid": egg() + " x", "Grpc-Message": "token%3D" + egg(), "Link": "<https://h/" + egg() + ">"}}},
		sending{host: direct, method: "POST", kind: "multipart/form-data; boundary=b", body: "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"token=" + egg() + "\"\r\nX-Odd: " + egg() + "\r\n\r\nx\r\n--b--\r\n", answer: answer{Status: 500}},
		sending{host: "unreachable.us-east-1.amazonaws.com", target: "/?X-Amz-Signature=" + egg()},
	)
}

// TestCapture_holdsNoSecret sends secrets in every place through the real program, and
// looks for them in all that it leaves behind.
func TestCapture_holdsNoSecret(t *testing.T) {
	skipWithoutInterrupts(t)
	for _, privacy := range []string{"normal", "strict"} {
		t.Run(privacy, func(t *testing.T) { checkHoldsNoSecret(t, privacy) })
	}
}

func checkHoldsNoSecret(t *testing.T, privacy string) {
	t.Helper()
	program, dir, n := buildDetour(t), t.TempDir(), &nest{}
	all := n.sendings()
	if len(n.hatched) < 200 {
		t.Fatalf("only %d canaries", len(n.hatched))
	}
	ca, err := certs.Ephemeral([]string{"amazonaws.com", "aws.amazon.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		at, _ := strconv.Atoi(r.Header.Get("User-Agent"))
		for name, v := range all[at].answer.Header {
			w.Header().Set(name, v)
		}
		w.WriteHeader(max(200, all[at].answer.Status))
		_, _ = io.WriteString(w, all[at].answer.Body)
	}))
	server.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return ca.Leaf(h.ServerName) }} //nolint:gosec // a test's server
	server.StartTLS()
	defer server.Close()
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	caFile := filepath.Join(dir, "upstream.pem")
	if err := os.WriteFile(caFile, ca.RootPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"run", "--ui", "none", "--json=all", "--browser", "none", "--listen", "127.0.0.1:0", "--ca-dir", filepath.Join(dir, "ca"), "--upstream-proxy", "none",
		"--upstream-ca", caFile, "--capture", filepath.Join(dir, "run.detour"), "--bodies", "all", "--privacy", privacy, "--log", filepath.Join(dir, "log"),
	}
	hosts := make(map[string]bool)
	for _, s := range all {
		if !hosts[s.host] && !strings.HasPrefix(s.host, "unreachable") {
			args = append(args, "--map", s.host+"=127.0.0.1")
		} else if !hosts[s.host] {
			args = append(args, "--map", s.host+"=127.0.0.2")
		}
		hosts[s.host] = true
	}
	left := make(map[string]*bytes.Buffer) // what it left behind
	left["stdout"], left["stderr"] = &bytes.Buffer{}, &bytes.Buffer{}
	cmd := exec.CommandContext(t.Context(), program, args...) //nolint:gosec // our own program
	cmd.Stdout = left["stdout"]
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	var m []string
	for m == nil && lines.Scan() {
		m = captureLine.FindStringSubmatch(lines.Text())
	}
	if m == nil {
		t.Fatal("detour didn't start")
	}
	sendAll(t, m[1], port, all)
	for _, ext := range []string{"", "-wal", "-shm"} { // while it runs
		if b, err := os.ReadFile(filepath.Join(dir, "run.detour"+ext)); err == nil {
			left["run.detour"+ext+" while it is written"] = bytes.NewBuffer(b)
		}
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	for lines.Scan() {
		left["stderr"].WriteString(lines.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, format := range export.Formats() {
		var out, errs bytes.Buffer
		if code := run([]string{"export", filepath.Join(dir, "run.detour"), "--format", format}, &out, &errs); code != exitDone {
			t.Fatalf("%s: %s", format, errs.String())
		}
		left["export "+format], left["export "+format+" stderr"] = &out, &errs
	}
	for _, name := range []string{"run.detour", "log"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		left[name] = bytes.NewBuffer(b)
	}
	n.look(t, left)
	checkKept(t, left["export jsonl"].Bytes(), len(all))
}

// sendAll sends one after the other; the user agent says which it is.
func sendAll(t *testing.T, proxy, port string, all []sending) {
	t.Helper()
	at, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, //nolint:gosec // it is a test of something else
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	for i, s := range all {
		method, target := s.method, s.target
		if method == "" {
			method = "GET"
		}
		if target == "" {
			target = "/"
		}
		r, err := http.NewRequestWithContext(context.Background(), method, "https://"+s.host+":"+port+target, strings.NewReader(s.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", strconv.Itoa(i))
		if s.kind != "" {
			r.Header.Set("Content-Type", s.kind)
		}
		for name, v := range s.header {
			r.Header.Set(name, v)
		}
		res, err := client.Do(r)
		if err != nil {
			if strings.HasPrefix(s.host, "unreachable") {
				continue
			}
			t.Fatalf("%s %s%s: %v", method, s.host, target, err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

// look looks for canaries in whatever is packed, as they are, in base64 at each of its offsets, and in hex.
func (n *nest) look(t *testing.T, left map[string]*bytes.Buffer) {
	t.Helper()
	for name, b := range left {
		if b.Len() == 0 && !strings.HasSuffix(name, "stderr") && !strings.HasSuffix(name, "-shm while it is written") && name != "log" {
			t.Errorf("%s is empty", name)
		}
		seen := []byte(unpacked(t, b.Bytes()))
		for i, egg := range n.hatched {
			forms := []string{egg, fmt.Sprintf("%x", egg)}
			for cut := range 3 {
				forms = append(forms, base64.RawStdEncoding.EncodeToString([]byte(egg[cut:cut+12])))
			}
			for _, form := range forms {
				if at := bytes.Index(seen, []byte(form)); at >= 0 {
					t.Errorf("canary %d is in %s: …%s…", i, name, seen[max(0, at-160):min(len(seen), at+40)])
					break
				}
			}
		}
	}
}

// checkKept reports a capture that holds no secrets because it holds nothing.
func checkKept(t *testing.T, jsonl []byte, want int) {
	t.Helper()
	flows, bodies := 0, 0
	for dec := json.NewDecoder(bytes.NewReader(jsonl)); dec.More(); flows++ {
		var r struct {
			Request, Response struct{ Body string }
		}
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		for _, b := range []string{r.Request.Body, r.Response.Body} {
			if b != "" {
				bodies++
			}
		}
	}
	if flows != want || bodies < 80 {
		t.Errorf("%d flows of %d are kept, with %d bodies", flows, want, bodies)
	}
}
