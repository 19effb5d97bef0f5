package truststore

// stores has no NSS: Firefox on Windows uses the user's roots, and NSS's certutil isn't
// available there.
func (m Machine) stores() []Store { return []Store{m.userRoot()} }
