package collector

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A cloud answers the AWS CLI's calls from a world: as a proxy that ends TLS with its own CA,
// which every version of the AWS CLI can use.
type cloud struct {
	t       *testing.T
	env     []string
	answers map[string]map[string]any // by operation
	denied  map[string]bool           // operations
	busy    map[string]int            // how often an operation is throttled first
	mu      sync.Mutex
	calls   []string
}

// deny refuses an operation from now on; "*" all.
func (c *cloud) deny(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.denied[operation] = true
}

// throttle refuses an operation once, as too many requests.
func (c *cloud) throttle(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy[operation] = 1
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{t: t, answers: make(map[string]map[string]any), denied: make(map[string]bool), busy: make(map[string]int)}
	for operation, text := range world {
		var v map[string]any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(operation, err)
		}
		c.answers[operation] = v
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"*.eu-central-1.amazonaws.com", "*.amazonaws.com"},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		c.serve(tls.Server(conn, config), r.Host)
	}))
	t.Cleanup(proxy.Close)
	none := filepath.Join(t.TempDir(), "none")
	c.env = []string{
		"HTTPS_PROXY=" + proxy.URL, "https_proxy=" + proxy.URL, "NO_PROXY=", "no_proxy=", "AWS_CA_BUNDLE=" + bundle,
		"AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=test", "AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_RETRY_MODE=standard", "AWS_MAX_ATTEMPTS=2",
	}
	for _, e := range c.env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	return c
}

// serve answers the requests of one connection.
func (c *cloud) serve(conn net.Conn, host string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		w := httptest.NewRecorder()
		c.answer(w, r, string(body), host)
		out := w.Result()
		out.ContentLength = int64(w.Body.Len())
		if out.Write(conn) != nil {
			return
		}
	}
}

func (c *cloud) answer(w http.ResponseWriter, r *http.Request, body, host string) {
	r.Body = io.NopCloser(strings.NewReader(body))
	_ = r.ParseForm()
	service, _, _ := strings.Cut(host, ".")
	operation := r.Form.Get("Action")
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, operation, _ = strings.Cut(target, ".")
	} else if service == "route53" {
		operation = "ListHostedZonesByVPC"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, operation)
	asJSON := r.Header.Get("X-Amz-Target") != ""
	refuse := func(status int, code, message string) {
		switch {
		case asJSON:
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
		case service == "ec2":
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>1</RequestID></Response>", code, message)
		default:
			w.WriteHeader(status)
			fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
		}
	}
	switch {
	case c.denied[operation] || c.denied["*"]:
		code := "AccessDeniedException"
		if service == "ec2" {
			code = "UnauthorizedOperation"
		}
		refuse(http.StatusForbidden, code, "You are not authorized to perform this operation.")
		return
	case c.busy[operation] > 0:
		c.busy[operation]--
		refuse(http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded.")
		return
	case operation == "GetCallerIdentity":
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		return
	}
	v, known := c.answers[operation]
	known = known || service == "route53"
	if operation == "DescribeVpcAttribute" {
		name := r.Form.Get("Attribute")
		v, known = map[string]any{"VpcId": r.Form.Get("VpcId"), name: map[string]any{"Value": true}}, true
	}
	switch {
	case !known:
		refuse(http.StatusBadRequest, "InvalidAction", "no such operation")
	case asJSON:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(v)
	case service == "route53":
		_, _ = io.WriteString(w, `<ListHostedZonesByVPCResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZoneSummaries>`+
			`</HostedZoneSummaries><MaxItems>100</MaxItems></ListHostedZonesByVPCResponse>`)
	default:
		var b bytes.Buffer
		fmt.Fprintf(&b, `<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>`, operation)
		element(&b, v, r.Form.Get("NextToken"))
		fmt.Fprintf(&b, "</%sResponse>", operation)
		_, _ = w.Write(b.Bytes())
	}
}

// element writes an answer of EC2, a page of one object each.
func element(b *bytes.Buffer, v map[string]any, token string) {
	for name, x := range v {
		all, isList := x.([]any)
		if !isList || len(all) < 2 {
			node(b, name, x)
			continue
		}
		i, _ := strconv.Atoi(token)
		node(b, name, all[i:i+1])
		if i+1 < len(all) {
			fmt.Fprintf(b, "<nextToken>%d</nextToken>", i+1)
		}
	}
}

