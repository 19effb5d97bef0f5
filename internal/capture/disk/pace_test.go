package disk

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPace_isEvenAndNeverSlowerThanPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace{began: time.Now(), over: 50 * time.Millisecond, all: 640}
		for done := range p.all {
			p.step(done)
			if took, planned := time.Since(p.began), p.over*time.Duration(done)/640; took > planned || took < planned-paceEvery*p.over/640 {
				t.Fatalf("%d flows took %v instead of %v", done, took, planned)
			}
		}
		time.Sleep(p.over) // late
		before := time.Now()
		for done := range p.all {
			p.step(done)
		}
		if !time.Now().Equal(before) {
			t.Error("it waits though it is late")
		}
	})
}

func TestPace_ofFewFlowsOrNoTimeWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := time.Now()
		for _, p := range []pace{{before, 50 * time.Millisecond, few}, {before, 0, 1000}, {before, 50 * time.Millisecond, 0}} {
			for done := range p.all {
				p.step(done)
			}
			p.step(0)
		}
		if !time.Now().Equal(before) {
			t.Error("it waits")
		}
	})
}
