package otlp

import (
	"errors"
	"math"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message is an encoded message of Protocol Buffers, or the beginning of one.
type message []byte

func (m *message) varint(num protowire.Number, v uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, num, protowire.VarintType), v)
}

func (m *message) fixed64(num protowire.Number, v uint64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, num, protowire.Fixed64Type), v)
}

func (m *message) bytes(num protowire.Number, v []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, num, protowire.BytesType), v)
}

func (m *message) string(num protowire.Number, v string) {
	if v != "" {
		*m = protowire.AppendString(protowire.AppendTag(*m, num, protowire.BytesType), v)
	}
}

// The numbers of the field that has the attributes, in the messages that have any.
const (
	resourceAttributes = 1
	logAttributes      = 6
	spanAttributes     = 9
)

// attribute is the number of the field of attributes in a message that has only those; see as.
const attribute = 1

// as returns attributes as the field num of a message.
func (m *message) as(num protowire.Number) []byte {
	var out message
	_ = fields(*m, func(_ protowire.Number, _ uint64, b []byte) error { // it is ours
		out.bytes(num, b)
		return nil
	})
	return out
}

// Fields of AnyValue.
const (
	valueString = 1
	valueBool   = 2
	valueInt    = 3
	valueDouble = 4
	valueArray  = 5
)

// add adds an attribute, whose value is an AnyValue.
func (m *message) add(key string, value message) {
	const (
		pairKey   = 1
		pairValue = 2
	)
	var pair message
	pair.string(pairKey, key)
	pair.bytes(pairValue, value)
	m.bytes(attribute, pair)
}

// text adds an attribute, unless it is empty. proto3 wants UTF-8.
func (m *message) text(key, v string) {
	if v != "" {
		m.add(key, textValue(v))
	}
}

func textValue(v string) (out message) {
	out.string(valueString, clip(v))
	return out
}

// texts adds a list, unless it is empty.
func (m *message) texts(key string, all []string) {
	if len(all) == 0 {
		return
	}
	var list, value message
	for _, s := range all[:min(len(all), maxList)] {
		list.bytes(1, textValue(s))
	}
	value.bytes(valueArray, list)
	m.add(key, value)
}

func (m *message) integer(key string, v int64) {
	var value message
	value.varint(valueInt, uint64(v)) //nolint:gosec // as Protocol Buffers have a negative one
	m.add(key, value)
}

func (m *message) number(key string, v float64) {
	var value message
	value.fixed64(valueDouble, math.Float64bits(v))
	m.add(key, value)
}

func (m *message) boolean(key string, v bool) {
	var value message
	value.varint(valueBool, protowire.EncodeBool(v))
	m.add(key, value)
}

// Limits of what a server, or a page, can make of a record.
const (
	maxText = 2 << 10 // bytes of a text
	maxList = 16
)

// clip shortens a text and makes it valid UTF-8.
func clip(s string) string {
	if len(s) > maxText {
		const more = "…"
		at := maxText - len(more)
		for at > 0 && !utf8.RuneStart(s[at]) {
			at--
		}
		s = s[:at] + more
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// errNotAMessage is the error of bytes that Protocol Buffers don't have.
var errNotAMessage = errors.New("not a message of Protocol Buffers")

// fields calls see with each field of a message: its number, and its value as far as it is of a kind that
// OTLP's responses and our own attributes have.
func fields(b []byte, see func(num protowire.Number, v uint64, bytes []byte) error) error {
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errNotAMessage
		}
		b = b[n:]
		var v uint64
		var value []byte
		switch kind { //nolint:exhaustive // others are skipped
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, kind, b)
		}
		if n < 0 {
			return errNotAMessage
		}
		b = b[n:]
		if err := see(num, v, value); err != nil {
			return err
		}
	}
	return nil
}
