package aws

import (
	"bufio"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"
)

// The SDK's own endpoint tests say which host a service has in which Region.
// Read backwards they say what a host must be taken for.
func TestHost_agreesWithTheSDKsEndpointTests(t *testing.T) {
	tables := load(t)
	file, err := os.Open("testdata/endpoint_test_vectors.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	total, right := 0, 0
	lines := bufio.NewScanner(z)
	lines.Scan() // the head
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		service, region, url := c[0], c[1], c[4]
		u := splitURL(url)
		total++
		h := tables.host(u.host)
		wantRegion := region
		if tables.partitionOf(region) == nil || !strings.Contains(u.host, region) {
			wantRegion = "" // a global endpoint, or a pseudo Region
			if h.region != "" && strings.Contains(u.host, h.region) {
				wantRegion = h.region
			}
		}
		named := slices.Contains(tables.labels[h.label], service) || h.class == classSignIn || h.class == classTelemetry
		if h.region == wantRegion && named && h.class != classUnlisted {
			right++
			continue
		}
		t.Logf("%s in %s: %s is taken for %+v (%v)", service, region, u.host, h, tables.labels[h.label])
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	share := float64(right) / float64(total)
	t.Logf("%d of %d hosts are read right (%.2f %%)", right, total, 100*share)
	// Two are localhost, two have a part that is neither Region nor label.
	if total < 9000 || total-right > 4 {
		t.Error("that is worse than it was")
	}
}
