package reports

import (
	"fmt"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Selector picks findings by code and object. A * stands for any text.
type Selector struct {
	Code, Kind, Namespace, Name string // empty parts match everything
}

// ParseSelector reads CODE[=[KIND] [NAMESPACE/NAME]], as in "I2G4001=Ingress shop/*".
func ParseSelector(s string) (Selector, error) {
	code, object, scoped := strings.Cut(s, "=")
	sel := Selector{Code: strings.TrimSpace(code)}
	if !knownCode(sel.Code) {
		return sel, fmt.Errorf("%q is not a finding code: codes look like I2G4001, with * for any text", sel.Code)
	}
	words := strings.Fields(object)
	if scoped && len(words) == 0 || len(words) > 2 {
		return sel, fmt.Errorf("%q does not select an object: write CODE=KIND NAMESPACE/NAME, CODE=KIND or CODE=NAMESPACE/NAME", s)
	}
	for i, w := range words {
		namespace, name, both := strings.Cut(w, "/")
		switch {
		case both && sel.Name == "" && !strings.Contains(name, "/") && namespace != "" && name != "":
			sel.Namespace, sel.Name = namespace, name
		case !both && i == 0:
			sel.Kind = w
		case !both && sel.Kind != "": // an object without a namespace
			sel.Name = w
		default:
			return sel, fmt.Errorf("%q does not select an object: write CODE=KIND NAMESPACE/NAME, CODE=KIND or CODE=NAMESPACE/NAME", s)
		}
	}
	return sel, nil
}

func knownCode(pattern string) bool {
	for i := range finding.Catalogue {
		if wild(pattern, string(finding.Catalogue[i].Code)) {
			return true
		}
	}
	return false
}

// Match tells whether a code about an object is selected.
func (s Selector) Match(code finding.Code, o *finding.Object) bool {
	if o == nil {
		o = &finding.Object{}
	}
	part := func(pattern, value string) bool { return pattern == "" || wild(pattern, value) }
	return wild(s.Code, string(code)) && part(s.Kind, o.Kind) && part(s.Namespace, o.Namespace) && part(s.Name, o.Name)
}

// MatchAny tells whether one of the selectors matches.
func MatchAny(selectors []Selector, code finding.Code, o *finding.Object) bool {
	for _, s := range selectors {
		if s.Match(code, o) {
			return true
		}
	}
	return false
}

// wild compares a text with a pattern in which * stands for any text. Letters count by case.
func wild(pattern, s string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		piece, more, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(s, piece)
		}
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(piece):], more
	}
}
