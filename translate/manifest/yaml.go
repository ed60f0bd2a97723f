package manifest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// pageObjects is how many objects are written by one hand.
const pageObjects = 64

// page is a run of objects on its way to the stream.
type page struct {
	objects []*Object
	first   bool // of the stream
	text    []byte
	err     error
	done    chan struct{}
}

// WriteYAML writes objects as a YAML stream, each in block style and in the order of its tree. A few pages are made at a time,
// on all processors.
func WriteYAML(w io.Writer, objects ...*Object) error {
	hands := runtime.GOMAXPROCS(0)
	pages := make(chan *page, hands)
	written := make(chan []byte, 2*hands)    // memory to be used again
	writers := make(chan *yamlWriter, hands) // of pages before, with what they know
	stop := make(chan struct{})
	defer func() { // nobody looks at the objects afterwards
		close(stop)
		for p := range pages {
			<-p.done
		}
	}()
	go func() {
		defer close(pages)
		for chunk := range slices.Chunk(objects, pageObjects) {
			p := &page{objects: chunk, first: chunk[0] == objects[0], done: make(chan struct{})}
			select {
			case p.text = <-written:
			default:
			}
			select {
			case pages <- p:
				go p.writeWith(writers)
			case <-stop:
				return
			}
		}
	}()
	for p := range pages {
		<-p.done
		if _, err := w.Write(p.text); err != nil {
			return err
		}
		if p.err != nil {
			return p.err
		}
		select {
		case written <- p.text[:0]:
		default:
		}
	}
	return nil
}

// writeWith makes the page's text with a writer that is free, or a new one.
func (p *page) writeWith(writers chan *yamlWriter) {
	defer close(p.done)
	var y *yamlWriter
	select {
	case y = <-writers:
	default:
		y = &yamlWriter{}
	}
	p.write(y)
	if p.err == nil {
		select {
		case writers <- y:
		default:
		}
	}
}

// write makes the page's text, up to the first object that cannot be written.
func (p *page) write(y *yamlWriter) {
	y.buf = p.text
	for i, o := range p.objects {
		end := len(y.buf)
		if i > 0 || !p.first {
			y.buf = append(y.buf, "---\n"...)
		}
		b := builder{lazy: true}
		y.document(b.object(o))
		if err := errors.Join(append(b.errs, y.failure())...); err != nil {
			y.buf, p.err = y.buf[:end], fmt.Errorf("writing %s: %w", o.ID(), err)
			break
		}
	}
	p.text, y.buf = y.buf, nil
}

// YAML gives any tree as a YAML document.
func YAML(tree any) ([]byte, error) {
	b := builder{lazy: true}
	y := yamlWriter{}
	y.document(b.value(tree))
	return y.buf, errors.Join(append(b.errs, y.failure())...)
}

// yamlWriter appends block style YAML. A sequence below a key is not indented, as kubectl prints it.
type yamlWriter struct {
	buf   []byte
	err   error
	walk  *walker  // of the messages met; nil until the first
	stack []record // fields of packed messages that are being written
	known map[protoreflect.MessageDescriptor]*knownTexts
	plain []byte // of the packed message that is being written, if it was compressed
}

func (y *yamlWriter) failure() error {
	if y.err == nil && y.walk != nil {
		return y.walk.err
	}
	return y.err
}

func (y *yamlWriter) document(tree any) {
	switch v := tree.(type) {
	case Map:
		if len(v) > 0 {
			y.mapping(v, 0, true)
			return
		}
	case []any:
		if len(v) > 0 {
			y.sequence(v, 0, true)
			return
		}
	case string: // a block scalar needs a parent to be indented under
		y.buf = append(appendString(y.buf, v), '\n')
		return
	}
	y.itemValue(tree, -2)
}

const spaces = "                                                                "

func (y *yamlWriter) indent(n int) {
	for ; n > len(spaces); n -= len(spaces) {
		y.buf = append(y.buf, spaces...)
	}
	y.buf = append(y.buf, spaces[:n]...)
}

// mapping writes entries at an indentation; started tells that the first line has its indentation already.
func (y *yamlWriter) mapping(m Map, indent int, started bool) {
	for i := range m {
		if i > 0 || !started {
			y.indent(indent)
		}
		y.key(m[i].Key, indent)
		y.entryValue(m[i].Value, indent)
	}
}

