package remote

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"

	"detour/internal/errno"
	"detour/internal/flow"
	"detour/internal/share"
	"detour/internal/usererr"
	"detour/internal/wording"
)

// Hints.
const (
	askHint    = "ask for a new link: :share in the table over there"
	shareHint  = "in the table of that run, :share makes a link for detour attach"
	updateHint = "update detour here"
	otherHint  = "run detour attach as that user, or use a link: " + shareHint
)

// unreachable is the error of a connection that couldn't be made. over says that trying again is of
// no use.
func (t Target) unreachable(err error) (_ error, over bool) {
	gone := errno.IsRefused(err) || errors.Is(err, fs.ErrNotExist)
	var timeout net.Error
	switch {
	case errors.Is(err, errFingerprint):
		const hint = "somebody else may answer there: compare the link with the one that was shown, or ask for a new one"
		return usererr.Failf(hint, "%s: %w", t, errFingerprint), true
	case t.Socket != "" && errors.Is(err, fs.ErrPermission):
		return usererr.Failf(otherHint, "the run is another user's: %s can't be opened", t), true
	case t.Socket != "" && gone:
		return usererr.Failf(shareHint, "the run has ended, or can't be watched: nothing answers at %s: %w", t, bare(err)), true
	case gone:
		const text = "nobody is sharing at %s any more: the run has ended, or sharing was stopped: %w"
		return usererr.Failf(askHint, text, t, bare(err)), false // a forwarding (ssh -L) may have ended instead
	case errors.As(err, &timeout) && timeout.Timeout():
		const hint = "a firewall may drop the packets, or the host is on another network: ssh -t HOST detour attach needs no port"
		return usererr.Failf(hint, "%s doesn't respond within %s", t, wording.Running(answerTime)), false
	}
	return usererr.Failf("", "can't watch %s: %w", t, bare(err)), false
}

// bare returns the error of a request without its URL.
func bare(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// maxRefusal limits how much of a response that isn't the stream is read, in bytes.
const maxRefusal = 300

// refused is the error of a response that isn't what was asked for. over says that asking again is
// of no use.
func (t Target) refused(r *http.Response) (_ error, over bool) {
	b, _ := io.ReadAll(io.LimitReader(r.Body, maxRefusal))
	said := cmp.Or(flow.Printable(string(b)), r.Status)
	switch r.StatusCode {
	case http.StatusUnauthorized:
		return usererr.Failf(askHint, "%s doesn't accept the link: its token is wrong, or sharing was stopped", t), true
	case http.StatusServiceUnavailable:
		return usererr.Failf("try again later", "%s can't be watched now: %s", t, said), false
	case http.StatusForbidden:
		return usererr.Failf("", "%s refuses: %s", t, said), true
	case http.StatusOK:
		return usererr.Failf(shareHint, "what answers at %s isn't a run that is shared", t), true
	}
	return usererr.Failf(shareHint, "what answers at %s isn't a run that is shared: %s", t, said), true
}

// errGone is why a stream that didn't end can't go on.
var errGone = errors.New("the run is gone, as if it was killed")

// errOther is why a stream can't go on with what another run shares.
var errOther = errors.New("another run answers there now")

// errSilent ends a connection on which nothing has come for too long.
var errSilent = errors.New("nothing has come for a while")

// errNotHello is the error of a stream that doesn't begin as one.
var errNotHello = errors.New("the stream doesn't begin with hello")

// reason is why a stream can't go on, for the head of the table.
func reason(err error) string {
	if errno.IsRefused(err) || errors.Is(err, fs.ErrNotExist) {
		err = errGone
	}
	return err.Error()
}

// check returns why what a host shares can't be watched; nil if it can.
func check(h share.Hello) error {
	switch {
	case h.Version > share.Version:
		const text = "the run is shared by a newer detour (%s), with version %d of the protocol: this one has version %d"
		return usererr.Failf(updateHint, text, flow.Printable(wording.Clip(h.Detour, 40)), h.Version, share.Version)
	case h.Version < 1:
		return errNotHello
	case h.Privacy != flow.PrivacyStrict:
		return errors.New("the run isn't shared with strict privacy")
	}
	return nil
}
