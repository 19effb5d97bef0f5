package har

import (
	"encoding/base64"
	"net/url"
)

// maxBody is how much of a body a flow gets.
const maxBody = 64 << 10

// body is what was sent. Fields without a text are those of a form.
func (r *request) body() (begins []byte, cut bool) {
	p := r.PostData
	if p.Text != "" || len(p.Params) == 0 {
		return prefix(plain(string(p.Text), p.Encoding), p.Truncated)
	}
	fields := make(url.Values, len(p.Params))
	for _, x := range p.Params {
		fields.Add(string(x.Name), string(x.Value))
	}
	return prefix([]byte(fields.Encode()), false)
}

// body is what was answered, which exporters give without its content coding.
func (r *response) body() (begins []byte, cut bool) {
	return prefix(plain(string(r.Content.Text), r.Content.Encoding), r.Content.Truncated)
}

// plain is a body of which the text is in base64, if it says so.
func plain(text, encoding string) []byte {
	if encoding != "base64" {
		return []byte(text)
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil // not what it says that it is
	}
	return body
}

// prefix is as much of a body as a flow gets; nil if there is none.
func prefix(body []byte, truncated bool) (begins []byte, cut bool) {
	switch {
	case len(body) == 0:
		return nil, truncated
	case len(body) > maxBody:
		return append([]byte(nil), body[:maxBody]...), true // the rest may be many megabytes
	}
	return body, truncated
}
