package flow

import (
	"strings"
	"time"
)

// A ProofVerdict says what an account's configuration shows of a finding.
type ProofVerdict string

// The verdicts. The set is closed.
const (
	// Proven: the configuration denies every address that didn't respond, and explains every one that did.
	Proven        ProofVerdict = "proven"
	Admitted      ProofVerdict = "admitted"      // nothing in the configuration stands in the way
	Unknown       ProofVerdict = "unknown"       // something that decides isn't in the files
	Contradiction ProofVerdict = "contradiction" // the configuration denies what responded
	NotHere       ProofVerdict = "not-here"      // no network interface in the files has the address
)

// A CheckName names a rule of the proof.
type CheckName string

// The checks, in the order in which causes are named. The set is closed.
const (
	CheckEndpoint       CheckName = "endpoint"
	CheckPrivateDNS     CheckName = "private-dns"
	CheckResolver       CheckName = "resolver"
	CheckSecurityGroup  CheckName = "security-group"
	CheckNACLIn         CheckName = "nacl-in"
	CheckNACLOut        CheckName = "nacl-out"
	CheckRouteBack      CheckName = "route-back"
	CheckGateway        CheckName = "gateway"
	CheckEndpointPolicy CheckName = "endpoint-policy"
)

// Of is the check with its object, in a sentence; "" is no object.
func (c CheckName) Of(object string) string {
	if object == "" {
		return strings.TrimSuffix(c.noun(), " of")
	}
	return c.noun() + " " + object
}

// noun is what the check is about, before an object's ID.
func (c CheckName) noun() string {
	switch c {
	case CheckEndpoint:
		return "endpoint"
	case CheckPrivateDNS:
		return "private DNS of"
	case CheckResolver:
		return "resolver endpoint"
	case CheckSecurityGroup:
		return "security group"
	case CheckNACLIn, CheckNACLOut:
		return "network ACL"
	case CheckRouteBack:
		return "route table"
	case CheckGateway:
		return "gateway"
	case CheckEndpointPolicy:
		return "endpoint policy of"
	}
	return string(c)
}

// A CheckVerdict is the outcome of one check for a packet.
type CheckVerdict string

// The outcomes. The set is closed.
const (
	CheckAdmits  CheckVerdict = "admits"
	CheckDenies  CheckVerdict = "denies"
	CheckUnknown CheckVerdict = "unknown"
)

// A Proof is what an account's configuration says of a finding. Cause, and a fix that changes
// something, exist only if it is proven. The JSON is the record's.
type Proof struct {
	Verdict ProofVerdict `json:"verdict"`
	Says    string       `json:"says"` // the verdict as one sentence
	Cause   *ProofCause  `json:"cause,omitempty"`
	Also    []ProofCause `json:"also,omitempty"`   // what else denies
	Checks  []ProofCheck `json:"checks,omitempty"` // in the order of a packet's way
	Needs   []string     `json:"needs,omitempty"`  // commands whose outputs would decide
	Fix     *ProofFix    `json:"fix,omitempty"`
	Caveats []string     `json:"caveats,omitempty"` // what the files can't show
	// Collected is when the newest of the files was made, UTC; nil if that isn't known.
	Collected *time.Time `json:"collected,omitempty"`
}

// A ProofCause is an object of the configuration that denies.
type ProofCause struct {
	Check     CheckName `json:"check"`
	Object    string    `json:"object"`
	Of        string    `json:"of,omitempty"`        // the endpoint
	Interface string    `json:"interface,omitempty"` // the first of its network interfaces that is affected
	Says      string    `json:"says"`
}

// A ProofCheck is the outcome of one check, and where the object that decides stands.
type ProofCheck struct {
	Check   CheckName    `json:"check"`
	Verdict CheckVerdict `json:"verdict"`
	Object  string       `json:"object,omitempty"`
	Says    string       `json:"says"`
	File    string       `json:"file,omitempty"`
	Path    string       `json:"path,omitempty"` // in the file's JSON
}

// A ProofFix is how to change the configuration, in several forms. Nothing runs it.
type ProofFix struct {
	CLI            []string `json:"cli,omitempty"` // the narrowest first
	Narrow         int      `json:"-"`             // how many of CLI are the narrowest change; each of the others is a wider one
	Terraform      string   `json:"terraform,omitempty"`
	CloudFormation string   `json:"cloudformation,omitempty"`
	Undo           []string `json:"undo,omitempty"`
	Verify         []string `json:"verify,omitempty"`
	Sentence       string   `json:"sentence,omitempty"` // for whoever owns the account
}

// Map returns the proof with every text changed by text, and every command by command.
func (p Proof) Map(text, command func(string) string) Proof {
	cause := func(c ProofCause) ProofCause {
		c.Object, c.Of, c.Interface, c.Says = text(c.Object), text(c.Of), text(c.Interface), text(c.Says)
		return c
	}
	p.Says = text(p.Says)
	if p.Cause != nil {
		c := cause(*p.Cause)
		p.Cause = &c
	}
	p.Also = mapped(p.Also, cause)
	p.Checks = mapped(p.Checks, func(c ProofCheck) ProofCheck {
		c.Object, c.Says, c.File = text(c.Object), text(c.Says), text(c.File)
		return c
	})
	p.Needs, p.Caveats = mapped(p.Needs, command), mapped(p.Caveats, text)
	if x := p.Fix; x != nil {
		p.Fix = &ProofFix{
			CLI: mapped(x.CLI, command), Narrow: x.Narrow, Terraform: command(x.Terraform), CloudFormation: command(x.CloudFormation),
			Undo: mapped(x.Undo, command), Verify: mapped(x.Verify, command), Sentence: text(x.Sentence),
		}
	}
	return p
}

// mapped is a new slice of what change makes of the items; nil of none.
func mapped[T any](items []T, change func(T) T) []T {
	if items == nil {
		return nil
	}
	out := make([]T, len(items))
	for i, x := range items {
		out[i] = change(x)
	}
	return out
}
