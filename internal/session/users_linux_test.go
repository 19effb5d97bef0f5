package session

import "testing"

func TestNew_guardsTheProxyUnlessEveryUserMayUseIt(t *testing.T) {
	for _, anybody := range []bool{false, true} {
		cfg := config(t, nil)
		cfg.AnyUser = anybody
		s, err := New(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if guarded := s.listener() != cfg.Listener; guarded == anybody || (s.guard != nil) != guarded {
			t.Errorf("any user %v: guarded %v", anybody, guarded)
		}
		if s.guard != nil {
			s.guard.Close()
		}
	}
}
