// Package mutate breaks translations on purpose, to prove that the cases notice.
package mutate

import "github.com/ingress2gw/ingress2gw/test/internal/casefile"

// Mutation is one way to get a translation wrong.
type Mutation struct {
	Name  string
	Why   string   // what a user would suffer
	Cases []string // where it is tried
	// Break changes the objects and the mesh configuration; it tells whether it found something to break.
	Break func(*Target) bool
}

// Target is the translation to break.
type Target struct {
	Docs []casefile.Object
	Mesh []byte
}

// Apply runs the mutation.
func (m Mutation) Apply(docs []casefile.Object, mesh []byte) ([]casefile.Object, []byte, bool) {
	t := &Target{Docs: docs, Mesh: mesh}
	changed := m.Break(t)
	return t.Docs, t.Mesh, changed
}

// Find returns a mutation by name.
func Find(name string) (Mutation, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Mutation{}, false
}
