package annotations

// Memo remembers what was made of the first values that were met: Ingresses mostly say what others say.
type Memo[K comparable, V any] map[K]V

// mostRemembered bounds what a Memo holds.
const mostRemembered = 100

// Of gives what is made of a value, which must always be the same.
func (m Memo[K, V]) Of(k K, of func(K) V) V {
	v, ok := m[k]
	if !ok {
		v = of(k)
		if len(m) < mostRemembered {
			m[k] = v
		}
	}
	return v
}
