package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// A marionette is a connection that controls a Firefox, with version 3 of the Marionette
// protocol. Every message is JSON, preceded by its length in bytes as decimal digits and a
// colon. A command is [0, id, name, parameters], its answer [1, id, error, result].
// Firefox sends the first message, which describes itself.
type marionette struct {
	conn net.Conn
	r    *bufio.Reader
	last int // id of the newest command
}

// dialMarionette connects to a Firefox that listens at a port of this machine.
func dialMarionette(ctx context.Context, port int) (*marionette, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	m := &marionette{conn: conn, r: bufio.NewReader(conn)}
	if err := m.greeting(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return m, nil
}

func (m *marionette) greeting(ctx context.Context) error {
	defer m.until(ctx)()
	b, err := readMessage(m.r)
	if err != nil {
		return fmt.Errorf("marionette: %w", err)
	}
	var hello struct {
		Protocol int `json:"marionetteProtocol"`
	}
	if err := json.Unmarshal(b, &hello); err != nil || hello.Protocol != 3 {
		return fmt.Errorf("marionette: greeted with %.100q, want protocol 3", b)
	}
	return nil
}

// call sends a command, waits for its answer and stores its result in result, unless that
// is nil. If ctx ends, so do the call and the connection.
func (m *marionette) call(ctx context.Context, name string, params, result any) error {
	defer m.until(ctx)()
	m.last++
	command, err := json.Marshal([]any{0, m.last, name, params})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := m.conn.Write(framed(command)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	b, err := readMessage(m.r)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	value, err := answer(b, m.last)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(value, result); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// until makes the end of ctx end reads and writes of the connection, until callOff.
func (m *marionette) until(ctx context.Context) (callOff func() bool) {
	return context.AfterFunc(ctx, func() { _ = m.conn.SetDeadline(time.Unix(1, 0)) })
}

func (m *marionette) close() { _ = m.conn.Close() }

// maxMessage limits the size of a message. The longest answer that is needed, that to a
// new session, has about 1 KB.
const maxMessage = 1 << 20

var errFrame = errors.New("not a message of marionette's")

func framed(message []byte) []byte {
	return append(append(strconv.AppendInt(nil, int64(len(message)), 10), ':'), message...)
}

// readMessage reads one message and removes its frame.
func readMessage(r *bufio.Reader) ([]byte, error) {
	size := 0
	for digits := 0; ; digits++ {
		c, err := r.ReadByte()
		switch {
		case err != nil:
			return nil, err
		case c == ':' && digits > 0:
			b := make([]byte, size)
			_, err := io.ReadFull(r, b)
			return b, err
		case c < '0' || c > '9':
			return nil, errFrame
		}
		size = 10*size + int(c-'0')
		if size > maxMessage || digits == len("1048576") {
			return nil, errFrame
		}
	}
}

// answer returns the result in the answer to the command with this id.
func answer(b []byte, id int) (json.RawMessage, error) {
	var parts []json.RawMessage
	var kind, of int
	if json.Unmarshal(b, &parts) != nil || len(parts) != 4 ||
		json.Unmarshal(parts[0], &kind) != nil || json.Unmarshal(parts[1], &of) != nil || kind != 1 || of != id {
		return nil, fmt.Errorf("answered %.100q", b)
	}
	var failure *struct{ Error, Message string }
	if err := json.Unmarshal(parts[2], &failure); err != nil {
		return nil, fmt.Errorf("answered %.100q", b)
	}
	if failure != nil {
		return nil, fmt.Errorf("%.100q: %.300q", failure.Error, failure.Message)
	}
	return parts[3], nil
}
