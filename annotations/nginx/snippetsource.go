package nginx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// snippetSource is where a snippet stands: in an annotation of in, or in the ConfigMap of e.
type snippetSource struct {
	in  *annotations.Ingress
	e   *annotations.Edge
	key string
}

func (s snippetSource) origin() finding.Origin {
	if s.in != nil {
		return s.in.Origin(s.key)
	}
	return s.e.Settings.Origin(s.key)
}

// lostDirectives are what is not translated of a snippet.
type lostDirectives struct {
	unknown    []string // quoted
	protective bool     // something among them may protect
}

// add notes a directive that is understood but cannot be placed here. What it did may have been a protection.
func (l *lostDirectives) add(what string) {
	l.unknown = append(l.unknown, what)
	l.protective = true
}

func (l *lostDirectives) why() string {
	return "what it does cannot be translated: " + shortList(l.unknown)
}

// waived forgets what was said already: its loss is accepted.
func (l *lostDirectives) waived() {
	if l.protective {
		l.unknown = nil
	}
}

// report says what became of a snippet that closed nothing.
func (l *lostDirectives) report(src snippetSource, corners []string) {
	class, text := finding.Exact, "every directive is understood and translated"
	var differences []string
	for _, c := range corners {
		if c != "" && !slices.Contains(differences, c) {
			differences = append(differences, c)
		}
	}
	if len(differences) > 0 {
		class, text = finding.Approximate, text+"; "+strings.Join(differences, "; ")
	}
	if len(l.unknown) > 0 {
		class, text = finding.Refused, shortList(l.unknown)+" is lost; the other directives are translated"
	}
	switch {
	case src.in == nil:
		src.e.Setting(class, src.key, text)
	case class == finding.Exact:
		src.in.Exact(src.key, text)
	case class == finding.Approximate:
		src.in.Approximate(src.key, text)
	default:
		src.in.Refused(src.key, text)
	}
}

// describeStatement names a kind of directive for a message.
func describeStatement(s statement) string {
	switch s := s.(type) {
	case returnStatement:
		return fmt.Sprintf("return %d", s.code)
	case rewriteStatement:
		return "rewrite " + annotations.Quote(s.pattern.Match)
	case ifStatement:
		return "if"
	case locationStatement:
		return "location " + s.kind
	case accessStatement:
		return "allow and deny"
	case requestStatement:
		return "proxy_set_header " + s.op.Name
	case responseStatement:
		return "add_header " + s.op.Name
	}
	return "a directive"
}
