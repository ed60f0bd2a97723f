package reports

import (
	"bytes"
	"encoding/json"
	"io"
)

// WriteJSON writes the report as one JSON document with one entry of a list a line. docs/report.schema.json describes it.
func WriteJSON(w io.Writer, r *Report) error {
	j := &jsonWriter{w: w}
	j.enc = json.NewEncoder(&j.buf)
	j.enc.SetEscapeHTML(false)
	j.encode(head(r))
	j.cut("}\n")
	for _, s := range sections(r) {
		name, _ := json.Marshal(s.name) //nolint:errchkjson // a string always can be
		j.buf.WriteByte(',')
		j.buf.Write(name)
		j.buf.WriteString(":[")
		n := 0
		s.each(func(item any) bool {
			if n > 0 {
				j.buf.WriteByte(',')
			}
			n++
			j.buf.WriteByte('\n')
			j.encode(item)
			j.cut("\n")
			j.flush(1 << 16)
			return j.err == nil
		})
		j.buf.WriteString("\n]")
	}
	j.buf.WriteString("}\n")
	j.flush(0)
	return j.err
}

// jsonWriter keeps the first error.
type jsonWriter struct {
	w   io.Writer
	buf bytes.Buffer
	enc *json.Encoder
	err error
}

func (j *jsonWriter) encode(v any) {
	first := j.buf.Len()
	if err := j.enc.Encode(v); err != nil && j.err == nil {
		j.err = err
	}
	if written := j.buf.Bytes()[first:]; bytes.ContainsFunc(written, unprintable) {
		escaped := escapeUnprintable(bytes.Clone(written), false)
		j.buf.Truncate(first)
		j.buf.Write(escaped)
	}
}

// cut takes the end off what was written.
func (j *jsonWriter) cut(end string) { j.buf.Truncate(max(j.buf.Len()-len(end), 0)) }

func (j *jsonWriter) flush(above int) {
	if j.err != nil || j.buf.Len() <= above {
		return
	}
	_, j.err = j.buf.WriteTo(j.w)
}
