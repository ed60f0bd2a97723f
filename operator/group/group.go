// Package group finds which Ingresses must be translated together.
package group

import "slices"

// Of gives the groups of n things that share a word, directly or through others: lists of indexes, each in rising order, by their
// first index.
func Of(words [][]string) [][]int {
	parent := make([]int, len(words))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[string]int{}
	for i, ws := range words {
		for _, w := range ws {
			j, ok := first[w]
			if !ok {
				first[w] = i
				continue
			}
			a, b := root(i), root(j)
			parent[max(a, b)] = min(a, b)
		}
	}
	members := map[int][]int{}
	var roots []int
	for i := range words {
		r := root(i)
		if members[r] == nil {
			roots = append(roots, r)
		}
		members[r] = append(members[r], i)
	}
	slices.Sort(roots)
	out := make([][]int, 0, len(roots))
	for _, r := range roots {
		out = append(out, members[r])
	}
	return out
}
