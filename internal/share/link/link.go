// Package link writes and reads the link to a shared run, which a browser opens and detour
// attach takes: http://127.0.0.1:PORT/#TOKEN, and beyond loopback
// https://HOST:PORT/#TOKEN.FINGERPRINT.
//
// What follows "#" stays in the browser (RFC 3986, 3.5): no request, no Referer and no log of
// a server has it.
package link

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"net/url"
	"strings"
)

// TokenSize is how many random bytes a token has.
const TokenSize = 16

// A Link is what a watcher needs. It is a secret: whoever has it can watch.
type Link struct {
	Addr  string // host:port
	Token string // of TokenSize bytes, in unpadded base64url
	// Fingerprint is the SHA-256 of the certificate, which no authority has signed. Nil: the
	// connection is plain HTTP, on loopback.
	Fingerprint []byte
}

// Base is the link without its secret: "http://127.0.0.1:8100".
func (l Link) Base() string {
	if l.Fingerprint != nil {
		return "https://" + l.Addr
	}
	return "http://" + l.Addr
}

// String is the whole link.
func (l Link) String() string {
	s := l.Base() + "/#" + l.Token
	if l.Fingerprint != nil {
		s += "." + hex.EncodeToString(l.Fingerprint)
	}
	return s
}

// Errors of Parse. They don't quote the link, which is a secret.
var (
	errForm     = errors.New("this isn't a link to a shared run: http://HOST:PORT/#TOKEN, or https://HOST:PORT/#TOKEN.FINGERPRINT")
	errNoToken  = errors.New("the link has no token: it is the part from # on, which some programs cut off; copy the whole link")
	errNotToken = errors.New("the link's token is incomplete or changed: copy the whole link")
	errNoPrint  = errors.New("the link lacks the certificate's fingerprint, or has it incomplete: copy the whole link")
	errPlain    = errors.New("the link has a certificate's fingerprint, but begins with http://: copy the whole link")
)

// Parse reads a link.
func Parse(s string) (Link, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return Link{}, errForm
	}
	if _, port, err := net.SplitHostPort(u.Host); err != nil || port == "" || u.Hostname() == "" {
		return Link{}, errForm
	}
	token, print, pinned := strings.Cut(u.Fragment, ".")
	if token == "" {
		return Link{}, errNoToken
	}
	if b, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(b) != TokenSize {
		return Link{}, errNotToken
	}
	l := Link{Addr: u.Host, Token: token}
	switch b, err := hex.DecodeString(print); {
	case u.Scheme == "http" && pinned:
		return Link{}, errPlain
	case u.Scheme == "http":
	case err != nil || len(b) != sha256.Size:
		return Link{}, errNoPrint
	default:
		l.Fingerprint = b
	}
	return l, nil
}
