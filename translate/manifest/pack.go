package manifest

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/klauspost/compress/s2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Packed is a message in its wire form. A fleet's objects wait there until they are written: they take a fifth of the memory,
// and the garbage collector has nothing to look at. Long ones are compressed, which is quick, and makes a tenth of routes.
type Packed struct {
	of   protoreflect.MessageType
	wire []byte
	size int  // of the wire form, if it is compressed; else 0
	zero bool // there is a zero byte in it, if it is compressed
}

// leastCompressed is the length from which on a wire form is compressed.
const leastCompressed = 1 << 10

// compressed gives the same with the wire form compressed, by way of a buffer, if that is worth it.
func (p Packed) compressed(buf []byte) (Packed, []byte) {
	if len(p.wire) < leastCompressed {
		p.wire = slices.Clone(p.wire)
		return p, buf
	}
	zero := bytes.IndexByte(p.wire, 0) >= 0
	buf = s2.Encode(buf[:cap(buf)], p.wire)
	return Packed{p.of, slices.Clone(buf), len(p.wire), zero}, buf
}

// plain gives the wire form, by way of a buffer if it is compressed.
func (p Packed) plain(buf []byte) (wire, rest []byte) {
	if p.size == 0 {
		return p.wire, buf
	}
	wire, err := s2.Decode(buf[:cap(buf)], p.wire)
	if err != nil {
		panic("manifest: " + err.Error()) // we wrote it
	}
	return wire, wire
}

// Pack packs a message. Anything else stays as it is, and so does a message that has no wire form (text that is not UTF-8): it
// is left to validation, which says what is wrong with it.
func Pack(v any) any {
	m, ok := v.(proto.Message)
	if !ok || !m.ProtoReflect().IsValid() {
		return v
	}
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return v
	}
	return Packed{of: m.ProtoReflect().Type(), wire: wire}
}

// Size is the length of the wire form.
func (p Packed) Size() int { return cmp.Or(p.size, len(p.wire)) }

// Key is the same for messages that are the same.
func (p Packed) Key() string {
	wire, _ := p.plain(nil)
	return string(p.of.Descriptor().FullName()) + "\x00" + string(wire)
}

// Message unpacks. Each call gives a message of its own.
func (p Packed) Message() proto.Message {
	m := p.of.New().Interface()
	wire, _ := p.plain(nil)
	if err := proto.Unmarshal(wire, m); err != nil {
		panic("manifest: " + err.Error()) // Pack wrote it
	}
	return m
}

// HasZero tells whether there is a zero byte in the wire form; without one, there is none in any text of the message.
func (p Packed) HasZero() bool { return p.zero || p.size == 0 && bytes.IndexByte(p.wire, 0) >= 0 }