// The names of elements that aren't the member's with a small letter. The service model of EC2.
var elements = map[string]string{
	"VpcEndpoints": "vpcEndpointSet", "NetworkInterfaces": "networkInterfaceSet", "SecurityGroups": "securityGroupInfo", "Subnets": "subnetSet",
	"RouteTables": "routeTableSet", "NetworkAcls": "networkAclSet", "Vpcs": "vpcSet", "VpnGateways": "vpnGatewaySet", "VpnConnections": "vpnConnectionSet",
	"Groups": "groupSet", "SubnetIds": "subnetIdSet", "NetworkInterfaceIds": "networkInterfaceIdSet", "DnsEntries": "dnsEntrySet",
	"PrivateIpAddresses": "privateIpAddressesSet", "Ipv6Addresses": "ipv6AddressesSet", "UserIdGroupPairs": "groups", "Routes": "routeSet",
	"Associations": "associationSet", "Entries": "entrySet", "VpcAttachments": "attachments", "PrefixLists": "prefixListSet",
	"TransitGatewayRouteTables": "transitGatewayRouteTables", "ClientVpnEndpoints": "clientVpnEndpoint",
}

func node(b *bytes.Buffer, name string, v any) {
	if as, known := elements[name]; known {
		name = as
	}
	name = strings.ToLower(name[:1]) + name[1:]
	fmt.Fprintf(b, "<%s>", name)
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			node(b, k, y)
		}
	case []any:
		for _, y := range x {
			node(b, "item", y)
		}
	case float64:
		fmt.Fprintf(b, "%d", int(x))
	default:
		_ = xml.EscapeText(b, fmt.Append(nil, v))
	}
	fmt.Fprintf(b, "</%s>", name)
}

