package main

import (
	"testing"

	"github.com/spf13/cobra"

	"detour/internal/usererr"
)

func TestCA_withoutATrustStoreItSaysWhatToDo(t *testing.T) {
	err := (&caOptions{}).trust(&cobra.Command{})
	if usererr.As(err) == nil || usererr.As(err).Hint == "" {
		t.Errorf("%v, want a hint", err)
	}
}
