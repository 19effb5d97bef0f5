package capture

import "detour/internal/flow"

// An Intake prepares flows before a [Store] keeps them: it says what they are and
// takes secrets out. Its methods are called concurrently, without a lock of the
// Store's. They may replace what a flow points at, but don't write to it: others
// may share it.
type Intake interface {
	// Take prepares a flow that is new, or that has a response or a body for the
	// first time.
	Take(f *flow.Flow) Prepared
	// Update prepares a later revision, which has the request, the response and
	// everything else that Take found from the revision before.
	Update(f *flow.Flow)
	// Later prepares what was learned of a connection after it was made.
	Later(l flow.Later) flow.Later
	// Check prepares what a check found out. It returns a copy.
	Check(c *flow.Check) *flow.Check
	// Codes are the findings that a final flow is part of.
	Codes(f *flow.Flow) []string
	// Text takes secrets out of what a person typed.
	Text(s string) string
}

// Prepared says which earlier flow prepared the call of another, as a preflight
// does, and what its call is named now. The zero value says that there is none.
type Prepared struct {
	By    flow.ID
	Names flow.CallNames
}

// AsIs is the [Intake] that changes nothing: for flows that were taken in before.
type AsIs struct{}

// Take implements Intake.
func (AsIs) Take(*flow.Flow) Prepared { return Prepared{} }

// Update implements Intake.
func (AsIs) Update(*flow.Flow) {}

// Later implements Intake.
func (AsIs) Later(l flow.Later) flow.Later { return l }

// Check implements Intake.
func (AsIs) Check(c *flow.Check) *flow.Check { return c }

// Codes implements Intake.
func (AsIs) Codes(f *flow.Flow) []string { return f.Findings }

// Text implements Intake.
func (AsIs) Text(s string) string { return s }
