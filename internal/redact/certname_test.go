package redact

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"

	"detour/internal/flow"
)

func TestStrict_aPrivateCAsNamesBecomePseudonyms(t *testing.T) {
	company := pkix.Name{
		Country: []string{"DE"}, Organization: []string{"CANARY Corp, Inc."}, OrganizationalUnit: []string{"CANARY IT"}, Locality: []string{"CANARY"},
		CommonName: "CANARY Proxy CA",
		ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "CANARY@corp.example"}},
	}.String()
	if !strings.Contains(company, emailOID+"=#") {
		t.Fatalf("pkix writes %s", company)
	}
	for name, want := range map[string]string{
		company: emailOID + "=<email>,CN=<name>,OU=<name>,O=<name>,L=<name>,C=DE",
		"CN=Zscaler Intermediate Root CA (CANARY.net),O=Zscaler Inc.,OU=Zscaler": "CN=Zscaler <name>,O=Zscaler <name>,OU=Zscaler",
		"CN=*.us-east-1.amazonaws.com,O=CANARY":                                  "CN=*.us-east-1.amazonaws.com,O=<name>",
		"CANARY":                                                                 "<name>",
		"":                                                                       "",
	} {
		c := strict.Conn(&flow.Conn{ID: 1, TLS: &flow.TLSInfo{Issued: flow.IssuerPrivate, Chain: []flow.Cert{{Subject: name, Issuer: name}}}})
		cert := c.TLS.Chain[0]
		if got := anyAlias.ReplaceAllString(cert.Subject, "<$1>"); got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
		if strings.Contains(cert.Issuer, "CANARY") {
			t.Errorf("the issuer is %s", cert.Issuer)
		}
		if again := strict.Conn(c).TLS.Chain[0]; again.Subject != cert.Subject || again.Issuer != cert.Issuer {
			t.Errorf("redacting again changes %+v to %+v", cert, again)
		}
		if kept := the.Conn(&flow.Conn{TLS: &flow.TLSInfo{Chain: []flow.Cert{{Issuer: name}}}}).TLS.Chain[0].Issuer; kept != name {
			t.Errorf("not strictly, %s isn't kept: %s", name, kept)
		}
	}
}

func TestStrict_aPublicCAsNameStays(t *testing.T) {
	const amazon = "CN=Amazon RSA 2048 M02,O=Amazon,C=US"
	for _, by := range []flow.Issuer{flow.IssuerAWS, flow.IssuerPublic} {
		c := strict.Conn(&flow.Conn{TLS: &flow.TLSInfo{Issued: by, Chain: []flow.Cert{{Subject: "CN=h.example", Issuer: amazon}}}})
		if got := c.TLS.Chain[0].Issuer; got != amazon {
			t.Errorf("%s becomes %s", amazon, got)
		}
	}
}

func TestStrict_certificateNamesInTexts(t *testing.T) {
	for in, want := range map[string]string{
		"issued by " + emailOID + "=#160c43414e415259406578616d706c652e636f6d,CN=x":                               "issued by " + emailOID + "=<email>,CN=x",
		"issued by " + emailOID + "=#1e1a00430041004e00410052005900400063006f00720070":                            "issued by " + emailOID + "=<email>",
		"/O=x/emailAddress=CANARY@corp/CN=y":                                                                      "/O=x/emailAddress=<email>/CN=y",
		"0.9.2342.19200300.100.1.1=#0c0643414e415259":                                                             "0.9.2342.19200300.100.1.1=<name>",
		`x509: unknown authority (while trying to verify candidate authority certificate "CANARY Corp \"Root\"")`: `x509: unknown authority (while trying to verify candidate authority certificate "<name>")`,
		"mail CANARÿ@exämple.com now":                                                                             "mail <email> now",
	} {
		once := strict.Text(in)
		if got := anyAlias.ReplaceAllString(once, "<$1>"); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if twice := strict.Text(once); twice != once {
			t.Errorf("not idempotent: %s gives %s", once, twice)
		}
		if kept := the.Text(in); kept != in {
			t.Errorf("not strictly, %s isn't kept: %s", in, kept)
		}
	}
}
