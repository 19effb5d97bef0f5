package browserpolicy

import (
	"encoding/json"
	"errors"
	"fmt"

	"howett.net/plist"
)

// JSON reads the policies in a file of Chromium's: an object whose members are policies.
// Like Chromium it accepts comments, and a comma after the last member.
func JSON(b []byte) (map[string]any, error) {
	var out map[string]any
	if err := json.Unmarshal(strict(b), &out); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	return out, nil
}

// FirefoxJSON reads a policies.json, whose policies are one level below. Firefox accepts
// neither comments nor a comma after the last member.
func FirefoxJSON(b []byte) (map[string]any, error) {
	var out struct {
		Policies map[string]any `json:"policies"`
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	return out.Policies, nil
}

// strict returns JSON without comments, and without commas before a closing bracket.
func strict(b []byte) []byte {
	out := make([]byte, 0, len(b))
	comma := -1 // where the last byte but white space is a comma; -1: it isn't one
	for i := 0; i < len(b); i++ {
		rest := string(b[i:min(i+2, len(b))])
		switch {
		case b[i] == '"':
			end := i + 1
			for end < len(b) && b[end] != '"' {
				if b[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end, len(b)-1)
			out, comma, i = append(out, b[i:end+1]...), -1, end
		case rest == "//":
			for i+1 < len(b) && b[i+1] != '\n' {
				i++
			}
		case rest == "/*":
			for i += 2; i < len(b) && string(b[i:min(i+2, len(b))]) != "*/"; i++ { //nolint:revive // it skips the comment
			}
			i++
		case b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n':
			out = append(out, b[i])
		case (b[i] == '}' || b[i] == ']') && comma >= 0:
			out[comma] = ' '
			out, comma = append(out, b[i]), -1
		default:
			comma = -1
			if b[i] == ',' {
				comma = len(out)
			}
			out = append(out, b[i])
		}
	}
	return out
}

// PropertyList reads the policies in a property list of macOS, binary or XML.
func PropertyList(b []byte) (map[string]any, error) {
	var out map[string]any
	if _, err := plist.Unmarshal(b, &out); err != nil {
		return nil, errors.New("not a property list of policies")
	}
	return out, nil
}

// A Key is a key of Windows' registry with all below it.
type Key struct {
	Values map[string]any // text or uint64
	Keys   map[string]Key
}

// Policies returns the policies of a browser's key. A key below it is the list of its
// values if they are numbered, else an object; Firefox has text that is JSON, too.
func (k Key) Policies() map[string]any {
	out := make(map[string]any)
	for name, v := range k.Values {
		out[name] = fromRegistry(v)
	}
	for name, sub := range k.Keys {
		out[name] = sub.value()
	}
	return out
}

// value returns a list, or an object.
func (k Key) value() any {
	var list []any
	for i := 1; i <= len(k.Values); i++ {
		v, ok := k.Values[fmt.Sprint(i)]
		if !ok {
			list = nil
			break
		}
		list = append(list, fromRegistry(v))
	}
	if list != nil && len(k.Keys) == 0 {
		return list
	}
	return k.Policies()
}

// fromRegistry is a value as JSON has it: an object in a text is that object.
func fromRegistry(v any) any {
	if text, ok := v.(string); ok && len(text) > 0 && text[0] == '{' {
		var object map[string]any
		if json.Unmarshal(strict([]byte(text)), &object) == nil {
			return object
		}
	}
	return v
}
