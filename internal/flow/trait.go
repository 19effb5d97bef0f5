package flow

// A Trait is a fact about a response that its header fields show, for whoever no longer has
// them. An absent trait says nothing: most are looked for only where they matter.
type Trait string

// The traits.
const (
	TraitWebPage   Trait = "web-page"            // a service's response, or a refusal, that is HTML
	TraitElsewhere Trait = "redirects-elsewhere" // a redirect to a host that isn't AWS's
	TraitUnmarked  Trait = "no-aws-fields"       // a refusal or redirect without any field that only AWS's servers send
	// TraitNoCORS is a response without Access-Control-Allow-Origin to a request of another
	// origin's page, which therefore can't read it (fetch.spec.whatwg.org, CORS check).
	TraitNoCORS Trait = "no-cors-fields"
)

// Is reports whether a response has a trait. p may be nil.
func (p *Response) Is(t Trait) bool {
	if p == nil {
		return false
	}
	for _, has := range p.Traits {
		if has == t {
			return true
		}
	}
	return false
}
