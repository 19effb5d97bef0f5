package feed

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"detour/internal/aws"
	"detour/internal/capture"
	"detour/internal/flow"
	"detour/internal/intake"
	"detour/internal/otlp"
	"detour/ui/flowtest"
)

// silent is the URL of a collector that accepts connections and never responds.
func silent(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() }) // the system accepts, and nobody reads
	return "http://" + l.Addr().String()
}

// BenchmarkPut is what storing a flow costs a run, and all that its goroutines do about it, in processor time:
// alone, and with a collector that never responds.
func BenchmarkPut(b *testing.B) {
	tables, err := aws.Load()
	if err != nil {
		b.Fatal(err)
	}
	for _, choice := range []string{"", "findings", "all"} {
		for _, fails := range []bool{false, true} {
			b.Run(choice+"/fails="+strconv.FormatBool(fails), func(b *testing.B) {
				store := capture.New(capture.Options{Intake: intake.New(intake.Config{Tables: tables})})
				if choice != "" {
					o := Options{To: silent(b), Choice: choice}
					cfg, err := o.Config()
					if err != nil {
						b.Fatal(err)
					}
					l := o.Begin(store, fleet(), otlp.Resource{Run: "r"}, cfg)
					l.flush = time.Millisecond
					defer l.End()
				}
				flows := flowtest.Story(fails)
				b.ReportAllocs()
				before := processor(b)
				b.ResetTimer()
				for i := range b.N {
					f := *flows[i%len(flows)]
					f.ID, f.Rev = flow.ID(i+1), 1 //nolint:gosec // it isn't negative
					store.Put(f)
				}
				b.StopTimer()
				b.ReportMetric(float64(processor(b)-before)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// processor is the processor time that this process has used, in nanoseconds.
func processor(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
