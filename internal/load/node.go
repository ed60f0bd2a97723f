package load

// kind is the JSON type of a node, after YAML's rules for plain scalars were applied.
type kind uint8

const (
	null kind = iota
	boolean
	integer
	float
	text
	sequence
	mapping
)

// String names the kind in messages.
func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a number", "a string", "a list", "a map"}[k]
}

// node is one value of a document. All three parsers (plain block YAML, full YAML, JSON) make the same tree, so that what
// reads objects does not depend on how they were written.
type node struct {
	kind    kind
	line    int32  // of the value; a map in block style begins at its first key
	keyLine int32  // of the key, if the node is a map's value
	count   int32  // children
	key     string // if the node is a map's value
	text    string // of a scalar: a string's content, a number's decimal or float form, "true" or "false"

	first, last, next *node
}

// children ranges over the items of a list or the values of a map, in their order.
func (n *node) children(yield func(*node) bool) {
	if n == nil {
		return
	}
	for c := n.first; c != nil; c = c.next {
		if !yield(c) {
			return
		}
	}
}

// get is the value of a key of a map; nil when there is none.
func (n *node) get(key string) *node {
	for c := range n.children {
		if n.kind == mapping && c.key == key {
			return c
		}
	}
	return nil
}

// str is the text of a key's value, "" unless that is a string.
func (n *node) str(key string) string {
	if c := n.get(key); c != nil && c.kind == text {
		return c.text
	}
	return ""
}

// place is the line to report for a value: that of its key, if it has one.
func (n *node) place() int32 {
	if n.keyLine > 0 {
		return n.keyLine
	}
	return n.line
}

func (n *node) add(c *node) {
	if n.last == nil {
		n.first = c
	} else {
		n.last.next = c
	}
	n.last = c
	n.count++
}

const chunk = 256

// arena hands out the nodes of one document and takes them all back at once: reading a fleet makes millions of nodes, of
// which only one document's are needed at a time.
type arena struct {
	chunks  [][]node
	current int // index of the chunk in use
	used    int // nodes used in it
}

// reset takes all nodes back, and gives up the memory that an unusually large document needed.
func (a *arena) reset() {
	a.current, a.used = 0, 0
	if len(a.chunks) > 64 {
		clear(a.chunks[64:])
		a.chunks = a.chunks[:64]
	}
}

func (a *arena) node(k kind, line int32) *node {
	if len(a.chunks) == 0 {
		a.chunks = append(a.chunks, make([]node, chunk))
	}
	if a.used == chunk {
		a.current, a.used = a.current+1, 0
		if a.current == len(a.chunks) {
			a.chunks = append(a.chunks, make([]node, chunk))
		}
	}
	n := &a.chunks[a.current][a.used]
	a.used++
	*n = node{kind: k, line: line}
	return n
}

func (a *arena) scalar(k kind, s string, line int32) *node {
	n := a.node(k, line)
	n.text = s
	return n
}

// tree is a parsed document.
type tree struct {
	root *node
	// twice is the first value whose key its map already had; nil when there is none.
	twice *node
}

// noteDuplicates looks for a key that stands twice in a finished map.
func (t *tree) noteDuplicates(m *node) {
	if t.twice != nil || m.count < 2 {
		return
	}
	if m.count > 16 {
		seen := make(map[string]struct{}, m.count)
		for c := range m.children {
			if _, ok := seen[c.key]; ok {
				t.twice = c
				return
			}
			seen[c.key] = struct{}{}
		}
		return
	}
	for c := m.first.next; c != nil; c = c.next {
		for b := m.first; b != c; b = b.next {
			if b.key == c.key {
				t.twice = c
				return
			}
		}
	}
}
