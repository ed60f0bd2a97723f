package manifest

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Parts of a fleet's objects are the same in most of them: headers, retries, matches. Their text is kept, and copied when the
// same bytes come again.

// knownTexts are those of one type of message.
type knownTexts struct {
	byWire        map[textKey][]byte
	asked, copied int
}

type textKey struct {
	indent  int
	started bool
	wire    string
}

// mostTexts of one type are kept. A type of which fewer than a quarter come again after triedTexts is not looked up any more.
const (
	mostTexts  = 1024
	triedTexts = 512
)

func (k *knownTexts) rare() bool { return k.asked >= triedTexts && k.copied*4 < k.asked }

// isEmpty tells whether there is nothing to write of a message.
func (y *yamlWriter) isEmpty(r record) bool {
	return len(r.bytes) == 0 && alwaysSaid(r.field.Message()) == nil
}

// nested writes the fields of a message that is not empty.
func (y *yamlWriter) nested(r record, indent int, started bool) {
	d := r.field.Message()
	k := y.known[d]
	if k == nil {
		if y.known == nil {
			y.known = map[protoreflect.MessageDescriptor]*knownTexts{}
		}
		k = &knownTexts{byWire: map[textKey][]byte{}}
		y.known[d] = k
	}
	if k.rare() {
		y.writeRecords(y.records(d, r.bytes), indent, started)
		return
	}
	k.asked++
	if text, ok := k.byWire[textKey{indent, started, string(r.bytes)}]; ok {
		k.copied++
		y.buf = append(y.buf, text...)
		return
	}
	start := len(y.buf)
	y.writeRecords(y.records(d, r.bytes), indent, started)
	if y.failure() == nil && len(k.byWire) < mostTexts {
		k.byWire[textKey{indent, started, string(r.bytes)}] = slices.Clone(y.buf[start:])
	}
}
