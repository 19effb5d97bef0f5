package proxyauth

import (
	"github.com/alexbrainman/sspi"
	"github.com/alexbrainman/sspi/negotiate"
)

// tickets answer Negotiate as the signed-in user, through SSPI: by Kerberos, or by NTLM if
// the system prefers it. The zero value is ready.
type tickets struct {
	credentials *sspi.Credentials
	context     *negotiate.ClientContext
}

// next returns the token for a service that answers a challenge.
func (t *tickets) next(service string, in []byte) (token []byte, err error) {
	if t.context == nil {
		if t.credentials, err = negotiate.AcquireCurrentUserCredentials(); err != nil {
			return nil, err
		}
		t.context, token, err = negotiate.NewClientContext(t.credentials, service)
		return token, err
	}
	_, token, err = t.context.Update(in)
	if err == nil && len(token) == 0 {
		err = errRejected
	}
	return token, err
}

func (t *tickets) release() {
	if t.context != nil {
		_ = t.context.Release()
	}
	if t.credentials != nil {
		_ = t.credentials.Release()
	}
}
