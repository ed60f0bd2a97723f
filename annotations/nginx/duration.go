package nginx

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// timeUnits are nginx's, in the order in which they may follow each other. Months have 30 days and years 365.
var timeUnits = []struct {
	text string
	unit time.Duration
}{
	{"y", 365 * 24 * time.Hour}, {"M", 30 * 24 * time.Hour}, {"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour},
	{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// parseTime reads a time of nginx: 60, 60s, "1h 30m", 500ms. A number without unit stands last and means seconds.
func parseTime(s string) (time.Duration, error) {
	var total time.Duration
	if s == "" {
		return 0, errors.New("not a time")
	}
	for last := -1; s != ""; {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		n, err := strconv.ParseInt(s[:digits], 10, 64)
		if err != nil {
			return 0, errors.New("not a time such as 60s")
		}
		u, rest := timeUnit(s[digits:])
		if u <= last {
			return 0, errors.New("the units of the time are unknown or out of order")
		}
		last = u
		unit := timeUnits[u].unit
		if n > int64((1<<63-1-total)/unit) {
			return 0, errors.New("the time is too long")
		}
		total += time.Duration(n) * unit
		s = strings.TrimLeft(rest, " ")
	}
	return total, nil
}

// timeUnit takes a unit and gives its index, or -1. Nothing at all is seconds.
func timeUnit(s string) (int, string) {
	if s == "" {
		return 6, ""
	}
	if rest, ok := strings.CutPrefix(s, "ms"); ok {
		return 7, rest
	}
	for i, u := range timeUnits[:7] {
		if rest, ok := strings.CutPrefix(s, u.text); ok {
			return i, rest
		}
	}
	return -1, s
}
