package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
)

// packer makes packed data: JSON, compressed, in the letters of base64 that mean nothing in HTML.
type packer struct {
	buffer bytes.Buffer
	zip    *gzip.Writer
}

// pack packs a value of our own types, which always are JSON.
func (p *packer) pack(v any) string {
	p.buffer.Reset()
	if p.zip == nil {
		p.zip = gzip.NewWriter(&p.buffer)
	} else {
		p.zip.Reset(&p.buffer)
	}
	if err := json.NewEncoder(p.zip).Encode(v); err != nil {
		panic("html: " + err.Error()) // our own types, to memory
	}
	_ = p.zip.Close() // to memory
	return base64.RawURLEncoding.EncodeToString(p.buffer.Bytes())
}
