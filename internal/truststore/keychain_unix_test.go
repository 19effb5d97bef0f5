//go:build !windows

package truststore

import (
	"strings"
	"testing"
)

// keychainAnswers are what security(1) prints about a certificate.
func keychainAnswers(t *testing.T, stored, settings func([]string) (string, error)) *script {
	return &script{t: t, answers: map[string]func([]string) (string, error){
		"security find-certificate": stored, "security dump-trust-settings": settings,
	}}
}

func TestKeychain_commandsAndWhatIsFound(t *testing.T) {
	r := newRoot(t, "detour local CA 1")
	k := Machine{Home: "/Users/x"}.keychain()
	const login = "/Users/x/Library/Keychains/login.keychain-db"
	steps, err := k.Add(r)
	if got, want := commands(steps), "security add-trusted-cert -r trustRoot -p ssl -k "+login+" "+r.File; err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	steps, err = k.Remove(r, Found{Trusted: true, Names: []string{login}})
	if got, want := commands(steps), "security delete-certificate -Z "+strings.ToUpper(r.sha1())+" -t "+login; err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	steps, err = k.Remove(r, Found{Trusted: true})
	if got, want := commands(steps), "security remove-trusted-cert "+r.File; err != nil || got != want {
		t.Errorf("settings alone: %v\n%s\nwant\n%s", err, got, want)
	}

	none := fails(errSecItemNotFound, "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.")
	noTrust := fails(1, "SecTrustSettingsCopyCertificates: No Trust Settings were found.")
	trusted := says("Number of trusted certs = 2\nCert 0: other\n   Number of trust settings : 0\nCert 1: detour local CA 1\n   Number of trust settings : 1\n")
	ours := says(string(newRoot(t, "detour local CA 1").pem()) + string(r.pem()))
	for name, tc := range map[string]struct {
		script *script
		want   Found
	}{
		"nothing":           {keychainAnswers(t, none, noTrust), Found{}},
		"another's":         {keychainAnswers(t, says(string(newRoot(t, "detour local CA 1").pem())), noTrust), Found{}},
		"without trust":     {keychainAnswers(t, ours, noTrust), Found{Names: []string{login}}},
		"both":              {keychainAnswers(t, ours, trusted), Found{Trusted: true, Names: []string{login}}},
		"its settings only": {keychainAnswers(t, none, trusted), Found{Trusted: true}},
		"longer names": {
			keychainAnswers(t, none, says("Cert 0: detour local CA 10\n")), Found{},
		},
	} {
		if got := find(t, k, tc.script.run, r); got.Trusted != tc.want.Trusted || len(got.Names) != len(tc.want.Names) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
	for _, s := range []*script{
		keychainAnswers(t, fails(51, "locked"), trusted), keychainAnswers(t, none, fails(1, "something else")),
	} {
		if _, err := k.Find(t.Context(), s.run, r); err == nil {
			t.Error("a failure was taken for an answer")
		}
	}
}
