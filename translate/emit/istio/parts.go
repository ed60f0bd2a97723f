package istio

import (
	"fmt"
	"hash/fnv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

const (
	// partBytes is how much JSON an EnvoyFilter holds before its patches are spread over several. An API server takes about as
	// long for one more patch as it takes for all that are there. Besides, `kubectl apply` keeps a copy of the object in an annotation
	// of at most 256 KiB.
	partBytes = 64 << 10
	// jsonOverhead is by how much JSON is longer than the wire form at the most.
	jsonOverhead = 8
)

// small tells cheaply that all patches fit into one object.
func small(ps []*envoyPatch) bool {
	wire := 0
	for _, p := range ps {
		if wire += 64 + proto.Size(p.value); wire*jsonOverhead > partBytes {
			return false
		}
	}
	return true
}

// jsonBytes is the size of a patch in an object. What cannot be written as JSON is reported where it is written.
func (p *envoyPatch) jsonBytes() int {
	text, err := manifest.JSON(p.tree())
	if err != nil {
		return 0
	}
	return len(text) + 1
}

// spread divides patches whose order does not matter. A patch stays in its part, by the hash of its key, while others come
// and go: else a protection would be missing for as long as it takes to apply the next part. Only when all parts are
// full, half of the patches move to new ones.
func spread(ps []*envoyPatch, keys []string) [][]*envoyPatch {
	if small(ps) {
		return [][]*envoyPatch{ps}
	}
	total := 0
	for _, p := range ps {
		total += p.jsonBytes()
	}
	parts := 1
	for total > partBytes && parts*partBytes*2/3 < total { // not full on average: hashes are not even
		parts *= 2
	}
	out := make([][]*envoyPatch, parts)
	for i, p := range ps {
		n := part(keys[i], parts)
		out[n] = append(out[n], p)
	}
	return out
}

func part(key string, parts int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return int(h.Sum32() % uint32(parts))
}

// RoutePart is the part of several, from 0, in which the patch of the proxy's routes of a name stands.
func RoutePart(route string, parts int) int {
	name := strings.TrimSuffix(strings.TrimSuffix(route, "."+matchPlain), "."+matchUpgrade)
	return part(name, parts)
}

// ServerPart is the part in which the patch of the TLS server of a host stands.
func ServerPart(sni string, parts int) int { return part(sni, parts) }

// inTurn divides patches that have to be applied in order.
func inTurn(ps []*envoyPatch) [][]*envoyPatch {
	if small(ps) {
		return [][]*envoyPatch{ps}
	}
	var out [][]*envoyPatch
	size := partBytes + 1
	for _, p := range ps {
		n := p.jsonBytes()
		if size+n > partBytes {
			out, size = append(out, nil), 0
		}
		size += n
		last := len(out) - 1
		out[last] = append(out[last], p)
	}
	return out
}

// PartName is the name of the i-th object; the first has the name that it would have alone.
func PartName(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, i+1)
}
