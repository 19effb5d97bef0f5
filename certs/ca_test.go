package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"reflect"
	"testing"
	"time"

	"detour/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const logs = "logs.ap-northeast-1.amazonaws.com"

var suffixes = []string{"amazonaws.com", "console.aws.amazon.com"}

func ephemeral(tb testing.TB) *CA {
	tb.Helper()
	ca, err := Ephemeral(suffixes, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return ca
}

// verify checks a served chain as a client that trusts the root would.
func verify(ca *CA, served [][]byte, name string) error {
	roots, inters := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.RootPEM())
	leaf, err := x509.ParseCertificate(served[0])
	if err != nil {
		return err
	}
	for _, der := range served[1:] {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		inters.AddCert(c)
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inters, DNSName: name})
	return err
}

func TestEphemeral_rejectsSuffixesThatWouldNotLimitIt(t *testing.T) {
	for _, permitted := range [][]string{nil, {}, {""}, {"amazonaws.com", ""}, {"."}, {".amazonaws.com"}, {"*.amazonaws.com"}, {"a b"}} {
		if _, err := Ephemeral(permitted, time.Now()); err == nil {
			t.Errorf("%q: a CA, want an error", permitted)
		}
	}
}

func TestEphemeral_eachChainHasNamesOfItsOwn(t *testing.T) {
	a, b := ephemeral(t), ephemeral(t)
	if a.root.Subject.String() == b.root.Subject.String() || a.inter.Subject.String() == b.inter.Subject.String() {
		t.Errorf("same name: %s, %s", a.root.Subject, a.inter.Subject)
	}
	if got, want := a.root.Subject.Organization[0], "detour (local)"; got != want {
		t.Errorf("made by %q, want %q", got, want)
	}
}

func TestCA_describesItsCertificates(t *testing.T) {
	ca := ephemeral(t)
	block, _ := pem.Decode(ca.RootPEM())
	if block == nil || !bytes.Equal(block.Bytes, ca.root.Raw) {
		t.Fatal("RootPEM isn't the root")
	}
	sum := sha256.Sum256(block.Bytes)
	if got, want := ca.RootFingerprint(), hex.EncodeToString(sum[:]); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	c, err := ca.Leaf(logs)
	if err != nil {
		t.Fatal(err)
	}
	sum = sha256.Sum256(c.Leaf.RawSubjectPublicKeyInfo)
	if got, want := ca.SPKI(), base64.StdEncoding.EncodeToString(sum[:]); got != want {
		t.Errorf("SPKI %s isn't that of the leaf, %s", got, want)
	}
	if ca.Path() != "" || ca.Renewed() != "" {
		t.Errorf("in memory, but path %q, renewed %q", ca.Path(), ca.Renewed())
	}
}

func TestCA_doesNotHoldTheRootsKey(t *testing.T) {
	ca := ephemeral(t)
	if _, err := ca.Leaf(logs); err != nil {
		t.Fatal(err)
	}
	keys := privateKeys(reflect.ValueOf(ca), map[any]bool{})
	if len(keys) < 2 {
		t.Fatalf("found %d keys, so the search doesn't see the intermediate's and the leaves'", len(keys))
	}
	for _, k := range keys {
		if k.PublicKey.Equal(ca.root.PublicKey) {
			t.Error("the CA holds the root's key")
		}
	}
}

// privateKeys returns all private keys that can be reached from v.
func privateKeys(v reflect.Value, seen map[any]bool) (found []*ecdsa.PrivateKey) {
	switch v.Kind() { //nolint:exhaustive // the other kinds lead nowhere
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return nil
		}
		seen[v.Pointer()] = true
		if v.Type() == reflect.TypeFor[*ecdsa.PrivateKey]() {
			return []*ecdsa.PrivateKey{(*ecdsa.PrivateKey)(v.UnsafePointer())}
		}
		return privateKeys(v.Elem(), seen)
	case reflect.Interface:
		return privateKeys(v.Elem(), seen)
	case reflect.Struct:
		for i := range v.NumField() {
			found = append(found, privateKeys(v.Field(i), seen)...)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			found = append(found, privateKeys(v.Index(i), seen)...)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			found = append(found, privateKeys(it.Value(), seen)...)
		}
	}
	return found
}
