package annotations

import (
	"strconv"
	"strings"
	"time"
)

// Bool reads a Go boolean (1, t, T, TRUE, true, True, 0, ...). Values that are none count as false; a Check refuses them earlier.
func (in *Ingress) Bool(key string) bool {
	b, err := strconv.ParseBool(in.Text(key))
	return err == nil && b
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
