package annotations

import (
	"strconv"
	"strings"
	"time"
)

// Bool reads a Go boolean (1, t, T, TRUE, true, True, 0, ...). Values that are none count as false; a Check refuses them earlier.
func (in *Ingress) Bool(key string) bool {
	b, _ := parseBool(in.Text(key))
	return b
}

// parseBool reads a Go boolean, and tells whether there is one. Unlike strconv's it makes no error of other values: there are many.
func parseBool(s string) (b, ok bool) {
	switch s {
	case "1", "t", "T", "true", "TRUE", "True":
		return true, true
	case "0", "f", "F", "false", "FALSE", "False":
		return false, true
	}
	return false, false
}

// Int reads an integer without a unit; 0 if there is none.
func (in *Ingress) Int(key string) int {
	n, err := strconv.Atoi(in.Text(key))
	if err != nil {
		return 0
	}
	return n
}

// Seconds reads an integer number of seconds.
func (in *Ingress) Seconds(key string) time.Duration { return time.Duration(in.Int(key)) * time.Second }

// List reads a list separated by commas; empty entries are left out, the others trimmed.
func (in *Ingress) List(key string) []string { return SplitList(in.Text(key)) }

// Parse gives what a function makes of the value that holds: always the same function for a key. The result belongs to all
// Ingresses with the value, and must not be changed.
func Parse[V any](in *Ingress, key string, parse func(string) V) V {
	v, _ := in.Edge.mustKey(key).parsed.Of(in.Text(key), func(text string) any { return parse(text) }).(V)
	return v
}

// SplitList splits at commas; empty entries are left out, the others trimmed.
func SplitList(s string) []string {
	var out []string
	for f := range strings.SplitSeq(s, ",") {
		if f = strings.TrimSpace(f); f != "" {
			out = append(out, f)
		}
	}
	return out
}
