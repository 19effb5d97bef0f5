package main

import (
	"crypto/rand"

	"detour/internal/redact"
)

// newRedactor returns what takes secrets out of one capture. Its key is in memory
// alone: nobody, we included, can tell later what a pseudonym stands for.
func newRedactor(opt redact.Options) *redact.Redactor {
	opt.Key = make([]byte, 32)
	_, _ = rand.Read(opt.Key) // it never fails
	return redact.New(opt)
}
