package redact

import (
	"strings"

	"detour/internal/lazyregexp"
)

// redactPaths redacts the segments of a URL's path, and of a path in its fragment, that are
// credentials: what follows a secret's name and is opaque, as in /saml/assertion/…, and on
// the access portal's hosts everything that isn't known to be none.
func redactPaths(p *pass, s string) string {
	portal := isPortal(s)
	at := strings.Index(s, "://")
	if at < 0 {
		at = 0
	} else {
		at += len("://")
	}
	at += until(s[at:], "/?#")
	var b strings.Builder
	done, name := 0, ""
	for at < len(s) && (s[at] == '/' || s[at] == '#') {
		from := at + 1
		end := from + until(s[from:], "/?#&;=")
		segment := s[from:end]
		if kind := segmentKind(p, name, segment, portal); kind != "" {
			b.WriteString(s[done:from])
			b.WriteString(p.pseudonym(kind, unescape(segment)))
			done = end
		}
		name = segment
		if at = end; at < len(s) && s[at] != '/' && s[at] != '#' { // the fragment may have a path
			if at += until(s[at:], "#"); !strings.HasPrefix(s[at:], "#/") {
				break
			}
			name, portal = "", false
		}
	}
	if done == 0 {
		return s
	}
	return b.String() + s[done:]
}

// segmentKind returns the kind of secret that a segment is, which follows the segment name;
// "" if it is none.
func segmentKind(p *pass, name, segment string, portal bool) string {
	if len(segment) < 4 || isPseudonym(segment) {
		return ""
	}
	if portal && !isPortalWord(segment) && !portalID.MatchString(segment) {
		return "token"
	}
	if len(segment) < shortestSegment || fileName.MatchString(segment) || !opaqueFrom(unescape(segment), shortestSegment) {
		return ""
	}
	return p.hard(name)
}

// shortestSegment is the length of the shortest segment that may be a credential. An ID of API
// Gateway has 10.
const shortestSegment = 12

// fileName matches the name of a file, as in /auth/app-4f1c9a07b2.js.
var fileName = lazyregexp.New(`\.[a-z][a-z0-9]{1,4}$`)

// isPortal reports whether a URL is of the access portal of IAM Identity Center, whose
// responses are credentials and which has tokens in paths.
func isPortal(s string) bool {
	_, rest, ok := strings.Cut(s, "://")
	return ok && len(rest) > len("portal.sso.") && strings.EqualFold(rest[:len("portal.sso.")], "portal.sso.")
}

// portalID matches IDs of instances, applications and profiles, and of accounts.
var portalID = lazyregexp.New(`^(?:(?:ssoins|app|apl|ins|p|d|ps)-[0-9a-f]{8,17}|[0-9]{12})$`)

// isPortalWord reports whether a segment is a fixed one of the portal's paths: of the API (IAM
// Identity Center Portal API Reference), or one that the portal's page was seen to use.
func isPortalWord(segment string) bool {
	switch strings.ToLower(segment) {
	case "federation", "credentials", "assignment", "assignments", "accounts", "account", "roles", "role", "logout", "login",
		"token", "whoami", "user", "users", "instance", "instances", "appinstance", "appinstances", "profile", "profiles",
		"saml", "assertion", "auth", "authn", "session", "sessions", "applications", "application", "start", "sso", "oidc",
		"register", "device", "device_authorization", "metadata", "favicon.ico":
		return true
	}
	return false
}
