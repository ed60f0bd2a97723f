package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// WriteYAML writes what WriteJSON writes as one YAML document. Texts are quoted as in JSON, which YAML reads the same.
func WriteYAML(w io.Writer, r *Report) error {
	y := yamlWriter{w: bufio.NewWriterSize(w, 1<<16)}
	y.enc = json.NewEncoder(&y.item)
	y.enc.SetEscapeHTML(false)
	y.value(head(r), 0, false)
	for _, s := range sections(r) {
		y.w.WriteString(s.name + ":")
		n := 0
		s.each(func(item any) bool {
			if n == 0 {
				y.w.WriteString("\n")
			}
			n++
			y.w.WriteString("- ")
			y.value(item, 2, true)
			return y.err == nil
		})
		if n == 0 {
			y.w.WriteString(" []\n")
		}
	}
	return errors.Join(y.err, y.w.Flush())
}

type yamlWriter struct {
	w    *bufio.Writer
	item bytes.Buffer
	enc  *json.Encoder
	err  error
}

// value writes a struct as a mapping at an indentation; started tells that its first line is indented already.
func (y *yamlWriter) value(v any, indent int, started bool) {
	y.item.Reset()
	if err := y.enc.Encode(v); err != nil {
		y.err = err
		return
	}
	rest, err := y.node(escapeUnprintable(bytes.TrimSpace(y.item.Bytes()), true), indent, started)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%q is left of a JSON text", rest)
	}
	if y.err == nil {
		y.err = err
	}
}

// node writes the compact JSON value at the beginning of data and gives what is behind it.
func (y *yamlWriter) node(data []byte, indent int, started bool) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("{}")), bytes.HasPrefix(data, []byte("[]")):
		y.w.Write(data[:2])
		y.w.WriteString("\n")
		return data[2:], nil
	case data[0] == '{':
		return y.mapping(data, indent, started)
	case data[0] == '[':
		return y.sequence(data, indent)
	}
	n := scalarLength(data)
	y.w.Write(data[:n])
	y.w.WriteString("\n")
	return data[n:], nil
}

func (y *yamlWriter) mapping(data []byte, indent int, started bool) ([]byte, error) {
	for len(data) > 0 && data[0] != '}' {
		data = data[1:] // the brace or a comma
		if !started {
			y.indent(indent)
		}
		started = false
		n := scalarLength(data)
		y.w.Write(data[1 : n-1]) // keys are words of ours
		y.w.WriteString(":")
		data = data[n+1:]
		below := indent + 2
		switch {
		case len(data) > 1 && data[0] == '{' && data[1] != '}':
			y.w.WriteString("\n")
		case len(data) > 1 && data[0] == '[' && data[1] != ']':
			y.w.WriteString("\n")
			below = indent
		default:
			y.w.WriteString(" ")
		}
		var err error
		if data, err = y.node(data, below, false); err != nil {
			return nil, err
		}
	}
	if len(data) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return data[1:], nil
}

func (y *yamlWriter) sequence(data []byte, indent int) ([]byte, error) {
	for len(data) > 0 && data[0] != ']' {
		data = data[1:]
		y.indent(indent)
		y.w.WriteString("- ")
		var err error
		if data, err = y.node(data, indent+2, true); err != nil {
			return nil, err
		}
	}
	if len(data) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return data[1:], nil
}

func (y *yamlWriter) indent(n int) { y.w.WriteString(strings.Repeat(" ", n)) }

// scalarLength is the length of the string, number or word at the beginning of a JSON text.
func scalarLength(data []byte) int {
	if data[0] != '"' {
		if n := bytes.IndexAny(data, ",]}"); n >= 0 {
			return n
		}
		return len(data)
	}
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}
