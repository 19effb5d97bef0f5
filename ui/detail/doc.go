// Package detail writes all the details of one flow: its tabs (overview, request, response,
// DNS, connection and the raw record), and the text, curl command or JSON to copy. It also
// writes the findings, and the result of a probe.
//
// A [Tab] makes a page of a [Subject]; [Facts] is the text without bodies. Bodies are laid
// out for reading by their type, and only as far as anybody reads. All functions are pure.
package detail
