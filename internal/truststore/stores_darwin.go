package truststore

func (m Machine) stores() []Store {
	return append([]Store{m.keychain()}, m.nss(darwinPlaces(), "brew install nss; or do nothing: "+
		"Firefox also uses the keychain's roots, unless its setting security.enterprise_roots.enabled is off")...)
}
