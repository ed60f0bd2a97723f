package nginx

import (
	"errors"
	"fmt"
	"maps"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Target is what a rewrite makes of a path. One of Literal, Substitution and Template is set.
type Target struct {
	Literal      string      // the whole new path
	Substitution string      // the new path, with \1 for groups of the pattern
	Template     model.Value // the new path, with variables of the request

	// Scheme tells that the target needs the request's scheme, which no rewrite knows. Nothing else is set then: convert
	// once for each scheme, given as the constant "scheme".
	Scheme bool

	// Absolute tells that the target is a URL: nginx answers 302 instead of rewriting, and the query is kept.
	Absolute  bool
	URLScheme string // http or https; "" keeps the request's
	Authority string
	DropQuery bool // the target ends in a question mark
}

// convertTarget converts the target of a rewrite with the pattern p. vars are the variables that are constant.
func convertTarget(target string, p Pattern, vars constants) (Target, error) {
	t := &targetParser{p: p, vars: vars}
	path := t.url(target)
	if strings.HasSuffix(path, "?") {
		path, t.out.DropQuery = path[:len(path)-1], true
	}
	if strings.Contains(path, "?") {
		return Target{}, errors.New("the target adds a query")
	}
	if err := t.parse(path); err != nil {
		return Target{}, err
	}
	if t.scheme {
		return Target{Scheme: true}, nil
	}
	return t.finish(path)
}

type targetParser struct {
	p               Pattern
	vars            constants
	out             Target
	parts           []targetPart
	groups          bool // a group is used
	dynamic, scheme bool
}

// targetPart is text, a variable or a group.
type targetPart struct {
	model.Part
	group int
}

// url cuts scheme and authority off a target that nginx takes for a URL.
func (t *targetParser) url(target string) string {
	rest := target
	switch {
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
		t.out.URLScheme, rest, _ = strings.Cut(target, "://")
	case strings.HasPrefix(target, "$scheme://"):
		rest = target[len("$scheme://"):]
	default:
		return target
	}
	t.out.Absolute = true
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	t.out.Authority = rest[:end]
	if rest = rest[end:]; !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return rest
}

// parse splits the path into parts. References to groups that the pattern lacks are empty, as in nginx.
func (t *targetParser) parse(s string) error {
	for s != "" {
		text, rest, found := strings.Cut(s, "$")
		t.text(text)
		if !found {
			return nil
		}
		name, rest, err := variableName(rest)
		if err != nil {
			return err
		}
		if err := t.variable(name); err != nil {
			return err
		}
		s = rest
	}
	return nil
}

func (t *targetParser) text(s string) {
	if s != "" {
		t.parts = append(t.parts, targetPart{Part: model.Part{Text: s}})
	}
}

func (t *targetParser) variable(name string) error {
	group, named := t.p.Names[foldedName(t.p.Names, name)]
	if n, err := strconv.Atoi(name); err == nil && n > 0 && n < 10 {
		if n > t.p.Groups {
			return nil
		}
		group, named = n, true
	}
	if named {
		if group > 9 {
			return fmt.Errorf("the target names group %d; RE2 knows nine in a substitution", group)
		}
		t.groups = true
		t.parts = append(t.parts, targetPart{group: group})
		return nil
	}
	if c, ok := t.vars.of(name); ok {
		t.text(c)
		return nil
	}
	if name == "scheme" {
		t.scheme = true
		return nil
	}
	v, ok := variable(name)
	if !ok || v.Var != model.VarHeader && v.Var != model.VarQuery && v.Var != model.VarHost && v.Var != model.VarAuthority {
		return fmt.Errorf("the variable $%s cannot be expressed in a target", name)
	}
	t.dynamic = true
	t.parts = append(t.parts, targetPart{Part: v})
	return nil
}

// foldedName finds a group's name without regard to case.
func foldedName(names map[string]int, name string) string {
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if strings.EqualFold(n, name) {
			return n
		}
	}
	return name
}

func (t *targetParser) finish(path string) (Target, error) {
	if err := t.constantAuthority(); err != nil {
		return Target{}, err
	}
	if err := t.leadingSlash(path); err != nil {
		return Target{}, err
	}
	if t.groups && t.dynamic {
		return Target{}, errors.New("the target mixes groups of the pattern with variables of the request")
	}
	if t.out.Absolute && t.dynamic {
		return Target{}, errors.New("the target is a URL with variables of the request")
	}
	for _, p := range t.parts {
		switch {
		case p.group > 0:
			t.out.Substitution += `\` + strconv.Itoa(p.group)
		case t.groups:
			t.out.Substitution += strings.ReplaceAll(encodePath(p.Text), `\`, `\\`)
		case !t.dynamic:
			t.out.Literal += encodePath(p.Text)
		case p.Var == model.VarLiteral:
			t.out.Template = appendText(t.out.Template, encodePath(p.Text))
		default:
			t.out.Template = append(t.out.Template, p.Part)
		}
	}
	return t.out, nil
}

// constantAuthority puts constants into the authority of a URL.
func (t *targetParser) constantAuthority() error {
	if !t.out.Absolute {
		return nil
	}
	v, err := parseValue(t.out.Authority, t.vars)
	if err != nil {
		return err
	}
	s, ok := v.Literal()
	if !ok || s == "" || strings.ContainsAny(s, `@\ "<>%`) {
		return errors.New("the host of the target's URL is not constant")
	}
	t.out.Authority = s
	return nil
}

// leadingSlash makes sure that the new path begins with a slash: nginx sends other paths as they are, which servers refuse,
// and Envoy forwards the old one.
func (t *targetParser) leadingSlash(path string) error {
	if strings.HasPrefix(path, "/") {
		return nil
	}
	if len(t.parts) > 0 {
		first := t.parts[0]
		if strings.HasPrefix(first.Text, "/") && first.Var == model.VarLiteral {
			return nil
		}
		tree, err := syntax.Parse(t.p.Rewrite, syntax.Perl)
		if first.group > 0 && err == nil && groupBeginsWithSlash(tree, first.group) {
			return nil
		}
	}
	return errors.New("the target does not begin with a slash, and no server takes such a path from nginx")
}

// groupBeginsWithSlash tells whether a group takes part in every match and begins with a slash.
func groupBeginsWithSlash(re *syntax.Regexp, group int) bool {
	switch re.Op {
	case syntax.OpCapture:
		if re.Cap == group {
			return beginsWithSlash(re.Sub[0])
		}
		return groupBeginsWithSlash(re.Sub[0], group)
	case syntax.OpConcat, syntax.OpPlus:
		for _, sub := range re.Sub {
			if groupBeginsWithSlash(sub, group) {
				return true
			}
		}
	}
	return false
}

func beginsWithSlash(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return re.Rune[0] == '/'
	case syntax.OpCapture, syntax.OpPlus:
		return beginsWithSlash(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if sub.Op != syntax.OpEmptyMatch {
				return beginsWithSlash(sub)
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !beginsWithSlash(sub) {
				return false
			}
		}
		return true
	}
	return false
}

// encodePath writes text as nginx writes a changed path to a backend.
func encodePath(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || c == '#' || c == '%' || c == '?' {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
