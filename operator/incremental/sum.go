package incremental

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Sum is the same for things that are the same.
type Sum [sha256.Size]byte

// summer sums up values. Every text is written with its length, and every value with its type, so that no two differ only in where one
// ends.
type summer struct{ h hash.Hash }

func newSummer() summer { return summer{sha256.New()} }

func (s summer) sum() (out Sum) {
	s.h.Sum(out[:0])
	return out
}

func (s summer) number(n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = s.h.Write(b[:])
}

func (s summer) text(t string) {
	s.number(uint64(len(t)))
	_, _ = io.WriteString(s.h, t)
}

func (s summer) texts(m map[string]string) {
	s.number(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		s.text(k)
		s.text(m[k])
	}
}

func (s summer) value(v any) {
	switch v := v.(type) {
	case nil:
		s.text("nil")
	case manifest.Packed:
		s.text("message")
		s.text(v.Key())
	case proto.Message:
		s.value(packed(v))
	case manifest.Map:
		s.text("map")
		s.number(uint64(len(v)))
		for _, f := range v {
			s.text(f.Key)
			s.value(f.Value)
		}
	case []any:
		s.text("list")
		s.number(uint64(len(v)))
		for _, x := range v {
			s.value(x)
		}
	case []string:
		s.text("list")
		s.number(uint64(len(v)))
		for _, x := range v {
			s.value(x)
		}
	case map[string]string:
		s.text("texts")
		s.texts(v)
	case string:
		s.text("text")
		s.text(v)
	default: // a number or a bool
		s.text(fmt.Sprintf("%T %v", v, v))
	}
}

// packed gives the wire form of a message. One that has none is told by its text, which may say that equal ones differ.
func packed(m proto.Message) any {
	if p, ok := manifest.Pack(m).(manifest.Packed); ok {
		return p
	}
	return fmt.Sprint(m)
}

// Of sums up an object with all that is applied of it and all that is known of it.
func Of(o *manifest.Object) Sum {
	s := newSummer()
	for _, t := range [...]string{o.APIVersion, o.Kind, o.Namespace, o.Name, o.Owner} {
		s.text(t)
	}
	s.texts(o.Labels)
	s.texts(o.Annotations)
	s.value(o.Spec)
	s.value(o.Fields)
	s.number(uint64(o.Stage))
	s.value(o.Shared)
	for _, origin := range o.Origins {
		s.text(origin.Object.Ref())
	}
	return s.sum()
}

// said are what is said of some objects.
type said map[*finding.Object]summer

// finding adds what is said.
func (s summer) finding(f *finding.Finding) {
	s.text(string(f.Code))
	s.text(string(f.Class))
	s.text(f.Origin.Field)
	s.value(f.Args)
	s.value(f.Waived)
}

func sumOf(v any) Sum {
	s := newSummer()
	s.value(v)
	return s.sum()
}
