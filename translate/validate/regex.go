package validate

import (
	"regexp/syntax"
	"strconv"
	"strings"
)

// maxRegex is Istio's limit in bytes; maxProgram is what Istio lets Envoy compile.
const (
	maxRegex   = 1024
	maxProgram = 32768
)

// regex checks a pattern that Envoy will compile by RE2.
func (c *check) regex(p *at, sub, pattern string) {
	if len(pattern) > maxRegex {
		c.bad(p, sub, "%s: %d bytes, at most %d", quote(pattern), len(pattern), maxRegex)
		return
	}
	if reason := c.regexProblem(pattern); reason != "" {
		c.bad(p, sub, "%s: %s", quote(pattern), reason)
	}
}

func (c *check) regexProblem(pattern string) string {
	if pattern == "" {
		return "is empty"
	}
	reason, ok := c.regexes[pattern]
	if !ok {
		reason = compileProblem(pattern)
		c.regexes[pattern] = reason
	}
	return reason
}

func compileProblem(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	}
	// Counted repetition is what makes short patterns large.
	if len(pattern) < 128 && strings.IndexByte(pattern, '{') < 0 {
		return ""
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return err.Error()
	}
	size := 0
	for i := range prog.Inst {
		size += instructions(&prog.Inst[i])
	}
	if size > maxProgram {
		return "compiles to about " + strconv.Itoa(size) + " instructions, at most " + strconv.Itoa(maxProgram)
	}
	return ""
}

// instructions estimates, from above, what an instruction becomes in Envoy's RE2, which works on bytes.
func instructions(in *syntax.Inst) int {
	switch in.Op {
	case syntax.InstRuneAnyNotNL:
		return 2
	case syntax.InstRune1:
		if len(in.Rune) > 0 && in.Rune[0] >= 0x80 {
			return 4
		}
	case syntax.InstRune:
		n := 1
		for i := 0; i < len(in.Rune) && in.Rune[i] <= 0xff; i += 2 {
			n++
		}
		return n
	}
	return 1
}

// substitution checks a pattern with its replacement, in which \1 stands for a group.
func (c *check) substitution(p *at, sub, pattern, replacement string) {
	if pattern == "" || replacement == "" {
		c.bad(p, sub, "match and rewrite are required")
		return
	}
	c.regex(p, sub+".match", pattern)
	if reason := replacementProblem(pattern, replacement); reason != "" {
		c.bad(p, sub+".rewrite", "%s: %s", quote(replacement), reason)
	}
}

func replacementProblem(pattern, replacement string) string {
	groups := 0
	if re, err := syntax.Parse(pattern, syntax.Perl); err == nil {
		groups = re.MaxCap()
	}
	for i := 0; i < len(replacement); i++ {
		if replacement[i] != '\\' {
			continue
		}
		i++
		switch {
		case i == len(replacement):
			return "ends in a single \\"
		case replacement[i] == '\\':
		case !digit(replacement[i]):
			return "\\" + replacement[i:i+1] + " means nothing; \\ is written \\\\"
		case int(replacement[i]-'0') > groups:
			return "\\" + replacement[i:i+1] + ": the pattern has " + strconv.Itoa(groups) + " groups"
		}
	}
	return ""
}
