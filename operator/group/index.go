package group

import "slices"

// Index knows the words of things, and finds those that hang together without looking at all. The zero value is ready to use.
type Index[K comparable] struct {
	words map[K][]string
	of    map[K]any
	by    map[string][]K
}

// Set notes the words of a thing; none forgets it.
func (x *Index[K]) Set(k K, words []string) {
	delete(x.of, k)
	if slices.Equal(x.words[k], words) {
		return
	}
	if x.words == nil {
		x.words, x.by = map[K][]string{}, map[string][]K{}
	}
	for _, w := range x.words[k] {
		if x.by[w] = slices.DeleteFunc(x.by[w], func(o K) bool { return o == k }); len(x.by[w]) == 0 {
			delete(x.by, w)
		}
	}
	if delete(x.words, k); len(words) == 0 {
		return
	}
	x.words[k] = words
	for _, w := range words {
		if !slices.Contains(x.by[w], k) {
			x.by[w] = append(x.by[w], k)
		}
	}
}

// Note is Set for words that are those of something: they are not made again for the same. It gives them.
func (x *Index[K]) Note(k K, of any, words func() []string) []string {
	if old, ok := x.of[k]; ok && old == of {
		return x.words[k]
	}
	x.Set(k, words())
	if x.of == nil {
		x.of = map[K]any{}
	}
	x.of[k] = of
	return x.words[k]
}

// Len is the number of things with words.
func (x *Index[K]) Len() int { return len(x.words) }

// Keep forgets all but some.
func (x *Index[K]) Keep(some func(K) bool) {
	for k := range x.words {
		if !some(k) {
			x.Set(k, nil)
		}
	}
}

// With gives things with all that share a word with them, directly or through others, as far as they count. It gives up above a number,
// and then says false.
func (x *Index[K]) With(start []K, counts func(K) bool, most int) ([]K, bool) {
	var out []K
	seen, known := map[K]bool{}, map[string]bool{}
	add := func(k K) {
		if !seen[k] && counts(k) {
			seen[k] = true
			out = append(out, k)
		}
	}
	for _, k := range start {
		add(k)
	}
	for i := 0; i < len(out); i++ { //nolint:intrange // it grows on the way
		if len(out) > most {
			return nil, false
		}
		for _, w := range x.words[out[i]] {
			if known[w] {
				continue
			}
			known[w] = true
			for _, k := range x.by[w] {
				add(k)
			}
		}
	}
	return out, true
}
