package istio

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"google.golang.org/protobuf/proto"
)

// nameBook gives every thing a name of its own: a name that two things would have gets a hash in the second's, which
// does not depend on the order in which they come as long as callers ask in a fixed order.
type nameBook struct {
	taken map[string]string // kind/namespace/name → identity
}

// claim gives the name base, or one with a hash of the identity if another identity has it. Asking twice with one identity
// gives one name. most is the length limit.
func (b *nameBook) claim(kind, namespace, base, identity string, most int) string {
	if b.taken == nil {
		b.taken = map[string]string{}
	}
	n := base
	if len(n) > most {
		n = shorten(base, identity, most)
	}
	for {
		k := kind + "\x00" + namespace + "\x00" + n
		id, ok := b.taken[k]
		if !ok {
			b.taken[k] = identity
			return n
		}
		if id == identity {
			return n
		}
		if m := shorten(base, identity, most); m != n {
			n = m
			continue
		}
		identity += "+" // a hash that collides: try the next
		n = shorten(base, identity, most)
	}
}

// shorten cuts a name and appends a hash of the identity.
func shorten(base, identity string, most int) string {
	h := sha256.Sum256([]byte(identity))
	suffix := "-" + hex.EncodeToString(h[:5])
	if len(base)+len(suffix) > most {
		base = base[:most-len(suffix)]
	}
	return strings.TrimRight(base, ".-") + suffix
}

const (
	maxName  = 253 // DNS subdomain
	maxLabel = 63  // DNS label
)

// dnsLabel makes a DNS label out of a host or a name: dots become hyphens.
func dnsLabel(s string) string {
	s = strings.ReplaceAll(s, "*", "any")
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-'
	}, strings.ToLower(s)), "-")
}

// dnsName makes a DNS subdomain out of a host: *.a.test becomes any.a.test, * becomes any.
func dnsName(host string) string { return strings.ReplaceAll(host, "*", "any") }

// shortHash is a short name for content.
func shortHash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:4])
}

// hashOf is a short name for a message.
func hashOf(m proto.Message) string {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic("istio: " + err.Error())
	}
	return shortHash(string(b))
}
