package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// A marionette is a client of Firefox's remote protocol: messages of JSON with their length
// and a colon in front (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
type marionette struct {
	conn net.Conn
	in   *bufio.Reader
	last int
}

func dialMarionette(address string) (*marionette, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	m := &marionette{conn: conn, in: bufio.NewReader(conn)}
	if _, err := m.message(); err != nil { // it greets
		_ = conn.Close()
		return nil, err
	}
	return m, m.call("WebDriver:NewSession", map[string]any{"pageLoadStrategy": "none"}, nil)
}

func (m *marionette) message() ([]byte, error) {
	length, err := m.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || n < 0 || n > 64<<20 {
		return nil, fmt.Errorf("a message of length %q", length)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(m.in, b)
	return b, err
}

// call sends a command and decodes the value of its response.
func (m *marionette) call(command string, params, value any) error {
	m.last++
	b, err := json.Marshal([]any{0, m.last, command, params})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(b), b); err != nil {
		return err
	}
	answer, err := m.message()
	if err != nil {
		return err
	}
	var failed *struct{ Error, Message string }
	var result struct{ Value json.RawMessage }
	if err := json.Unmarshal(answer, &[]any{nil, nil, &failed, &result}); err != nil {
		return fmt.Errorf("%w: %.200s", err, answer)
	}
	if failed != nil {
		return errors.New(command + ": " + failed.Error + ": " + failed.Message)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(result.Value, value)
}

// run evaluates the body of an async function in the "chrome" of the browser, or in the
// "content" of its tab.
func (m *marionette) run(where, body string, value any, args ...any) error {
	if err := m.call("Marionette:SetContext", map[string]any{"value": where}, nil); err != nil {
		return err
	}
	if args == nil {
		args = []any{}
	}
	script := "const done = arguments[arguments.length - 1], args = arguments;\n" +
		"(async () => {" + body + "})().then(v => done({ v }), e => done({ e: String(e) + '\\n' + e.stack }));"
	var result struct {
		V json.RawMessage
		E string
	}
	err := m.call("WebDriver:ExecuteAsyncScript", map[string]any{"script": script, "args": args, "scriptTimeout": 60_000}, &result)
	if err == nil && result.E != "" {
		err = errors.New(result.E)
	}
	if err != nil || value == nil {
		return err
	}
	return json.Unmarshal(result.V, value)
}

func (m *marionette) close() { _ = m.conn.Close() }
