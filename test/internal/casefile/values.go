package casefile

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Headers maps a name to one or several values.
type Headers map[string]Values

// Values is written as one string or as a list.
type Values []string

// UnmarshalYAML accepts both spellings.
func (v *Values) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*v = Values{n.Value}
		return nil
	}
	return n.Decode((*[]string)(v))
}

// Numbers is written as one number or as a list.
type Numbers []int

// UnmarshalYAML accepts both spellings.
func (v *Numbers) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return n.Decode((*[]int)(v))
	}
	var one int
	if err := n.Decode(&one); err != nil {
		return err
	}
	*v = Numbers{one}
	return nil
}

// Within tells whether x lies between the first and the last number, a single number being both.
func (v Numbers) Within(x int) bool { return len(v) > 0 && x >= v[0] && x <= v[len(v)-1] }

// Contains tells whether x is one of the numbers.
func (v Numbers) Contains(x int) bool {
	for _, n := range v {
		if n == x {
			return true
		}
	}
	return false
}

// Endpoints is written as a number or as a list; nil is the default, one endpoint.
type Endpoints []Endpoint

// UnmarshalYAML accepts both spellings.
func (e *Endpoints) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return n.Decode((*[]Endpoint)(e))
	}
	var count int
	if err := n.Decode(&count); err != nil {
		return err
	}
	*e = make(Endpoints, count)
	return nil
}

// Match compares a value with an expectation: equality, or after a tilde an unanchored regular expression.
func Match(want, got string) bool {
	expr, isRegex := strings.CutPrefix(want, "~")
	if !isRegex {
		return want == got
	}
	re, err := regexp.Compile(expr)
	return err == nil && re.MatchString(got)
}
