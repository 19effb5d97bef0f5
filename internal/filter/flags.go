package filter

import (
	"time"

	"detour/internal/flow"
)

func flags() []named {
	is := func(word, doc string, holds func(*flow.Flow) bool) named {
		return named{word, doc, func(f *flow.Flow, _ time.Time) bool { return holds(f) }}
	}
	return []named{
		is("call", "an AWS API call, by either route", isCall),
		is("pending", "in progress", func(f *flow.Flow) bool { return !f.Final() }),
		is("failed", "no complete response, and the client didn't cancel", isFailed),
		is("denied", "denied by a policy, or for lack of permission", isDenied),
		is("error", "the response is an error: by HTTP status, inner status or AWS error code", isError),
		is("finding", "part of a finding", func(f *flow.Flow) bool { return len(f.Findings) > 0 }),
		is("private", "every address of the host may be in a VPC", func(f *flow.Flow) bool { return resolution(f).AllInVPC() }),
		is("reused", "sent over an existing connection", func(f *flow.Flow) bool { return f.Reused }),
		is("tunnel", "a tunnel that wasn't decrypted", func(f *flow.Flow) bool { return f.Tunnel != nil }),
		is("websocket", "", func(f *flow.Flow) bool { return f.Messages != nil }),
		is("preflight", "an OPTIONS request", func(f *flow.Flow) bool { return f.Request.Method == "OPTIONS" }),
		is("batch", "a request with several calls", func(f *flow.Flow) bool { return f.AWS != nil && len(f.AWS.Batch) > 1 }),
		is("undecoded", "an AWS call with an unknown operation", isUndecoded),
		is("vend", "the bodies contain credentials and aren't saved", func(f *flow.Flow) bool { return f.CredentialVend }),
		is("marked", "marked by you", func(f *flow.Flow) bool { return f.Marked }),
		is("noted", "with a note", func(f *flow.Flow) bool { return f.Note != "" }),
	}
}

func isCall(f *flow.Flow) bool {
	return f.AWS.IsCall() && (f.Origin == flow.OriginConsole || f.Origin == flow.OriginDirect)
}

func isUndecoded(f *flow.Flow) bool { return f.AWS != nil && f.AWS.DecodedBy == flow.Undecoded }

func isFailed(f *flow.Flow) bool { return f.Failure != nil && f.Failure.Stage != flow.StageClient }

func isError(f *flow.Flow) bool {
	return f.Response != nil && f.Response.Status >= 400 || f.AWS != nil && (f.AWS.Error != nil || f.AWS.InnerStatus >= 400)
}

func isDenied(f *flow.Flow) bool {
	e := awsError(f)
	return f.Response != nil && f.Response.Status == 403 || f.AWS != nil && f.AWS.InnerStatus == 403 ||
		e != nil && (e.Deny != "" || foldedText("accessdenied").in(e.Code) || foldedText("unauthorized").in(e.Code))
}
