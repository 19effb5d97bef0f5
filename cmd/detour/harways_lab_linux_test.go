package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"detour/internal/lab"
)

// savedBy is the way of a HAR that a browser saves without detour in between.
func savedBy(browser string, record func(*faultLab, context.Context, fault) ([]byte, error)) faultWay {
	look := func(l *faultLab, ctx context.Context, f fault) (v verdict) {
		begin := time.Now()
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

// settled returns what save returns, once that is the same twice: a browser's panel hears of
// a request's end after the page.
func settled(save func() (string, error)) ([]byte, error) {
	before, err := save()
	for deadline := time.Now().Add(15 * time.Second); err == nil; {
		time.Sleep(time.Second)
		var har string
		if har, err = save(); har == before {
			return []byte(har), err
		}
		if before = har; time.Now().After(deadline) {
			return nil, errors.New("the panel goes on changing")
		}
	}
	return nil, err
}

// A browserTab is a tab of a browser.
type browserTab interface {
	open(url string) error
	call() error            // has the page send its calls
	done(path string) error // waits until the page with this path has sent them, and each has ended
}

const (
	pageGivesUp  = 4000 // how long the lab's page waits for an answer, in milliseconds
	pagePatience = 40 * time.Second
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
	if err := tab.open(lab.Page(pageGivesUp, way)); err != nil {
		return err
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
