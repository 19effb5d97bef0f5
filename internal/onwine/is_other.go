//go:build !windows

package onwine

func is() bool { return false }
