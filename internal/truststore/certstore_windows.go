package truststore

import (
	"crypto/x509"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A certStore is an open store of certificates (learn.microsoft.com, CertOpenStore).
type certStore windows.Handle

// openStore opens the current user's view of a store, which has the machine's certificates
// and those of the company's policies, too. What is added is the user's alone.
func openStore(name string) (certStore, error) {
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	h, err := windows.CertOpenStore(windows.CERT_STORE_PROV_SYSTEM_W, 0, 0, windows.CERT_SYSTEM_STORE_CURRENT_USER,
		uintptr(unsafe.Pointer(wide)))
	return certStore(h), err
}

func (s certStore) close() { _ = windows.CertCloseStore(windows.Handle(s), 0) }

// each calls visit with each certificate of the store until it returns false. visit must not
// keep c.
func (s certStore) each(visit func(der []byte, c *windows.CertContext) bool) {
	var c *windows.CertContext
	for {
		c, _ = windows.CertEnumCertificatesInStore(windows.Handle(s), c) // which frees the one before
		if c == nil {
			return
		}
		if !visit(unsafe.Slice(c.EncodedCert, c.Length), c) {
			_ = windows.CertFreeCertificateContext(c)
			return
		}
	}
}

// count is how many times a certificate is in the store: the user's and the machine's are two.
func (s certStore) count(cert *x509.Certificate) (n int) {
	s.each(func(der []byte, _ *windows.CertContext) bool {
		if string(der) == string(cert.Raw) {
			n++
		}
		return true
	})
	return n
}

// add adds a certificate. Windows asks the user whether it may change the store of roots.
func (s certStore) add(cert *x509.Certificate) error {
	c, err := windows.CertCreateCertificateContext(windows.X509_ASN_ENCODING|windows.PKCS_7_ASN_ENCODING,
		&cert.Raw[0], uint32(len(cert.Raw))) //nolint:gosec // a certificate is small
	if err != nil {
		return err
	}
	defer windows.CertFreeCertificateContext(c) //nolint:errcheck // nothing is left to do
	return windows.CertAddCertificateContextToStore(windows.Handle(s), c, windows.CERT_STORE_ADD_REPLACE_EXISTING, nil)
}

// remove removes a certificate from wherever the user's view has it.
func (s certStore) remove(cert *x509.Certificate) (err error) {
	for range s.count(cert) {
		s.each(func(der []byte, c *windows.CertContext) bool {
			if string(der) != string(cert.Raw) {
				return true
			}
			err = windows.CertDeleteCertificateFromStore(windows.CertDuplicateCertificateContext(c)) // which frees it
			return false
		})
		if err != nil {
			return err
		}
	}
	return nil
}
