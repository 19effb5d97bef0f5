// Package serve lets others watch a run: a [Server] sends its events to programs of the same
// user through a Unix socket, and, while it is shared, to whoever has the link.
//
// Watching can't change anything. The only method is GET, and no route does more than read.
// What is sent was redacted before; this package knows neither flows nor columns.
//
// Who may watch: the socket is in the run's directory and its user's alone. The link has a
// token of 128 random bits behind the "#", where no request, Referer or log has it. The page
// that the link opens exchanges the token for a cookie; a program sends the token itself. The
// document at "/" is the same for everybody and has no data, because a link that is followed
// from a chat is a cross-site navigation.
//
// What is refused, and why, is said in refusal.go.
package serve
