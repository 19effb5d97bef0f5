package send

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"detour/internal/usererr"
)

// FromEnvironment is the address for "as the variables of OpenTelemetry say".
const FromEnvironment = "env"

// Flag is the flag that has the address.
const Flag = "otlp"

// Settings say where records are sent. The variables are those of the OpenTelemetry specification
// (opentelemetry.io/docs/specs/otel/protocol/exporter). They are often set for all programs, so they count
// only if the address is FromEnvironment.
type Settings struct {
	Address  string // the collector's URL, or FromEnvironment
	Traces   bool   // whether spans are sent
	Env      func(name string) string
	ReadFile func(path string) ([]byte, error)
}

// Config returns where to send, without an Encoder. The error is a usererr.Error that repeats no header.
func (s Settings) Config() (cfg Config, err error) {
	if cfg.Logs, err = s.endpoint("LOGS", "v1/logs"); err != nil || !s.Traces {
		return cfg, err
	}
	cfg.Traces, err = s.endpoint("TRACES", "v1/traces")
	return cfg, err
}

const variables = "OTEL_EXPORTER_OTLP_"

const example = "for example --otlp https://otel.example.com:4318"

// defaultTimeout is that of the specification.
const defaultTimeout = 10 * time.Second

// endpoint returns where a signal is sent: its name in variables, and its path.
func (s Settings) endpoint(signal, path string) (e Endpoint, err error) {
	e.Timeout = defaultTimeout
	if s.Address != FromEnvironment {
		u, err := address("--"+Flag, s.Address)
		if err != nil {
			return e, err
		}
		for _, p := range []string{"/v1/logs", "/v1/traces"} {
			if strings.HasSuffix(strings.TrimRight(u.Path, "/"), p) {
				return e, wrong("leave the path out; "+example, "--otlp: detour itself adds %s", p)
			}
		}
		e.URL = u.JoinPath(path).String()
		return e, nil
	}
	if e.URL, err = s.fromVariables(signal, path); err != nil {
		return e, err
	}
	if name, v := s.variable(signal, "PROTOCOL"); v != "" && v != "http/protobuf" {
		return e, wrong("set it to http/protobuf, and the endpoint to the collector's port for that, usually 4318",
			"%s is %q: detour speaks http/protobuf alone", name, v)
	}
	name, list := s.variable(signal, "HEADERS")
	if e.Headers, err = headers(list); err != nil {
		return e, wrong("for example "+name+"=api-key=KEY,x-tenant=team%20a; values are URL-encoded", "%s %w", name, err)
	}
	if name, v := s.variable(signal, "TIMEOUT"); v != "" {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil || n == 0 {
			return e, wrong("for example "+name+"=10000", "%s is %q, not a number of milliseconds", name, v)
		}
		e.Timeout = time.Duration(n) * time.Millisecond //nolint:gosec // it has 31 bits
	}
	e.Roots, err = s.roots(signal)
	return e, err
}

// fromVariables is the URL for a signal: that of its own variable as it is, or the common one and its path.
func (s Settings) fromVariables(signal, path string) (string, error) {
	own := variables + signal + "_ENDPOINT"
	if v := s.Env(own); v != "" {
		u, err := address(own, v)
		if err != nil {
			return "", err
		}
		if u.Path == "" {
			u.Path = "/"
		}
		return u.String(), nil
	}
	const all = variables + "ENDPOINT"
	v := s.Env(all)
	switch {
	case v != "":
	case signal == "TRACES":
		return "", wrong("set it, or leave --otlp-traces out", "--otlp env: neither %s nor %s is set", all, own)
	default:
		return "", wrong("set it, or give the URL: "+example, "--otlp env: %s isn't set", all)
	}
	u, err := address(all, v)
	if err != nil {
		return "", err
	}
	return u.JoinPath(path).String(), nil
}

// variable returns the variable of a signal, or else that of all signals, and its value.
func (s Settings) variable(signal, name string) (variable, value string) {
	if v := s.Env(variables + signal + "_" + name); v != "" {
		return variables + signal + "_" + name, v
	}
	return variables + name, s.Env(variables + name)
}

// roots are the certificates to trust, as the variable names their file; nil: none.
func (s Settings) roots(signal string) (*x509.CertPool, error) {
	name, path := s.variable(signal, "CERTIFICATE")
	if path == "" {
		return nil, nil
	}
	b, err := s.ReadFile(path)
	if err != nil {
		return nil, wrong("it names a file with certificates in PEM", "%s: %w", name, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, wrong("it names a file with certificates in PEM", "%s: no certificate in %s", name, path)
	}
	return pool, nil
}

// address parses a collector's URL. name is what it was given by. Errors don't repeat it: it may have a secret.
func address(name, v string) (*url.URL, error) {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, wrong(example, "%s is not an https URL", name)
	case u.User != nil:
		return nil, wrong("put them into OTEL_EXPORTER_OTLP_HEADERS, and use --otlp env", "%s: credentials don't belong into the URL", name)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, wrong("headers belong into OTEL_EXPORTER_OTLP_HEADERS, with --otlp env",
			"%s: the URL must not have a query or a fragment", name)
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, wrong("use https", "%s: http is for a collector on this machine; %s isn't", name, u.Hostname())
	}
	return u, nil
}

// IsLoopback reports whether a host is this machine, by its form.
func IsLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}

// errNotHeaders is the error of a list of headers. It doesn't repeat them.
var errNotHeaders = errors.New("isn't a list of NAME=VALUE")

// headers parses a list of headers: NAME=VALUE, separated by commas, URL-encoded as in W3C Baggage.
func headers(list string) (out []Header, err error) {
	for pair := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		name, nameErr := url.PathUnescape(strings.TrimSpace(name))
		value, valueErr := url.PathUnescape(strings.TrimSpace(value))
		if err := cmp.Or(nameErr, valueErr); err != nil || !ok || !isToken(name) || !isFieldValue(value) {
			return nil, errNotHeaders
		}
		out = append(out, Header{name, value})
	}
	return out, nil
}

// isToken reports whether s can be the name of a header (RFC 9110, 5.6.2).
func isToken(s string) bool {
	const others = "!#$%&'*+-.^_`|~"
	for i := range len(s) {
		c := s[i]
		if ('a' > c|0x20 || c|0x20 > 'z') && ('0' > c || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return s != ""
}

// isFieldValue reports whether s can be the value of a header (RFC 9110, 5.5).
func isFieldValue(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) < 0
}

// wrong returns a usage error in the flag.
func wrong(hint, format string, args ...any) error { return usererr.Flagf(Flag, hint, format, args...) }

// Host is where a signal is sent, as host:port, for a sentence.
func (e Endpoint) Host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return ""
	}
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), fmt.Sprint(map[string]int{"http": 80, "https": 443}[u.Scheme]))
}
