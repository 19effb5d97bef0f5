package aws

import "testing"

func TestEndpoints_areTheAPIHostsOfARegion(t *testing.T) {
	tables, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	byHost := make(map[string]Endpoint)
	for _, e := range tables.Endpoints("ap-northeast-1") {
		if _, twice := byHost[e.Host]; twice {
			t.Errorf("%s twice", e.Host)
		}
		byHost[e.Host] = e
		if !tables.IsAWS(e.Host) {
			t.Errorf("%s isn't AWS's", e.Host)
		}
	}
	want := Endpoint{"monitoring", "CloudWatch", "monitoring", "monitoring.ap-northeast-1.amazonaws.com", "com.amazonaws.ap-northeast-1.monitoring", true}
	if got := byHost[want.Host]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if e := byHost["acm-pca.ap-northeast-1.amazonaws.com"]; e.Service != "acm-pca" || e.Console {
		t.Errorf("got %+v: it answers no preflight", e)
	}
	for _, h := range []string{"iam.amazonaws.com", "sts.amazonaws.com", "sts.ap-northeast-1.amazonaws.com"} {
		if byHost[h].Service == "" {
			t.Errorf("%s is missing", h)
		}
	}
	if len(byHost) < 450 {
		t.Errorf("%d hosts", len(byHost))
	}
	if es := tables.Endpoints("cn-north-1"); len(es) == 0 || es[0].Host[len(es[0].Host)-3:] != ".cn" {
		t.Error("China has no endpoints")
	}
	if es := tables.Endpoints("nowhere"); es != nil {
		t.Errorf("a Region that isn't one has %d", len(es))
	}
}
