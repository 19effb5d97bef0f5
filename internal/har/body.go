package har

import (
	"encoding/base64"
	"net/url"
)

// maxBody is how much of a body a flow gets.
const maxBody = 64 << 10

// body is what was sent. Fields without a text are those of a form.
func (r *request) body() []byte {
	if r.PostData.Text != "" || len(r.PostData.Params) == 0 {
		return []byte(r.PostData.Text)
	}
	fields := make(url.Values, len(r.PostData.Params))
	for _, p := range r.PostData.Params {
		fields.Add(p.Name, p.Value)
	}
	return []byte(fields.Encode())
}

// body is what was answered, which exporters give without its content coding.
func (r *response) body() []byte {
	text := r.Content.Text
	if r.Content.Encoding != "base64" {
		return []byte(text)
	}
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil // not what it says that it is
	}
	return body
}

// prefix is as much of a body as a flow gets; nil if there is none.
func prefix(body []byte) (begins []byte, cut bool) {
	switch {
	case len(body) == 0:
		return nil, false
	case len(body) > maxBody:
		return append([]byte(nil), body[:maxBody]...), true // the rest may be many megabytes
	}
	return body, false
}
