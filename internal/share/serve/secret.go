package serve

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"

	"detour/internal/share/link"
)

// A secret lets its holder watch. Only its hash is stored, which also makes the comparison
// take the same time whatever the length of what it is compared with.
type secret [sha256.Size]byte

// newSecret returns a secret, and the text that its holder has.
func newSecret() (s secret, text string) {
	b := make([]byte, link.TokenSize)
	_, _ = rand.Read(b) // never fails
	text = base64.RawURLEncoding.EncodeToString(b)
	return sha256.Sum256([]byte(text)), text
}

// is reports in constant time whether text is the secret's.
func (s secret) is(text string) bool {
	h := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(s[:], h[:]) == 1
}

// bearer is the token that a request has in Authorization (RFC 6750); "" if it has none.
func bearer(r *http.Request) string {
	values := r.Header["Authorization"]
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// cookieName is the name of a run's cookie. Cookies ignore ports, so two runs on loopback get
// each other's cookies, and one name for both would have one replace the other's.
func cookieName(run string) string {
	h := sha256.Sum256([]byte(run))
	return "detour-" + base64.RawURLEncoding.EncodeToString(h[:9])
}

// cookie is the one that the page gets for its token. It ends with the browser's session.
func cookie(name, value string, secure bool) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}
}
