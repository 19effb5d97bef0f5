package ui

import "testing"

// TestHelp_explainsWhatFindingsAreAbout: in the findings, and nowhere else.
func TestHelp_explainsWhatFindingsAreAbout(t *testing.T) {
	s := start(t, 100, 60, finished(), Actions{}, Options{Concepts: []Concept{{"private DNS", "an option of an interface endpoint"}}})
	s.sees("EC2 DescribeInstances")
	s.types("?")
	s.sees("In the table")
	s.lacks("an option of an interface endpoint")
	s.types("q", "!", "?")
	s.sees("In the findings")
	s.sees("private DNS   an option of an interface endpoint")
}
