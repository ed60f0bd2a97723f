package nginx

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The checks below refuse what the controller refuses (v1.15), value by value. The controller does not check empty
// values, so neither do they; the exceptions say so.

// checker is a test of one value: nil, or the reason why it is refused.
type checker = func(value string) error

// boolean accepts what Go reads as a boolean: 1, t, T, TRUE, true, True, 0, f, F, FALSE, false, False.
func boolean(v string) error {
	if v == "" {
		return nil
	}
	if _, err := strconv.ParseBool(v); err != nil {
		return errors.New("not a boolean")
	}
	return nil
}

// integer accepts decimal numbers without a unit, negative ones included.
func integer(v string) error {
	if v == "" {
		return nil
	}
	_, err := strconv.Atoi(v)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return errors.New("number out of range")
	case err != nil:
		return errors.New("not an integer")
	}
	return nil
}

// number accepts decimal fractions.
func number(v string) error {
	if v == "" {
		return nil
	}
	if _, err := strconv.ParseFloat(v, 64); err != nil {
		return errors.New("not a number")
	}
	return nil
}

// duration accepts Go durations such as 5s or 1m30s.
func duration(v string) error {
	if v == "" {
		return nil
	}
	if _, err := time.ParseDuration(v); err != nil {
		return errors.New("not a duration such as 5s")
	}
	return nil
}

// oneOf accepts the words as they are written.
func oneOf(words ...string) checker {
	return func(v string) error {
		if v = strings.TrimSpace(v); v == "" {
			return nil
		}
		if slices.Contains(words, v) {
			return nil
		}
		return errors.New("not one of " + strings.Join(words, ", "))
	}
}

// oneOfAnyCase accepts the words in any mixture of cases.
func oneOfAnyCase(words ...string) checker {
	return func(v string) error {
		if v = strings.TrimSpace(v); v == "" {
			return nil
		}
		for _, w := range words {
			if strings.EqualFold(v, w) && len(v) == len(w) {
				return nil
			}
		}
		return errors.New("not one of " + strings.Join(words, ", "))
	}
}

// onOff accepts on and off in lower case.
var onOff = oneOf("on", "off")

// onOffSpaced is onOff for keys whose check ignores spaces.
var onOffSpaced = unspaced(onOff)

// contains accepts text with one of the words anywhere in it: the controller looks for some words without anchors.
func contains(words ...string) checker {
	return unspaced(func(v string) error {
		for _, w := range words {
			if v == "" || strings.Contains(v, w) {
				return oneLine(v)
			}
		}
		return errors.New("holds none of " + strings.Join(words, ", "))
	})
}

// oneLine refuses line breaks.
func oneLine(v string) error {
	if strings.ContainsAny(v, "\r\n") {
		return errors.New("line break")
	}
	return nil
}

// unspaced runs a check on the value without its spaces, as the controller does for most keys.
func unspaced(c checker) checker {
	return func(v string) error { return c(strings.ReplaceAll(v, " ", "")) }
}

// both runs two checks.
func both(a, b checker) checker {
	return func(v string) error {
		if err := a(v); err != nil {
			return err
		}
		return b(v)
	}
}

// between accepts integers of a range.
func between(low, high int) checker {
	return both(integer, func(v string) error {
		if n, err := strconv.Atoi(v); err == nil && (n < low || n > high) {
			return fmt.Errorf("not between %d and %d", low, high)
		}
		return nil
	})
}

// matching accepts values that the whole of an expression matches; what describes them for the message.
func matching(expr, what string) checker {
	re := regexp.MustCompile(`^(?:` + expr + `)$`)
	return func(v string) error {
		if v != "" && (!re.MatchString(v) || oneLine(v) != nil) {
			return errors.New("not " + what)
		}
		return nil
	}
}
