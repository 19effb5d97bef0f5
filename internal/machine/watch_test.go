package machine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func connectivity(resolvers string, addresses ...string) Connectivity {
	s := Connectivity{Addresses: map[string]bool{}, Resolvers: resolvers}
	for _, a := range addresses {
		s.Addresses[a] = true
	}
	return s
}

func TestWatch_saysWhatChangedOnce(t *testing.T) {
	states := []Connectivity{
		connectivity("a", "eth0 192.0.2.7/24"),
		connectivity("a", "eth0 192.0.2.7/24"),
		connectivity("b", "eth0 192.0.2.7/24", "tun0 10.8.0.2/32"),
		connectivity("b", "eth0 192.0.2.7/24", "tun0 10.8.0.2/32"),
		connectivity("b", "eth0 192.0.2.7/24"),
	}
	want := []string{"tun0 10.8.0.2/32 was added, the nameservers changed", "tun0 10.8.0.2/32 was removed"}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var got []string
		i := -1
		read := func() Connectivity {
			i = min(i+1, len(states)-1)
			return states[i]
		}
		Watch(ctx, time.Second, read, func(what string) { got = append(got, what) })
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestWatch_whatCannotBeReadHasNotChanged(t *testing.T) {
	known := connectivity("a", "eth0 192.0.2.7/24")
	unread := Connectivity{Unread: true}
	states := []Connectivity{unread, known, unread, known, {Resolvers: "a"}, {Addresses: known.Addresses, Unread: true}, connectivity("b", "eth0 192.0.2.7/24")}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var got []string
		i := -1
		read := func() Connectivity {
			i = min(i+1, len(states)-1)
			return states[i]
		}
		Watch(ctx, time.Second, read, func(what string) { got = append(got, what) })
		if len(got) != 1 || got[0] != "the nameservers changed" {
			t.Errorf("told %q, want the last change only", got)
		}
	})
}

func TestReadConnectivity_isTheSameWhileNothingChanges(t *testing.T) {
	if d := difference(ReadConnectivity(), ReadConnectivity()); d != "" {
		t.Errorf("a change without one: %s", d)
	}
}
