package account

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"detour/internal/flow"
)

// large is the world with more interfaces, each with an endpoint's address, and a capture with
// flows, all of which responded.
func large(interfaces, flows int) (files []File, all []*flow.Flow) {
	w := newWorld(false)
	list := w.files[fInterfaces]["NetworkInterfaces"].(l)
	for i := range interfaces {
		n := m{
			"NetworkInterfaceId": fmt.Sprintf("eni-x%d", i), "SubnetId": "subnet-a", "VpcId": "vpc-1", "OwnerId": "123456789012", "Status": "in-use",
			"InterfaceType": "interface", "Groups": l{m{"GroupId": "sg-b"}}, "Ipv6Addresses": l{},
			"PrivateIpAddress": netip.AddrFrom4([4]byte{10, 64, 100 + byte(i/250), byte(i % 250)}).String(),
			"AvailabilityZone": "eu-central-1a", "Description": "an interface of something else",
		}
		list = append(list, n)
	}
	w.files[fInterfaces]["NetworkInterfaces"] = list
	for name, v := range w.files {
		files = append(files, File{Name: name, Data: mustEncode(v)})
	}
	for i := range flows {
		w.client = netip.AddrPortFrom(w.client.Addr(), uint16(1024+i))                //nolint:gosec // it wraps
		all = append(all, w.call(flow.ID(i+1), "ssm", w.ssm[:1], flow.DialConnected)) //nolint:gosec // few
	}
	return files, all
}

func BenchmarkStudy(b *testing.B) {
	files, flows := large(1_000, 50_000)
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			Read(files)
		}
	})
	c := Read(files)
	b.Run("study", func(b *testing.B) {
		for b.Loop() {
			c.Study(flows, began.Add(time.Minute), Client{})
		}
	})
}
