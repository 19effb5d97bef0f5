package session

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"detour/internal/instances"
	"detour/internal/machine"
	"detour/internal/usererr"
)

// drainTime is how long exchanges in progress may continue after the end of a session.
const drainTime = 500 * time.Millisecond

// watchEvery is how soon a change of the network is noticed.
const watchEvery = 2 * time.Second

// Run serves the session until ctx is done, its screen is closed, its work has ended or
// its records can't be written any more. When it returns, the port, the browser and the
// capture's file are closed, and the findings are final. It is called once.
func (s *Session) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.announce()()
	stopRecords := s.startRecords(cancel) // before any request
	served := make(chan error, 1)
	go func() { served <- s.proxy.Serve(s.listener()) }()
	stopWatching := s.watch()
	if s.cfg.Ready != nil {
		s.cfg.Ready(s)
	}
	var background sync.WaitGroup
	background.Go(func() {
		s.beginNotices()
		if s.keeper != nil {
			s.keeper.Run(ctx)
		}
	})
	if s.cfg.Work != nil {
		background.Go(func() {
			s.cfg.Work(ctx, s)
			if s.cfg.Ends && s.cfg.Screen == nil {
				cancel()
			}
		})
	}
	var err error
	if s.cfg.Screen != nil {
		err = s.cfg.Screen(ctx, s)
		cancel()
	}
	<-ctx.Done()
	drain, stop := context.WithTimeout(context.Background(), drainTime)
	defer stop()
	if serr := s.proxy.Shutdown(drain); serr != nil && !errors.Is(serr, context.DeadlineExceeded) {
		s.cfg.Log.Debug("shutdown", "error", serr)
	}
	if s.guard != nil {
		s.guard.Close()
	}
	s.dialer.Close()
	stopWatching()
	background.Wait()
	s.lookups.close()
	s.store.SetPreflights(s.intake.Preflights()) // for the records and the last findings
	stopRecords()
	if !s.judging().conclude() {
		s.notices.trouble("detour has a fault: " + judgingLost)
	}
	s.closeRecording()
	return errors.Join(err, <-served)
}

// watch judges the flows and watches the network until stop is called.
func (s *Session) watch() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { s.judging().Follow(ctx) })
	watching.Go(func() {
		s.faults.Do("a change of the network isn't noticed any more", func() {
			machine.Watch(ctx, watchEvery, machine.ReadConnectivity, func(change string) {
				s.lookups.cache.Forget()
				s.proxy.CloseIdle()
				s.Notice("the network has changed (" + change + "): idle connections are closed")
			})
		})
	})
	return func() {
		cancel()
		watching.Wait()
	}
}

// announce lets other programs find this run until end is called. A run that can't be
// found works all the same.
func (s *Session) announce() (end func()) {
	if s.cfg.RunsDir == "" {
		return func() {}
	}
	run := instances.Run{PID: os.Getpid(), Proxy: s.URL(), Started: s.began}
	if s.cfg.Simulated != nil {
		run.Kind = instances.Demo
	}
	run, end, err := instances.Announce(s.cfg.RunsDir, run, s.cfg.Decrypt.RootsPEM())
	if err != nil {
		s.notices.pending = append(s.notices.pending, "detour env will not find this run: "+usererr.InOneLine(err).Error())
		return func() {}
	}
	s.announced = run
	return end
}

// Announced is the run as other programs of its user find it, once Run has begun. Its Dir is
// "" if they can't.
func (s *Session) Announced() instances.Run { return s.announced }
