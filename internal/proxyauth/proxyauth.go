// Package proxyauth answers the challenges of an upstream proxy: by Negotiate (Kerberos) with
// the tickets of the signed-in user, or by NTLM or Basic with a user name and password.
// [Methods] says which of a proxy's schemes can be answered, and how. Nothing is written,
// and no text has a password or a token.
package proxyauth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/Azure/go-ntlmssp"
)

// A Scheme is an authentication scheme of HTTP (RFC 9110, 11.1).
type Scheme string

// The schemes that detour supports.
const (
	Basic     Scheme = "Basic"     // RFC 7617
	NTLM      Scheme = "NTLM"      // MS-NTHT; it authenticates one connection
	Negotiate Scheme = "Negotiate" // RFC 4559
)

// A Method is one way to answer a proxy.
type Method struct {
	Scheme Scheme
	host   string // the proxy's
	user   *url.Userinfo
}

// Methods returns the ways to answer a proxy that accepts schemes, the best first. Without
// a user's name and password there is Negotiate alone. A proxy that accepts NTLM isn't sent
// the password in clear text, even if it rejects the answer and accepts Basic, too.
func Methods(host string, user *url.Userinfo, accepts []string) (out []Method) {
	has := func(s Scheme) bool {
		for _, a := range accepts {
			if strings.EqualFold(a, string(s)) {
				return true
			}
		}
		return false
	}
	password := false
	if user != nil {
		_, password = user.Password()
	}
	if has(Negotiate) {
		out = append(out, Method{Negotiate, host, nil})
	}
	switch {
	case has(NTLM) && password:
		out = append(out, Method{NTLM, host, user})
	case has(Basic) && user != nil:
		out = append(out, Method{Basic, host, user})
	}
	return out
}

// An Exchange is the authentication of one connection.
type Exchange struct {
	method Method
	steps  int
	ticket tickets
}

// Begin begins the authentication of a connection.
func (m Method) Begin() *Exchange { return &Exchange{method: m} }

// Scheme is the exchange's scheme.
func (e *Exchange) Scheme() Scheme { return e.method.Scheme }

// Method is what the exchange was begun with.
func (e *Exchange) Method() Method { return e.method }

// errRejected means that the proxy didn't accept the last answer.
var errRejected = errors.New("the proxy rejected the credentials")

// Answer returns the value of Proxy-Authorization that answers a challenge: the part after
// the scheme, "" at first. The error has nothing secret.
func (e *Exchange) Answer(challenge string) (string, error) {
	e.steps++
	token, err := e.token(challenge)
	if err != nil {
		return "", fmt.Errorf("%s: %w", e.method.Scheme, err)
	}
	return string(e.method.Scheme) + " " + base64.StdEncoding.EncodeToString(token), nil
}

func (e *Exchange) token(challenge string) ([]byte, error) {
	in, err := base64.StdEncoding.DecodeString(strings.TrimSpace(challenge))
	if e.method.Scheme == Basic {
		in, err = nil, nil // it has a realm
	}
	switch {
	case err != nil:
		return nil, errors.New("the proxy's challenge isn't base64")
	case e.steps > 1 && len(in) == 0, e.steps > 4: // Basic has one step
		return nil, errRejected
	}
	switch e.method.Scheme {
	case NTLM:
		if len(in) == 0 {
			return ntlmssp.NewNegotiateMessage("", "")
		}
		password, _ := e.method.user.Password()
		return ntlmssp.NewAuthenticateMessage(in, e.method.user.Username(), password, nil)
	case Negotiate:
		return e.ticket.next("HTTP/"+e.method.host, in)
	case Basic:
		password, _ := e.method.user.Password()
		return []byte(e.method.user.Username() + ":" + password), nil
	}
	return nil, errors.New("not supported")
}

// Close releases what the system holds for the exchange.
func (e *Exchange) Close() { e.ticket.release() }

// Parse splits the values of Proxy-Authenticate into schemes and their challenges.
func Parse(values []string) (schemes []string, challenges map[string]string) {
	challenges = make(map[string]string)
	for _, v := range values {
		scheme, challenge, _ := strings.Cut(strings.TrimSpace(v), " ")
		if scheme == "" {
			continue
		}
		schemes = append(schemes, scheme)
		challenges[strings.ToLower(scheme)] = strings.TrimSpace(challenge)
	}
	return schemes, challenges
}

// Help is what to do if a proxy accepts none of the supported schemes, or no credentials
// are at hand.
const Help = "detour supports Negotiate with the tickets of the signed-in user (kinit), NTLM and Basic with a user and password " +
	"in the proxy's URL; for anything else run a local helper such as px or cntlm, and name it with --upstream-proxy"
