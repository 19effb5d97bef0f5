//go:build !linux && !windows

package machine

import "context"

func systemRoutes(ctx context.Context) []Route {
	return netstatRoutes(string(output(ctx, "netstat", "-rn")))
}
