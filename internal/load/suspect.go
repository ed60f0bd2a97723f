package load

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// encryptedPrefix begins every value that SOPS has encrypted.
const encryptedPrefix = "ENC["

// templateAction is what Helm and its like write between double braces. Lua and JSON in annotations hold double braces too.
var templateAction = regexp.MustCompile(`\{\{-?\s*(\.[A-Za-z]|\$|/\*|(include|template|if|else|end|range|with|define|toYaml|tpl|default|quote|printf|required|lookup|toJson|fail)\b)`)

// templateIn is the first template expression of a text, "" if there is none. Where braces cannot be anything else, any
// pair of them is one.
func templateIn(s string, anyBraces bool) string {
	i := strings.Index(s, "{{")
	if i < 0 {
		return ""
	}
	s = s[i:]
	if !anyBraces {
		m := templateAction.FindStringIndex(s)
		if m == nil {
			return ""
		}
		s = s[m[0]:]
	}
	if j := strings.Index(s, "}}"); j >= 0 {
		s = s[:j+2]
	}
	s, _, _ = strings.Cut(s, "\n")
	return s[:min(len(s), 80)]
}

// variableIn is the first ${VARIABLE} of a text, "" if there is none. In annotations, lower-case names without a default are
// nginx's own variables.
func variableIn(s string, annotation bool) string {
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			return ""
		}
		s = s[i:]
		j := strings.IndexByte(s, '}')
		if j < 0 {
			return ""
		}
		name := s[2:j]
		if name != "" && (!annotation || (name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_' || strings.Contains(name, ":=") || strings.Contains(name, ":-")) {
			return s[:min(j+1, 80)]
		}
		s = s[j:]
	}
}

// glimpse finds out what it can about a document that cannot be parsed: the kind, name and namespace its lines state, and
// how many Ingresses it plainly holds.
type glimpse struct {
	kind, name, namespace string
	ingresses             int
}

var jsonIngress = regexp.MustCompile(`"kind"\s*:\s*"Ingress"`)

func glimpseOf(doc string) (g glimpse) {
	doc = doc[:min(len(doc), 1<<20)]
	if strings.HasPrefix(strings.TrimSpace(doc), "{\"") {
		g.ingresses = len(jsonIngress.FindAllString(doc, -1))
		if g.ingresses == 1 {
			g.kind = "Ingress"
		}
		return g
	}
	apiVersion, metadata := "", -1
	for l := range strings.Lines(doc) {
		content := strings.TrimLeft(l, " -")
		indent := len(l) - len(content)
		key, value, found := strings.Cut(content, ":")
		if !found {
			continue
		}
		value, _, _ = strings.Cut(strings.TrimSpace(value), " #")
		value = strings.Trim(value, `"', `)
		switch key = strings.Trim(key, `"'`); {
		case key == "apiVersion":
			apiVersion = value
		case key == "kind" && value == "Ingress" && ownGroup(groupOf(apiVersion)):
			g.kind, g.ingresses = value, g.ingresses+1
		case key == "kind" && g.kind == "" && indent == 0:
			g.kind = value
		case key == "metadata" && metadata < 0:
			metadata = indent
		case metadata >= 0 && indent > metadata && key == "name" && g.name == "":
			g.name = value
		case metadata >= 0 && indent > metadata && key == "namespace" && g.namespace == "":
			g.namespace = value
		}
	}
	if !listLike(doc) {
		g.ingresses = min(g.ingresses, 1)
	}
	return g
}

// maxAside is how many documents of one stream are reported one by one although they plainly hold no Ingress: a file that is
// no manifest at all may look like millions of documents.
const maxAside = 1000

// aside counts the documents of a stream that hold no Ingress and are not what they should be.
type aside struct {
	reported, more int
	code           finding.Code // of the first that was only counted
}

// setAside reports a document that holds no Ingress.
func (r *reader) setAside(code finding.Code, o finding.Origin, what string) {
	if r.aside.reported < maxAside {
		r.aside.reported++
		r.snapshot.Findings.Report(code, o, what)
		return
	}
	if r.aside.more++; r.aside.more == 1 {
		r.aside.code = code
	}
}

// closeAside reports how many were only counted, at the end of a stream.
func (r *reader) closeAside() {
	if r.aside.more > 0 {
		o := finding.Origin{Object: &finding.Object{File: r.file}}
		r.snapshot.Findings.Report(r.aside.code, o, strconv.Itoa(r.aside.more)+" further documents like those already named")
	}
	r.aside = aside{}
}

// lose counts the Ingresses of a document that cannot be used, and gives it an identity as far as its text allows.
func (r *reader) lose(doc string, line int32) *finding.Object {
	g := glimpseOf(doc)
	r.snapshot.Failed += g.ingresses
	o := r.origin(line)
	if g.ingresses > 1 || g.kind == "" || strings.Contains(g.name+g.namespace, "{") {
		return o
	}
	o.Kind, o.Name, o.Namespace = r.keep(g.kind), r.keep(g.name), r.keep(g.namespace)
	return o
}

// unreadable reports a document that does not parse: a template, if it looks like one.
func (r *reader) unreadable(doc string, line int32, err *syntaxError) {
	failed := r.snapshot.Failed
	leading := len(doc) - len(strings.TrimLeft(doc, " \n"))
	o := r.lose(doc, line+int32(strings.Count(doc[:leading], "\n")))
	if t := templateIn(doc, err.odd); t != "" {
		before, _, _ := strings.Cut(doc, t)
		at := line + int32(strings.Count(before, "\n"))
		r.snapshot.Findings.Report(finding.TemplateSource, finding.Origin{Object: o, Line: r.place(at)}, t)
		return
	}
	at := finding.Origin{Object: o, Line: r.place(err.line)}
	if failed == r.snapshot.Failed {
		r.setAside(finding.Unreadable, at, err.text)
		return
	}
	r.snapshot.Findings.Report(finding.Unreadable, at, err.text)
}

// tooLarge reports a document that no API server would take.
func (r *reader) tooLarge(doc string, line int32) {
	r.snapshot.Findings.Report(finding.TooLarge, finding.Origin{Object: r.lose(doc, line)}, sizeOf(len(doc))+"; an API server takes at most 3 MiB")
}
