package manifest

import (
	"bytes"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Packed is a message in its wire form. A fleet's objects wait there until they are written: they take a fifth of the memory,
// and the garbage collector has nothing to look at.
type Packed struct {
	of   protoreflect.MessageType
	wire []byte
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
	return Packed{m.ProtoReflect().Type(), wire}
}

// Size is the length of the wire form.
func (p Packed) Size() int { return len(p.wire) }

// Key is the same for messages that are the same.
func (p Packed) Key() string { return string(p.of.Descriptor().FullName()) + "\x00" + string(p.wire) }

// Message unpacks. Each call gives a message of its own.
func (p Packed) Message() proto.Message {
	m := p.of.New().Interface()
	if err := proto.Unmarshal(p.wire, m); err != nil {
		panic("manifest: " + err.Error()) // Pack wrote it
	}
	return m
}

// HasZero tells whether there is a zero byte in the wire form; without one, there is none in any text of the message.
func (p Packed) HasZero() bool { return bytes.IndexByte(p.wire, 0) >= 0 }
