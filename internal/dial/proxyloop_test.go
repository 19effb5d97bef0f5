package dial

import (
	"net"
	"testing"
)

func TestLeadsTo(t *testing.T) {
	listener := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8080}
	for _, v := range []struct {
		host, port string
		want       bool
	}{
		{"127.0.0.1", "8080", true},
		{"127.9.9.9", "8080", true}, // all of 127/8 is this machine
		{"::1", "8080", true},
		{"0.0.0.0", "8080", true}, // a connect to it goes to this machine
		{"::", "8080", true},
		{"LocalHost", "8080", true},
		{"192.0.2.1", "8080", true},
		{"192.0.2.2", "8080", false},
		{"127.0.0.1", "8081", false},
		{"127.0.0.1", "", false},
		{"127.0.0.1", "08080", true}, // a connect takes it for 8080
		{"::1%lo", "8080", true},
		{"localhost.", "8080", true},
		{"127.0.0.1", "73616", false}, // 8080 + 2¹⁶
		{"localhost.example", "8080", false},
	} {
		if got := ReachesListener(listener, v.host, v.port); got != v.want {
			t.Errorf("%s:%s: %v, want %v", v.host, v.port, got, v.want)
		}
	}
}