// entryValue writes what follows the colon of a key, line break included.
func (y *yamlWriter) entryValue(v any, indent int) {
	switch v := v.(type) {
	case Map:
		if len(v) > 0 {
			y.buf = append(y.buf, '\n')
			y.mapping(v, indent+2, false)
			return
		}
	case []any:
		if len(v) > 0 {
			y.buf = append(y.buf, '\n')
			y.sequence(v, indent, false)
			return
		}
	case unwalked:
		y.walker(v.Message)
		if first := y.push(v.ProtoReflect()); first < len(y.walk.stack) {
			y.buf = append(y.buf, '\n')
			y.pop(first, indent+2, false)
			return
		}
	case Packed:
		if first := y.unpack(v); first < len(y.stack) {
			y.buf = append(y.buf, '\n')
			y.writeRecords(first, indent+2, false)
			return
		}
	}
	y.buf = append(y.buf, ' ')
	y.scalar(v, indent+2)
	y.buf = append(y.buf, '\n')
}

// key writes a key and its colon. YAML allows no more than 1,024 characters for a key without a question mark.
func (y *yamlWriter) key(k string, indent int) {
	if len(k) > 128 {
		y.buf = append(y.buf, "? "...)
		y.buf = appendString(y.buf, k)
		y.buf = append(y.buf, '\n')
		y.indent(indent)
	} else {
		y.buf = appendString(y.buf, k)
	}
	y.buf = append(y.buf, ':')
}

func (y *yamlWriter) sequence(s []any, indent int, started bool) {
	for i := range s {
		if i > 0 || !started {
			y.indent(indent)
		}
		y.buf = append(y.buf, "- "...)
		y.itemValue(s[i], indent)
	}
}

// itemValue writes an item behind its dash, line break included.
func (y *yamlWriter) itemValue(v any, indent int) {
	switch v := v.(type) {
	case Map:
		if len(v) > 0 {
			y.mapping(v, indent+2, true)
			return
		}
	case []any:
		if len(v) > 0 {
			y.sequence(v, indent+2, true)
			return
		}
	case unwalked:
		y.walker(v.Message)
		if first := y.push(v.ProtoReflect()); first < len(y.walk.stack) {
			y.pop(first, indent+2, true)
			return
		}
	case Packed:
		if first := y.unpack(v); first < len(y.stack) {
			y.writeRecords(first, indent+2, true)
			return
		}
	}
	y.scalar(v, indent+2)
	y.buf = append(y.buf, '\n')
}

// scalar writes what takes one line, or a block of text whose lines are indented.
func (y *yamlWriter) scalar(v any, indent int) {
	switch v := v.(type) {
	case string:
		y.text(v, indent)
	case unwalked, Packed, Map: // an empty one
		y.buf = append(y.buf, "{}"...)
	case []any:
		y.buf = append(y.buf, "[]"...)
	default:
		y.buf, y.err = appendScalar(y.buf, v, y.err)
	}
}

func (y *yamlWriter) text(s string, indent int) {
	if isLiteral(s) {
		y.literal(s, indent)
		return
	}
	y.buf = appendString(y.buf, s)
}

// appendScalar writes what YAML and JSON spell alike.
func appendScalar(dst []byte, v any, err error) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), err
	case bool:
		return strconv.AppendBool(dst, v), err
	case int64:
		return strconv.AppendInt(dst, v, 10), err
	case uint64:
		return strconv.AppendUint(dst, v, 10), err
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return dst, fmt.Errorf("%v is not a number that a manifest can hold", v)
		}
		return appendFloat(dst, v), err
	}
	return dst, fmt.Errorf("a value of Go type %T has no place in a manifest", v)
}

// isLiteral tells whether a text of several lines can stand as it is: no line and no end that a reader would strip or could
// take for indentation, nothing that must be escaped.
func isLiteral(s string) bool {
	first := strings.IndexByte(s, '\n')
	if first <= 0 || s[0] == ' ' || s[0] == '\t' || strings.HasSuffix(s, "\n\n") {
		return false
	}
	for i, r := range s {
		switch {
		case r == '\n' || r == '\t':
			if i > 0 && s[i-1] == '\n' && r == '\t' {
				return false
			}
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return false
		}
	}
	for line := range strings.Lines(s) {
		if t := strings.TrimRight(line, "\n"); t != "" && strings.Trim(t, " \t") == "" {
			return false
		}
	}
	return true
}

func (y *yamlWriter) literal(s string, indent int) {
	y.buf = append(y.buf, '|')
	if !strings.HasSuffix(s, "\n") {
		y.buf = append(y.buf, '-')
	}
	s = strings.TrimSuffix(s, "\n")
	for line := range strings.Lines(s) {
		y.buf = append(y.buf, '\n')
		line = strings.TrimSuffix(line, "\n")
		if line != "" {
			y.indent(indent)
			y.buf = append(y.buf, line...)
		}
	}
}
