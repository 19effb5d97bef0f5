//go:build !windows

package proxyauth

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

// tickets answer Negotiate with the user's ticket cache. The zero value is ready.
type tickets struct{}

// next returns the token for a service. Kerberos needs one only; what the proxy sends
// afterwards proves who it is, which a proxy that opens the tunnel needn't.
func (tickets) next(service string, in []byte) (token []byte, err error) {
	defer func() {
		if r := recover(); r != nil { // gokrb5 reads a torn cache past its end
			err = errors.New("the ticket cache is malformed")
		}
	}()
	if len(in) > 0 {
		return nil, errRejected
	}
	path, err := cachePath(os.Getenv("KRB5CCNAME"), os.Getuid())
	if err != nil {
		return nil, err
	}
	cache, err := credentials.LoadCCache(path)
	if err != nil {
		return nil, fmt.Errorf("no Kerberos tickets (kinit gets them): %w", err)
	}
	conf := os.Getenv("KRB5_CONFIG")
	if conf == "" {
		conf = "/etc/krb5.conf"
	}
	cfg, err := config.Load(conf)
	if err != nil {
		return nil, fmt.Errorf("can't read %s: %w", conf, err)
	}
	cl, err := client.NewFromCCache(cache, cfg, client.DisablePAFXFAST(true))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer cl.Destroy()
	t, err := spnego.SPNEGOClient(cl, service).InitSecContext()
	if err != nil {
		return nil, fmt.Errorf("no ticket for %s (klist shows the ones of the user): %w", service, err)
	}
	return t.Marshal()
}

func (tickets) release() {}

// cachePath is the file of a ticket cache, as KRB5CCNAME names it (krb5(7)).
func cachePath(name string, uid int) (string, error) {
	kind, path, ok := strings.Cut(name, ":")
	switch {
	case name == "":
		return fmt.Sprintf("/tmp/krb5cc_%d", uid), nil
	case !ok:
		return name, nil
	case kind == "FILE":
		return path, nil
	}
	return "", fmt.Errorf("can't read a ticket cache of the kind %s: put one into a file (kinit -c FILE:/tmp/krb5cc_%d) "+
		"and unset KRB5CCNAME", kind, uid)
}
