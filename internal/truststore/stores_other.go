//go:build !darwin && !windows

package truststore

func (m Machine) stores() []Store {
	return append(m.system(), m.nss(linuxPlaces(m.Env), "install certutil: "+
		"libnss3-tools on Debian and Ubuntu, nss-tools on Fedora, nss on Arch, mozilla-nss-tools on openSUSE")...)
}
