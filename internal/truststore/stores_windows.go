package truststore

// stores has no NSS: Firefox on Windows takes the user's roots by itself, and its
// certutil isn't to be had there.
func (m Machine) stores() []Store { return []Store{m.userRoot()} }
