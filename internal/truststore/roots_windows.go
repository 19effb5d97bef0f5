package truststore

import (
	"bytes"
	"context"
	"encoding/pem"
	"unsafe"

	"golang.org/x/sys/windows"
)

// readRoots reads the store ROOT, which has the machine's and the user's roots.
func readRoots(context.Context) ([]byte, error) {
	name, err := windows.UTF16PtrFromString("ROOT")
	if err != nil {
		return nil, err
	}
	store, err := windows.CertOpenSystemStore(0, name)
	if err != nil {
		return nil, err
	}
	defer windows.CertCloseStore(store, 0) //nolint:errcheck // nothing is left to do
	var out bytes.Buffer
	for c, _ := windows.CertEnumCertificatesInStore(store, nil); c != nil; c, _ = windows.CertEnumCertificatesInStore(store, c) {
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: unsafe.Slice(c.EncodedCert, c.Length)})
	}
	return out.Bytes(), nil
}
