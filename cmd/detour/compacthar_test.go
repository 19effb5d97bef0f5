package main

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
)

// compactHAR leaves out of a HAR what no rule reads and what differs between machines: call
// stacks, long contents, and header fields of the browser's own. Each entry is a line.
func compactHAR(har []byte) ([]byte, error) {
	var all any
	if err := json.Unmarshal(har, &all); err != nil {
		return nil, err
	}
	log, _ := all.(map[string]any)["log"].(map[string]any)
	entries, _ := log["entries"].([]any)
	delete(log, "entries")
	var b bytes.Buffer
	b.WriteString("{\"log\":")
	write := func(v any) {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(v) // values from a JSON text
		b.Truncate(b.Len() - 1)
	}
	write(compacted(log))
	b.Truncate(b.Len() - 1)
	b.WriteString(",\"entries\":[\n")
	for i, e := range entries {
		if i > 0 {
			b.WriteString(",\n")
		}
		write(compacted(e))
	}
	b.WriteString("\n]}}\n")
	return b.Bytes(), nil
}

func compacted(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Round(v*1000) / 1000
	case []any:
		var kept []any
		for _, of := range v {
			if m, ok := of.(map[string]any); ok && isHeader(m) && !worthKeeping(m["name"].(string)) {
				continue
			}
			kept = append(kept, compacted(of))
		}
		if kept == nil {
			return []any{}
		}
		return kept
	case map[string]any:
		for key, of := range v {
			if text, _ := of.(string); key == "_initiator" || key == "text" && len(text) > 300 {
				delete(v, key)
				continue
			}
			v[key] = compacted(of)
		}
	}
	return v
}

func isHeader(m map[string]any) bool {
	_, named := m["name"].(string)
	_, valued := m["value"].(string)
	return named && valued && len(m) == 2
}

// worthKeeping returns whether a rule may read a header or query field.
func worthKeeping(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"x-amz", "access-control-", "sec-fetch-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"authorization", "content-type", "origin", "referer", "host", "location", "date", "server", "via", "call"}, name)
}
