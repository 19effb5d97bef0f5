package table

import (
	"strconv"
	"time"

	"detour/internal/diagnose"
	"detour/internal/flow"
	"detour/internal/wording"
	"detour/ui/pane"
)

// statusCell is the HTTP status with AWS's error code, or what there is instead.
func statusCell(r Row) cell {
	if r.Response != nil {
		return answerCell(r.Flow)
	}
	if r.Tunnel != nil && r.Failure == nil {
		return cell{"tunnel " + wording.Bytes(r.Tunnel.Sent+r.Tunnel.Received), pane.Dim}
	}
	switch r.State {
	case flow.StateWaiting, flow.StateReceiving:
		return cell{"waiting " + wording.Running(since(r.Times.WroteRequest, r)), pane.Dim}
	case flow.StateBlocked, flow.StateResolving, flow.StateConnecting, flow.StateHandshaking:
		return cell{"", pane.Dim}
	case flow.StateDone:
	}
	if r.Failure == nil {
		return cell{wording.None, pane.Dim}
	}
	if diagnose.Blocker(r.Flow) != "" {
		return cell{"blocked", pane.Bad}
	}
	switch r.Failure.Stage {
	case flow.StageDNS, flow.StageDial, flow.StageTLS:
		return cell{wording.None, pane.Bad}
	case flow.StageUpstreamProxy:
		if v := r.Conn.Via; v != nil && v.Status > 0 {
			return cell{"proxy " + strconv.Itoa(v.Status), pane.Bad}
		}
		return cell{"no proxy", pane.Bad}
	case flow.StageSend, flow.StageWait, flow.StageReceive:
		return cell{"no response", pane.Bad}
	case flow.StageClient:
		if r.Failure.Kind == flow.KindPending {
			return cell{"run ended", pane.Dim}
		}
		return cell{"client left", pane.Dim}
	case flow.StageProxy:
		if !r.Times.WroteRequest.IsZero() {
			return cell{"detour failed", pane.Bad}
		}
		return cell{"not sent", pane.Bad}
	}
	return cell{wording.None, pane.Bad}
}

// answerCell is the status of a response, complete or not.
func answerCell(f *flow.Flow) cell {
	c := cell{strconv.Itoa(f.Response.Status), pane.Good}
	if n := innerStatus(f); n != 0 && n != f.Response.Status { // the console's server returned success for a service that didn't
		c.text += "/" + strconv.Itoa(n)
	}
	if f.Response.Status >= 400 || innerStatus(f) >= 400 {
		c.tone = pane.Bad
	}
	if f.AWS != nil && f.AWS.Error != nil {
		c = cell{c.text + " " + f.AWS.Error.Code, pane.Bad}
	}
	if Broken(f) {
		c = cell{c.text + " cut off", pane.Bad}
	}
	return c
}

// resultCell is the first of DNS, TCP, TLS and HTTP that isn't normal, for screens
// without room for all.
func resultCell(r Row) cell {
	if r.Response != nil {
		return answerCell(r.Flow)
	}
	if res := resolution(r.Flow); res != nil && res.Outcome != flow.DNSOK && res.Outcome != flow.DNSPending {
		return cell{"no address", pane.Bad}
	}
	if t := tlsOf(r.Flow); t != nil && t.Outcome != flow.TLSOK {
		c := tlsCell(r)
		return cell{"TLS " + c.text, c.tone}
	}
	if c := tcpCell(r); c.tone == pane.Bad || c.tone == pane.Warn || Resolving(r.Flow) || Connecting(r.Flow) {
		return c
	}
	if c := statusCell(r); c.text != "" {
		return c
	}
	return cell{string(r.State) + " " + wording.Running(r.Elapsed(r.Now)), pane.Dim}
}

// timedResultCell is resultCell if no column shows the total time: "200 in 92 ms".
func timedResultCell(r Row) cell {
	c := resultCell(r)
	if r.Response != nil && c.tone == pane.Good {
		c.text += " in " + wording.Duration(Elapsed(r.Flow, r.Now))
	}
	return c
}

// totalCell is how long the flow took, or has taken.
func totalCell(r Row) cell {
	if !r.Final() {
		return cell{wording.Running(Elapsed(r.Flow, r.Now)), pane.Dim}
	}
	return cell{wording.Duration(Elapsed(r.Flow, r.Now)), pane.Plain}
}

// resolution is the flow's own lookup; nil if it had none.
func resolution(f *flow.Flow) *flow.Resolution {
	if f.Conn == nil || f.Reused {
		return nil
	}
	return f.Conn.Resolution
}

// since is the time from an instant of the row's flow until now, or from its start if the
// instant isn't known.
func since(at time.Time, r Row) time.Duration {
	if at.IsZero() {
		return r.Elapsed(r.Now)
	}
	return max(0, r.Now.Sub(at))
}

// received is how many bytes the server sent; -1 if there was no response.
func received(f *flow.Flow) int64 {
	switch {
	case f.Tunnel != nil:
		return f.Tunnel.Received
	case f.Response != nil:
		return f.Response.BodySize
	}
	return -1
}

func sizeCell(r Row) cell {
	n := received(r.Flow)
	if n < 0 {
		return cell{wording.None, pane.Dim}
	}
	return cell{wording.Bytes(n), pane.Plain}
}

func regionCell(r Row) cell {
	if r.AWS == nil {
		return cell{"", pane.Dim}
	}
	return cell{r.AWS.Region, pane.Plain}
}

func idCell(r Row) cell { return cell{strconv.FormatUint(uint64(r.ID), 10), pane.Dim} }
