package istio

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// subjectPattern is the pattern of x-forwarded-client-cert values whose certificate has a subject in which a pattern is
// found. Envoy writes Hash=…;Cert="…";Subject="…" and then the certificate's other names, which whoever asked for the
// certificate chose: no part of the pattern may match a quotation mark, or such a name would pass for a subject.
func subjectPattern(written string) (string, error) {
	re, err := syntax.Parse(written, syntax.Perl)
	if err != nil {
		return "", fmt.Errorf("the pattern %q cannot be read: %w", written, err)
	}
	if err := keepInside(re); err != nil {
		return "", fmt.Errorf("the pattern %q %w", written, err)
	}
	tail, err := closing(re)
	if err != nil {
		return "", fmt.Errorf("the pattern %q %w", written, err)
	}
	p := `Hash=[0-9a-f]*;Cert="[^"]*";Subject="[^"]*` + tail + `(?:;.*)?`
	if _, err := regexp.Compile(p); err != nil {
		return "", fmt.Errorf("the pattern %q cannot be written for Envoy: %w", written, err)
	}
	return p, nil
}

// keepInside changes a pattern so that it matches no quotation mark and no line break.
func keepInside(re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r == '"' || r == '\n' || r == utf8.RuneError {
				return errors.New("has a quotation mark or line break in it")
			}
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		re.Op, re.Rune = syntax.OpCharClass, []rune{0, utf8.MaxRune}
		fallthrough
	case syntax.OpCharClass:
		if re.Rune = withoutRune(withoutRune(re.Rune, '"'), '\n'); len(re.Rune) == 0 {
			return errors.New("has a class of nothing but a quotation mark or line break")
		}
	}
	for _, s := range re.Sub {
		if err := keepInside(s); err != nil {
			return err
		}
	}
	return nil
}

// withoutRune takes one character out of the ranges of a class.
func withoutRune(ranges []rune, out rune) []rune {
	var kept []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if out < lo || out > hi {
			kept = append(kept, lo, hi)
			continue
		}
		if lo < out {
			kept = append(kept, lo, out-1)
		}
		if out < hi {
			kept = append(kept, out+1, hi)
		}
	}
	return kept
}

// closing writes a pattern together with the rest of the subject and its closing quotation mark, so that an end of text in
// the pattern stands for that mark.
func closing(re *syntax.Regexp) (string, error) {
	switch re.Op {
	case syntax.OpEndText, syntax.OpEndLine:
		return `"`, nil
	case syntax.OpCapture:
		return closing(re.Sub[0])
	case syntax.OpAlternate:
		var parts []string
		for _, s := range re.Sub {
			p, err := closing(s)
			if err != nil {
				return "", err
			}
			parts = append(parts, p)
		}
		return "(?:" + strings.Join(parts, "|") + ")", nil
	case syntax.OpConcat:
		last := len(re.Sub) - 1
		var b strings.Builder
		for _, s := range re.Sub[:last] {
			if anchored(s) {
				return "", errors.New("has the beginning or end of the text in its middle")
			}
			b.WriteString("(?:" + s.String() + ")")
		}
		p, err := closing(re.Sub[last])
		return b.String() + p, err
	}
	if anchored(re) {
		return "", errors.New("has the beginning or end of the text in its middle")
	}
	return "(?:" + re.String() + `)[^"]*"`, nil
}

// anchored tells whether a pattern looks at the beginning or end of the text.
func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return true
	}
	return slices.ContainsFunc(re.Sub, anchored)
}
