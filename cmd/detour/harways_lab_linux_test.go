package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"detour/internal/lab"
)

// savedBy is the way of a HAR that a browser saves without detour in between.
func savedBy(browser string, record func(*faultLab, context.Context, fault) ([]byte, error)) faultWay {
	look := func(l *faultLab, ctx context.Context, f fault) (v verdict) {
		begin := time.Now()
		if f.patient { // the system's own timeout is 130 s; this one has the same effect, sooner
			if out, err := l.Command(ctx, "sysctl", "-qw", "net.ipv4.tcp_syn_retries=1").CombinedOutput(); err != nil {
				v.err = fmt.Errorf("%w: %s", err, out)
				return v
			}
		}
		har, err := record(l, ctx, f)
		if err != nil {
			v.err = err
			return v
		}
		file := filepath.Join(l.dir, browser+"-"+f.name+".har")
		if v.err = os.WriteFile(file, har, 0o600); v.err != nil {
			return v
		}
		if *faultSave != "" {
			if har, v.err = compactHAR(har); v.err != nil {
				return v
			}
			if v.err = os.WriteFile(filepath.Join(*faultSave, browser+"-"+f.name+".har"), har, 0o600); v.err != nil {
				return v
			}
		}
		v.took = time.Since(begin)
		v.found, v.err = diagnosedFile(file)
		return v
	}
	return faultWay{browser + "-har", look, true}
}

// personWaits is how long after the last request somebody saves the HAR. A panel hears
// later than the page of how a request ended, and Firefox's keeps what it had when it was
// asked for a HAR before that.
const personWaits = 4 * time.Second

// waits is how long a person waits before the HAR of a fault.
func (f fault) waits() time.Duration {
	if f.early {
		return 0
	}
	return personWaits
}

// settled returns what save returns after a while, once that is the same twice.
func settled(wait time.Duration, save func() (string, error)) ([]byte, error) {
	time.Sleep(wait)
	before, err := save()
	for deadline := time.Now().Add(time.Minute); err == nil; {
		var har string
		if har, err = save(); har == before {
			return []byte(har), err
		}
		if before = har; time.Now().After(deadline) {
			return nil, errors.New("the panel goes on changing")
		}
		time.Sleep(time.Second)
	}
	return nil, err
}

// A browserTab is a tab of a browser.
type browserTab interface {
	open(url string) error
	call() error            // has the page send its calls
	done(path string) error // waits until the page with this path has sent them, and each has ended

	halfDone(path string) error // … until the page is there, and its calls to the console have ended
}

const (
	pageGivesUp  = 4000 // how long the lab's page waits for an answer, in milliseconds
	pagePatience = time.Minute
	pagePath     = "/cloudwatch/home"
)

// usePage opens the lab's page in a fault, and returns when its calls have ended.
func (l *faultLab) usePage(tab browserTab, f fault) error {
	before, way := f.state, f.way
	if f.midRun {
		before, way = lab.CaseHealthy, "hold"
	}
	if err := l.SetCase(before); err != nil {
		return err
	}
	l.since = time.Now()
	limit := pageGivesUp
	if f.patient {
		limit = 0
	}
	if err := tab.open(lab.Page(limit, way)); err != nil {
		return err
	}
	if f.early {
		return tab.halfDone(pagePath)
	}
	if f.way == "leave" { // it goes to another page
		return tab.done("/ec2/home")
	}
	if !f.midRun {
		return tab.done(pagePath)
	}
	if err := tab.done(pagePath); err != nil { // it is there
		return err
	}
	if f.kept {
		if err := l.callAgain(tab); err != nil {
			return err
		}
	}
	if err := l.SetCase(f.state); err != nil {
		return err
	}
	l.since = time.Now()
	if !f.kept {
		l.DropConnections()
	}
	return l.callAgain(tab)
}

func (l *faultLab) callAgain(tab browserTab) error {
	if err := tab.call(); err != nil {
		return err
	}
	return tab.done(pagePath)
}
