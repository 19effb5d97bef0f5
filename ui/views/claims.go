package views

import "detour/internal/flow"

// Claims are what the findings say of each flow.
type Claims struct {
	Levels map[flow.ID]flow.Level // of the most important finding that names the flow
	Codes  map[flow.ID][]string   // of the findings that list the flow
}

// ClaimsOf returns what findings claim.
func ClaimsOf(fs []flow.Finding) Claims {
	c := Claims{make(map[flow.ID]flow.Level), make(map[flow.ID][]string)}
	for _, f := range fs {
		for _, id := range f.Flows {
			c.Codes[id] = append(c.Codes[id], f.Code)
			if f.Level == flow.LevelProblem { // a notice may list every flow
				c.Levels[id] = f.Level
			}
		}
	}
	return c
}
