//go:build !windows

package resolve

import "context"

// systemRecords is nil: these systems aren't asked for records, or detour queries itself.
var systemRecords func(ctx context.Context, name string, six bool) (a systemAnswer, ok bool)
