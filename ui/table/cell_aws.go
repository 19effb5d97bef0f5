package table

import (
	"strconv"
	"strings"
	"time"

	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

// Cells of what AWS's answer says beyond the status, and of what DNS says beyond the address.

// MaxSkew is how far a client's clock may be off before signatures are rejected (IAM user
// guide, "Signature Version 4": five minutes with most services).
const MaxSkew = 5 * time.Minute

// deniedBy is the kind of policy that denied a call, preceded by "explicit" if the policy
// has a Deny; "" if the response doesn't say.
func deniedBy(f *flow.Flow) string {
	if f.AWS == nil || f.AWS.Error == nil || f.AWS.Error.Deny == "" {
		return ""
	}
	if f.AWS.Error.Explicit {
		return "explicit: " + f.AWS.Error.Deny
	}
	return f.AWS.Error.Deny
}

func denyCell(r Row) cell { return cell{deniedBy(r.Flow), pane.Bad} }

func policyCell(r Row) cell {
	if r.AWS == nil || r.AWS.Error == nil {
		return cell{"", pane.Dim}
	}
	return cell{r.AWS.Error.PolicyARN, pane.Plain}
}

// innerCell is the status that the service returned to the console's server.
func innerCell(r Row) cell {
	switch {
	case r.AWS == nil || r.AWS.InnerStatus == 0:
		return cell{"", pane.Dim}
	case r.AWS.InnerStatus >= 400:
		return cell{strconv.Itoa(r.AWS.InnerStatus), pane.Bad}
	}
	return cell{strconv.Itoa(r.AWS.InnerStatus), pane.Good}
}

func innerStatus(f *flow.Flow) int {
	if f.AWS == nil {
		return 0
	}
	return f.AWS.InnerStatus
}

// batchCell counts the calls that one request relays.
func batchCell(r Row) cell {
	if n := batchSize(r.Flow); n > 0 {
		return cell{wording.Count(n, "call"), pane.Plain}
	}
	return cell{"", pane.Dim}
}

func batchSize(f *flow.Flow) int {
	if f.AWS == nil {
		return 0
	}
	return len(f.AWS.Batch)
}

// skewCell is how far this machine's clock is ahead of AWS's.
func skewCell(r Row) cell {
	d := skew(r.Flow)
	switch {
	case d == 0:
		return cell{"", pane.Dim}
	case d.Abs() >= MaxSkew:
		return cell{skewText(d), pane.Bad}
	}
	return cell{skewText(d), pane.Plain}
}

func skew(f *flow.Flow) time.Duration {
	if f.AWS == nil {
		return 0
	}
	return f.AWS.ClockSkew
}

// skewText writes "+12 s", "-310 s".
func skewText(d time.Duration) string {
	s := strconv.Itoa(int(d.Seconds())) + " s"
	if d > 0 {
		return "+" + s
	}
	return s
}

// ageCell is the age of a cached DNS answer.
func ageCell(r Row) cell {
	if d := ageOf(r.Flow); d > 0 {
		return cell{wording.Duration(d), pane.Dim}
	}
	return cell{"", pane.Dim}
}

func ageOf(f *flow.Flow) time.Duration {
	if res := resolution(f); res != nil {
		return res.Age
	}
	return 0
}

// rangeCell says which of AWS's published ranges the addresses are in.
func rangeCell(r Row) cell {
	res := resolution(r.Flow)
	if res == nil {
		return cell{"", pane.Dim}
	}
	if res.OutsideAWS() {
		return cell{"not AWS", pane.Warn}
	}
	var in []string
	for i := range res.Addrs {
		if i < len(res.Ranges) && res.Ranges[i] != "" && (len(in) == 0 || in[len(in)-1] != res.Ranges[i]) {
			in = append(in, res.Ranges[i])
		}
	}
	return cell{strings.Join(in, ", "), pane.Plain}
}
