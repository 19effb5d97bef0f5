package aws

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"detour/internal/flow"
)

// eachLine calls row with the columns of each line of a compressed table but the
// head.
func eachLine(t *testing.T, file string, row func(c []string)) {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	for lines.Scan() {
		row(strings.Split(lines.Text(), "\t"))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// The requests that an SDK's own serialisers make say what each must be taken
// for.
func TestTag_agreesWithTheSDKsSerialisers(t *testing.T) {
	tables := load(t)
	byName := map[string][]string{} // of an SDK's id of a service
	for service, s := range tables.services {
		byName[s.name] = append(byName[s.name], service)
	}
	total, said, saidWrong, routed, routedWrong, serviceWrong := 0, 0, 0, 0, 0, 0
	wrong := map[string]int{}
	noCalls := map[string]bool{} // by their hosts they belong to sign-in, or to telemetry
	// These are sent in the same words as another operation, which is meant.
	twins := map[string]string{
		"GetBucketLifecycle": "GetBucketLifecycleConfiguration", "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
		"GetBucketNotification": "GetBucketNotificationConfiguration", "PutBucketNotification": "PutBucketNotificationConfiguration",
		"ListDirectoryBuckets": "ListBuckets", // in this SDK, which has one host for both
	}
	eachLine(t, "sdk_requests.tsv.gz", func(c []string) {
		id, operation := c[0], c[1]
		r := flow.Request{Method: c[2], URL: c[3], Body: []byte(c[5])}
		for header := range strings.SplitSeq(c[4], "|") {
			name, value, _ := strings.Cut(header, "=")
			r.Headers = append(r.Headers, flow.Header{Name: name, Value: value})
		}
		f := &flow.Flow{Request: r}
		tables.Tag(f)
		total++
		switch {
		case !strings.HasPrefix(r.URL, "https://"):
			return // Machine Learning's Predict goes where its input says
		case f.Origin == flow.OriginSignIn || f.Origin == flow.OriginTelemetry:
			noCalls[id+" "+operation] = true
			return
		}
		got, by := "", ""
		if f.AWS != nil {
			got, by = f.AWS.Operation, f.AWS.DecodedBy
		}
		right := got == operation || twins[operation] != "" && got == twins[operation]
		if c[4] != "" && strings.Contains(c[4], "X-Amz-Target") || c[5] != "" {
			said++
			if !right {
				saidWrong++
			}
		} else {
			routed++
			if !right {
				routedWrong++
			}
		}
		if !right {
			wrong[fmt.Sprintf("%s: %s is taken for %q by %s (%s %s)", id, operation, got, by, c[2], c[3])]++
			return
		}
		named := append([]string{f.AWS.Service}, f.AWS.Also...)
		if !slices.ContainsFunc(named, func(s string) bool { return slices.Contains(byName[id], s) }) {
			serviceWrong++
			wrong[fmt.Sprintf("%s: %s is taken for a call to %v", id, operation, named)]++
		}
	})
	for i, w := range slices.Sorted(maps.Keys(wrong)) {
		if i == 25 {
			break
		}
		t.Log(w)
	}
	t.Logf("%d requests; of %d that say their operation %d are wrong; of %d by route %d (%.3f %% right); of %d the service is wrong",
		total, said, saidWrong, routed, routedWrong, 100-100*float64(routedWrong)/float64(routed), serviceWrong)
	t.Logf("no calls: %v", slices.Sorted(maps.Keys(noCalls)))
	if total < 17_000 || saidWrong > 0 || routedWrong > 0 || serviceWrong > 0 || len(noCalls) > 9 {
		t.Error("that is worse than it was")
	}
}
