package machine

import "testing"

func TestWSLOf_goesByTheKernel(t *testing.T) {
	for kernel, want := range map[string]int{
		"5.15.167.4-microsoft-standard-WSL2": 2, "4.19.84-microsoft-standard": 2, "4.4.0-19041-Microsoft": 1,
		"6.1.0-28-amd64": 0, "6.8.0-1018-azure": 0, "": 0,
	} {
		if got := wslOf(kernel); got != want {
			t.Errorf("%s: %d, want %d", kernel, got, want)
		}
	}
}
