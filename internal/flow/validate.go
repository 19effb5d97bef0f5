package flow

// Valid reports whether the values of closed sets in a record look like words. They are
// shown without escaping, and the file may be forged. A word that this version doesn't know
// is valid.
func (r *Record) Valid() bool {
	words := []string{string(r.Source), string(r.Exporter), string(r.State), string(r.Origin)}
	for _, w := range r.Why {
		words = append(words, string(w))
	}
	if r.Response != nil {
		for _, t := range r.Response.Traits {
			words = append(words, string(t))
		}
	}
	if r.Failure != nil {
		words = append(words, string(r.Failure.Stage), string(r.Failure.Kind))
	}
	if r.WebSocket != nil {
		words = append(words, string(r.WebSocket.ClosedBy))
	}
	for _, part := range r.Shortened {
		words = append(words, string(part))
	}
	for _, l := range r.Later {
		words = append(words, l.words()...)
	}
	if r.AWS != nil && r.AWS.PreflightOf != nil {
		words = append(words, string(r.AWS.PreflightOf.By))
	}
	words = append(words, r.Findings...)
	for _, c := range append([]*RecordConnection{r.Connection}, r.Unused...) {
		if c != nil {
			words = append(words, wordsOf(c)...)
		}
	}
	for _, w := range words {
		if !IsWord(w) {
			return false
		}
	}
	return true
}

func wordsOf(c *RecordConnection) []string {
	words := []string{string(c.ClosedBy)}
	for _, list := range [][]RecordAttempt{c.Attempts, c.Elsewhere} {
		for _, a := range list {
			words = append(words, string(a.Outcome), string(a.Kind), string(a.Shortage))
		}
	}
	if t := c.TLS; t != nil {
		words = append(words, string(t.Outcome), string(t.SmallHello), string(t.Issuer), string(t.ClientCert))
	}
	resolutions := []*RecordResolution{c.Resolution}
	if c.ProxyAnswer != nil {
		resolutions = append(resolutions, c.ProxyAnswer.Resolution)
	}
	for _, x := range resolutions {
		if x == nil {
			continue
		}
		words = append(words, string(x.Outcome), string(x.Source), string(x.Shortage))
		if x.Before != nil {
			words = append(words, string(x.Before.Outcome))
		}
		for _, ref := range append([]*RecordReference{x.Reference, x.Wire}, pointers(x.Each)...) {
			if ref != nil {
				words = append(words, string(ref.Outcome))
			}
		}
	}
	return words
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// IsWord reports whether s has only lower-case letters, digits and hyphens, as the values of
// closed sets do, or is empty.
func IsWord(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(s) <= 64
}
