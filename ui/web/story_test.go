package web_test

import (
	"time"

	"detour/internal/flow"
	"detour/ui/flowtest"
)

// scene is a longer story: the page of flowtest.Story, twice, with relayed calls between.
func scene() []*flow.Flow {
	var out []*flow.Flow
	add := func(f *flow.Flow) {
		g := *f
		g.ID = flow.ID(len(out) + 1)
		out = append(out, &g)
	}
	for _, f := range flowtest.Story(true) {
		add(f)
	}
	for _, f := range flowtest.WithBodies() {
		add(f)
	}
	for i := range 12 {
		id := flow.ID(100 + i)
		c := flowtest.Call(id, flowtest.At(5000+90*i), flow.OriginConsole, flowtest.ConsoleHost, "ec2", "EC2", "DescribeInstances")
		c.Conn = flowtest.Healthy(id, c.Times.Start, flowtest.ConsoleHost, "203.0.113.10")
		add(flowtest.Answered(c, 200, time.Duration(60+17*i)*time.Millisecond))
	}
	return out
}
