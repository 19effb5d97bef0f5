package har

import (
	"encoding/base64"
	"net/url"
)

// maxBody is how much of a body a flow keeps.
const maxBody = 64 << 10

// body returns the request body. Parameters without a text are a form.
func (r *request) body() (begins []byte, cut bool) {
	p := r.PostData
	if p == nil {
		return nil, false
	}
	if p.Text != "" || len(p.Params) == 0 {
		return prefix(plain(string(p.Text), p.Encoding), p.Truncated)
	}
	fields := make(url.Values, len(p.Params))
	for _, x := range p.Params {
		fields.Add(string(x.Name), string(x.Value.word))
	}
	return prefix([]byte(fields.Encode()), false)
}

// body returns the response body, which exporters write without its content coding.
func (r *response) body() (begins []byte, cut bool) {
	return prefix(plain(string(r.Content.Text), r.Content.Encoding), r.Content.Truncated)
}

// plain returns a body whose text may be base64.
func plain(text, encoding string) []byte {
	if encoding != "base64" {
		return []byte(text)
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil // it isn't base64
	}
	return body
}

// prefix returns the part of a body that a flow keeps; nil if there is no body.
func prefix(body []byte, truncated bool) (begins []byte, cut bool) {
	switch {
	case len(body) == 0:
		return nil, truncated
	case len(body) > maxBody:
		return append([]byte(nil), body[:maxBody]...), true // the rest may be many megabytes
	}
	return body, truncated
}
