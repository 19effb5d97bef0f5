package ui

import (
	"testing"

	"detour/internal/flow"
)

// TestHelp_explainsWhatFindingsAreAbout: in the findings, and nowhere else; of the selected one.
func TestHelp_explainsWhatFindingsAreAbout(t *testing.T) {
	s := start(t, 100, 60, finished(), Actions{}, Options{Concepts: func(f []flow.Finding) []Concept {
		return []Concept{{"private DNS", "what " + f[0].Code + " uses"}}
	}})
	s.sees("EC2 DescribeInstances")
	s.types("?")
	s.sees("In the table")
	s.lacks("What the findings are about")
	s.types("q", "!", "?")
	s.sees("In the findings")
	s.sees("private DNS   what private-endpoint-unreachable uses")
}
