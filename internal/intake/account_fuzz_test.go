package intake

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"detour/internal/account"
	"detour/internal/demo"
	"detour/internal/flow"
)

// FuzzAccount reads any bytes in place of each file of the demo's account, and says what is
// proven: as a report, in a bundle and on the screen. Nothing has a control character, and what
// isn't JSON proves nothing that the healthy account doesn't.
func FuzzAccount(f *testing.F) {
	files, err := demo.Account(true)
	if err != nil {
		f.Fatal(err)
	}
	for i, x := range files {
		f.Add(i, x.Data)
		f.Add(i, x.Data[:len(x.Data)/2])
	}
	flows := []*flow.Flow{{
		ID: 1, Rev: 1, State: flow.StateDone, Origin: flow.OriginDirect, Request: flow.Request{Method: "POST", URL: "https://logs.ap-northeast-1.amazonaws.com/"},
		AWS: &flow.AWS{Service: "logs", Region: "ap-northeast-1", EndpointService: "com.amazonaws.ap-northeast-1.logs"},
		Conn: &flow.Conn{ID: 1, Authority: "logs.ap-northeast-1.amazonaws.com:443", Start: start, Attempts: []flow.DialAttempt{{
			Addr: netip.MustParseAddrPort("10.0.1.24:443"), Local: netip.MustParseAddrPort("172.16.8.5:50312"), Outcome: flow.DialTimeout,
			Start: start, Took: 21 * time.Second,
		}}},
		Times: flow.Times{Start: start, Done: start.Add(22 * time.Second)},
	}}
	judge := func(all []account.File) (Proving, []flow.Finding) {
		p := Account{Config: account.Read(all), Files: all}.Proving(flows, start.Add(time.Minute))
		return p, p.Findings([]flow.Finding{{
			Code: "private-endpoint-unreachable", Level: flow.LevelProblem, Connects: true,
			Hosts: []string{"logs.ap-northeast-1.amazonaws.com"}, Flows: []flow.ID{1},
		}})
	}
	if _, found := judge(files); len(found) == 0 || found[0].Proof == nil || found[0].Proof.Verdict == flow.Proven {
		f.Fatalf("the account isn't healthy, or nothing is found: %+v", found)
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		all := make([]account.File, len(files))
		for k, x := range files {
			if all[k] = x; k == i {
				all[k].Data = data
			}
		}
		p, found := judge(all)
		report := p.Report()
		for _, problem := range report.Problems {
			if len(problem) > 2000 {
				t.Errorf("%d bytes: %.200s", len(problem), problem)
			}
		}
		for _, part := range report.Parts {
			if !json.Valid(part.Data) && !json.Valid(data) {
				t.Errorf("%s isn't JSON", part.Name)
			}
		}
		if json.Valid(data) || len(data) == 0 {
			return
		}
		for _, x := range found {
			if x.Proof != nil && x.Proof.Verdict == flow.Proven {
				t.Errorf("%s is proven", x.Code)
			}
		}
	})
}
