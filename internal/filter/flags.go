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
		is("call", "a call of an AWS API, by either road", isCall),
		is("pending", "not over", func(f *flow.Flow) bool { return !f.Final() }),
		is("failed", "without a whole answer, for another reason than that the client left", isFailed),
		is("denied", "refused by a policy, or for want of permission", isDenied),
		is("error", "answered with an error, by HTTP's status, the inner one, or AWS's code", isError),
		is("finding", "claimed by a finding of its own", func(f *flow.Flow) bool { return len(f.Findings) > 0 }),
		is("private", "to a name all of whose addresses may be in a VPC", func(f *flow.Flow) bool { return resolution(f).AllInVPC() }),
		is("reused", "on a connection that was up already", func(f *flow.Flow) bool { return f.Reused }),
		is("tunnel", "passed on unread", func(f *flow.Flow) bool { return f.Tunnel != nil }),
		is("websocket", "", func(f *flow.Flow) bool { return f.Messages != nil }),
		is("preflight", "an OPTIONS request", func(f *flow.Flow) bool { return f.Request.Method == "OPTIONS" }),
		is("batch", "relays several calls at once", func(f *flow.Flow) bool { return f.AWS != nil && len(f.AWS.Batch) > 1 }),
		is("undecoded", "an AWS call whose operation could not be told", func(f *flow.Flow) bool { return f.AWS != nil && f.AWS.DecodedBy == flow.Undecoded }),
		is("vend", "its bodies carry credentials, so that they are not kept", func(f *flow.Flow) bool { return f.CredentialVend }),
		is("marked", "marked by you", func(f *flow.Flow) bool { return f.Marked }),
		is("noted", "with a note of yours", func(f *flow.Flow) bool { return f.Note != "" }),
	}
}

func isCall(f *flow.Flow) bool {
	return f.AWS != nil && (f.Origin == flow.OriginConsole || f.Origin == flow.OriginDirect)
}

func isFailed(f *flow.Flow) bool { return f.Failure != nil && f.Failure.Stage != flow.StageClient }

func isError(f *flow.Flow) bool {
	return f.Response != nil && f.Response.Status >= 400 || f.AWS != nil && (f.AWS.Error != nil || f.AWS.InnerStatus >= 400)
}

func isDenied(f *flow.Flow) bool {
	e := awsError(f)
	return f.Response != nil && f.Response.Status == 403 || f.AWS != nil && f.AWS.InnerStatus == 403 ||
		e != nil && (e.Deny != "" || containsFold(e.Code, "accessdenied") || containsFold(e.Code, "unauthorized"))
}
