package annotations

import "slices"

// didYouMean names the known key nearest to an unknown one, as a clause; "" if none is near.
func didYouMean(name string, keys map[string]*declared) string {
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	if best := Nearest(name, names); best != "" {
		return " (did you mean " + best + "?)"
	}
	return ""
}

// Nearest is the one of names that was most likely meant by a word that is none of them; "" if none is near.
func Nearest(word string, names []string) string {
	best, dist := "", 4
	for _, k := range slices.Sorted(slices.Values(names)) {
		if d := distance(word, k, dist); d < dist {
			best, dist = k, d
		}
	}
	return best
}

// distance is the edit distance of two words, or limit if it is at least that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev, least := row[0], i
		row[0] = i
		for j := 1; j <= len(b); j++ {
			c := prev
			if a[i-1] != b[j-1] {
				c = min(prev, row[j], row[j-1]) + 1
			}
			prev, row[j] = row[j], c
			least = min(least, c)
		}
		if least >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}
