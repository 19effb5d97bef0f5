package flow

import "encoding/json"

// Codes are the codes of a record's findings. They are read from codes, and from the findings
// themselves, which a probe with an account writes in their place.
type Codes []string

// UnmarshalJSON reads codes or findings.
func (c *Codes) UnmarshalJSON(b []byte) error {
	var codes []string
	if json.Unmarshal(b, &codes) == nil {
		*c = codes
		return nil
	}
	var all []struct{ Code string }
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*c = make(Codes, len(all))
	for i, f := range all {
		(*c)[i] = f.Code
	}
	return nil
}
