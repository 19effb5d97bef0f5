package truststore

func (m Machine) stores() []Store {
	return append([]Store{m.keychain()}, m.nss(darwinPlaces(), "brew install nss; or leave it be: Firefox takes the keychain's roots unless its setting security.enterprise_roots.enabled is off")...)
}
