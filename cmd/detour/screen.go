package main

import (
	"context"
	"errors"
)

// show runs the live table until it is quit.
func (s *session) show(context.Context) error { return errors.New("no table yet") }
