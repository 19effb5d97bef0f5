package remote

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"detour/internal/share/link"
)

// A Target is what is watched: a run of this user on this machine by its socket, or one by a link.
type Target struct {
	Socket string // path of the run's socket; "": Link is used
	Link   link.Link
}

// answerTime limits how long a connection, and then the beginning of a response may take.
const answerTime = 10 * time.Second

// errFingerprint is the error of a certificate that isn't the link's.
var errFingerprint = errors.New("the certificate isn't the one that the link names")

// base is the beginning of the URLs of requests. A socket's host says nothing.
func (t Target) base() string {
	if t.Socket != "" {
		return "http://localhost"
	}
	return t.Link.Base()
}

// String names the target without its secret.
func (t Target) String() string {
	if t.Socket != "" {
		return t.Socket
	}
	return t.Link.Addr
}

// transport returns what sends requests: without a proxy, whatever the environment has, since the
// host refuses what comes through one.
func (t Target) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: answerTime}
	tr := &http.Transport{
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   answerTime,
		ResponseHeaderTimeout: answerTime,
		DisableKeepAlives:     true,
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS13,
			InsecureSkipVerify: true, //nolint:gosec // the link has the certificate's fingerprint
			VerifyConnection:   t.verify,
		},
	}
	if t.Socket != "" {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", t.Socket)
		}
	}
	return tr
}

// verify checks the host's certificate against the link.
func (t Target) verify(c tls.ConnectionState) error {
	if len(c.PeerCertificates) == 0 {
		return errFingerprint
	}
	got := sha256.Sum256(c.PeerCertificates[0].Raw)
	if subtle.ConstantTimeCompare(got[:], t.Link.Fingerprint) != 1 {
		return errFingerprint
	}
	return nil
}

// request makes a request for what is at a path.
func (t Target) request(ctx context.Context, path string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.base()+path, nil)
	if err == nil && t.Socket == "" {
		r.Header.Set("Authorization", "Bearer "+t.Link.Token)
	}
	return r, err
}