// world is an account whose group for logs admits its own VPC alone. Its keys must not be stored.
var world = map[string]string{
	"DescribeVpcEndpoints": `{"VpcEndpoints": [
		{"VpcEndpointId": "vpce-0a", "VpcEndpointType": "Interface", "VpcId": "vpc-0a", "OwnerId": "123456789012", "State": "available",
		 "ServiceName": "com.amazonaws.eu-central-1.logs", "PrivateDnsEnabled": true, "SubnetIds": ["subnet-0a", "subnet-0b"], "Groups": [{"GroupId": "sg-0a"}],
		 "NetworkInterfaceIds": ["eni-0a", "eni-0b"], "DnsEntries": [{"DnsName": "logs.eu-central-1.amazonaws.com"}]},
		{"VpcEndpointId": "vpce-0b", "VpcEndpointType": "Gateway", "VpcId": "vpc-0a", "OwnerId": "123456789012", "State": "available",
		 "ServiceName": "com.amazonaws.eu-central-1.s3", "PrivateDnsEnabled": false}]}`,
	"DescribeNetworkInterfaces": `{"NetworkInterfaces": [
		{"NetworkInterfaceId": "eni-0a", "SubnetId": "subnet-0a", "VpcId": "vpc-0a", "Status": "in-use", "InterfaceType": "vpc_endpoint",
		 "Groups": [{"GroupId": "sg-0a"}], "PrivateIpAddress": "10.64.16.31", "PrivateIpAddresses": [{"PrivateIpAddress": "10.64.16.31"}]},
		{"NetworkInterfaceId": "eni-0b", "SubnetId": "subnet-0b", "VpcId": "vpc-0a", "Status": "in-use", "InterfaceType": "vpc_endpoint",
		 "Groups": [{"GroupId": "sg-0a"}], "PrivateIpAddress": "10.64.17.31", "PrivateIpAddresses": [{"PrivateIpAddress": "10.64.17.31"}]}]}`,
	"DescribeSecurityGroups": `{"SecurityGroups": [{"GroupId": "sg-0a", "GroupName": "endpoints", "VpcId": "vpc-0a", "OwnerId": "123456789012",
		"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.64.0.0/16"}], "Ipv6Ranges": [],
		"PrefixListIds": [], "UserIdGroupPairs": []}]}]}`,
	"DescribeSubnets": `{"Subnets": [
		{"SubnetId": "subnet-0a", "VpcId": "vpc-0a", "AvailabilityZone": "eu-central-1a", "CidrBlock": "10.64.16.0/24", "Ipv6CidrBlockAssociationSet": []},
		{"SubnetId": "subnet-0b", "VpcId": "vpc-0a", "AvailabilityZone": "eu-central-1b", "CidrBlock": "10.64.17.0/24", "Ipv6CidrBlockAssociationSet": []}]}`,
	"DescribeRouteTables": `{"RouteTables": [{"RouteTableId": "rtb-0a", "VpcId": "vpc-0a", "OwnerId": "123456789012", "Associations": [{"Main": true}],
		"Routes": [{"DestinationCidrBlock": "10.64.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"},
		{"DestinationCidrBlock": "172.22.0.0/16", "GatewayId": "vgw-0a", "State": "active", "Origin": "CreateRoute"}]}]}`,
	"DescribeNetworkAcls": `{"NetworkAcls": [{"NetworkAclId": "acl-0a", "VpcId": "vpc-0a", "OwnerId": "123456789012",
		"Associations": [{"SubnetId": "subnet-0a"}, {"SubnetId": "subnet-0b"}], "Entries": [
		{"RuleNumber": 100, "Egress": false, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"},
		{"RuleNumber": 100, "Egress": true, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}]}]}`,
	"DescribeVpcs": `{"Vpcs": [{"VpcId": "vpc-0a", "OwnerId": "123456789012", "CidrBlock": "10.64.0.0/16",
		"CidrBlockAssociationSet": [{"CidrBlock": "10.64.0.0/16", "CidrBlockState": {"State": "associated"}}]}]}`,
	"DescribeVpnGateways": `{"VpnGateways": [{"VpnGatewayId": "vgw-0a", "State": "available", "VpcAttachments": [{"VpcId": "vpc-0a", "State": "attached"}]}]}`,
	"DescribeVpnConnections": `{"VpnConnections": [{"VpnConnectionId": "vpn-0a", "VpnGatewayId": "vgw-0a", "State": "available",
		"CustomerGatewayConfiguration": "<k>CANARY</k>", "VgwTelemetry": [{"Status": "UP"}]}]}`,
	"DescribeVirtualInterfaces": `{"virtualInterfaces": [{"virtualInterfaceId": "dxvif-0a", "virtualInterfaceState": "available", "virtualGatewayId": "vgw-0a",
		"authKey": "CANARY", "customerRouterConfig": "<bgp_auth_key>CANARY</bgp_auth_key>", "bgpPeers": [{"bgpStatus": "up", "authKey": "CANARY"}]}]}`,
	"DescribeClientVpnEndpoints":        `{"ClientVpnEndpoints": []}`,
	"DescribeTransitGatewayAttachments": `{"TransitGatewayAttachments": []}`,
	"DescribeTransitGatewayRouteTables": `{"TransitGatewayRouteTables": []}`,
	"DescribeManagedPrefixLists":        `{"PrefixLists": []}`,
	"ListResolverEndpoints":             `{"ResolverEndpoints": [{"Id": "rslvr-in-0a", "Direction": "INBOUND", "HostVPCId": "vpc-0a", "SecurityGroupIds": ["sg-0a"]}]}`,
	"ListResolverEndpointIpAddresses":   `{"IpAddresses": [{"Ip": "10.64.16.53", "SubnetId": "subnet-0a"}]}`,
	"ListResolverRules": `{"ResolverRules": [{"Id": "rslvr-autodefined-rr-internet-resolver", "DomainName": ".", "RuleType": "RECURSIVE"},` +
		` {"Id": "rslvr-rr-0a", "DomainName": "corp.example.", "RuleType": "FORWARD", "TargetIps": [{"Ip": "172.22.0.53", "Port": 53}]}]}`,
	"ListResolverRuleAssociations": `{"ResolverRuleAssociations": [{"Id": "rslvr-rrassoc-0a", "ResolverRuleId": "rslvr-rr-0a", "VPCId": "vpc-0a", "Status": "COMPLETE"}]}`,
}
