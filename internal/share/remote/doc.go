// Package remote watches a run of another detour: [Connect] opens the stream that package share
// describes, and a [Watch] keeps what has come as flows, findings and steps for the table.
//
// The host may be anybody's who gave a link. So what it sends is checked as a file that somebody
// sent, and the memory that it can take is bounded. What a watcher asks of the host is to read:
// it changes nothing there.
package remote
