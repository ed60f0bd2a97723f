package load

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// path is the place of a field within its object. It is only written out when there is something to report.
type path struct {
	up    *path
	key   string
	index int // in a list, when key is ""
}

// String is, for example, spec.rules[0].host.
func (p path) String() string {
	own := p.key
	if own == "" {
		own = "[" + strconv.Itoa(p.index) + "]"
	}
	switch {
	case p.up == nil:
		return own
	case p.key == "":
		return p.up.String() + own
	}
	return p.up.String() + "." + own
}

// subject is an object while it is read: who it is, and what there is to say about it.
type subject struct {
	*reader
	object *finding.Object
	found  []finding.Finding

	refusals     int   // reasons for which an API server would refuse it
	twice        *node // a key that stands twice
	template     string
	templateLine int32
	encrypted    bool
}

func (r *reader) subject(n, twice *node, kind string) *subject {
	d := &subject{reader: r, object: r.origin(n.line), twice: twice}
	d.object.Kind = kind
	return d
}

// place is a line as the user sees it.
func (r *reader) place(line int32) int {
	if r.unplaced {
		return 0
	}
	return int(line)
}

func (d *subject) at(field string, line int32) finding.Origin {
	return finding.Origin{Object: d.object, Field: field, Line: d.place(line)}
}

func (d *subject) report(code finding.Code, class finding.Class, o finding.Origin, args ...string) {
	d.found = append(d.found, finding.Finding{Code: code, Class: class, Origin: o, Args: args})
}

// refuse notes that an API server would not take the object. Objects that come from one are not judged again, except for
// what cannot be represented.
func (d *subject) refuse(at path, line int32, problem string) {
	d.refusals++
	field := at.String()
	d.report(finding.InvalidObject, finding.Invalid, d.at(field, line), field+" "+problem)
}

// check refuses the object if a check of one of its values has something to say.
func (d *subject) check(at path, line int32, value, problem string) {
	if problem != "" && !d.trusted {
		d.refuse(at, line, problem+"; it is "+strconv.Quote(value[:min(len(value), 100)]))
	}
}

func (d *subject) wrongKind(n *node, at path, want kind) {
	got := n.kind.String()
	if n.text != "" && n.kind != text {
		got += " (" + n.text + ")"
	}
	hint := ""
	if want == text && (n.kind == boolean || n.kind == integer || n.kind == float) {
		hint = "; quote it"
	}
	d.refuse(at, n.place(), fmt.Sprintf("must be %s, not %s%s", want, got, hint))
}

// is tells whether a value is there and of the wanted kind. Null is as good as absent, as everywhere in Kubernetes.
func (d *subject) is(n *node, at path, want kind) bool {
	if n == nil || n.kind == null {
		return false
	}
	if n.kind != want {
		d.wrongKind(n, at, want)
		return false
	}
	return true
}

// text reads a string that is not an annotation.
func (d *subject) text(n *node, at path) string {
	if !d.is(n, at, text) {
		return ""
	}
	d.inspect(n, at, false)
	return d.keep(n.text)
}

// name reads an object's name. One that YAML takes for a boolean or a number, because it was not quoted, is read as text: an
// API server would refuse it, but it is clear what is meant, and the object is worth converting.
func (d *subject) name(n *node, at path) string {
	if n.kind != boolean && n.kind != integer {
		return d.text(n, at)
	}
	d.report(finding.InvalidObject, finding.Invalid, d.at(at.String(), n.place()), at.String()+" is "+n.kind.String()+" to YAML ("+n.text+") and was read as text; quote it")
	return d.keep(n.text)
}

// inspect looks for what was left in a value by a tool that should have run first.
func (d *subject) inspect(n *node, at path, annotation bool) {
	if d.trusted || !suspicious(n.text) {
		return
	}
	d.encrypted = d.encrypted || strings.HasPrefix(n.text, encryptedPrefix)
	if t := templateIn(n.text, !annotation); t != "" && d.template == "" {
		d.template, d.templateLine = t, n.line
	}
	if v := variableIn(n.text, annotation); v != "" {
		field, class := at.key, finding.Class("") // the annotation gets its class where it is translated
		if !annotation {
			field, class = at.String(), finding.Invalid
		}
		d.report(finding.UnexpandedVariable, class, d.at(field, n.place()), v)
	}
}

func suspicious(s string) bool {
	for i := range len(s) {
		if s[i] == '{' || s[i] == '[' {
			return true
		}
	}
	return false
}

// number reads a whole number that fits into 32 bits.
func (d *subject) number(n *node, at path) int32 {
	if n == nil || n.kind == null {
		return 0
	}
	if n.kind != integer && n.kind != float {
		d.wrongKind(n, at, integer)
		return 0
	}
	i, err := strconv.ParseInt(n.text, 10, 32)
	if err != nil {
		d.refuse(at, n.line, "must be a whole number of 32 bits, not "+n.text)
	}
	return int32(i)
}

// unknown reports a field that an API server does not know.
func (d *subject) unknown(n *node, at path) {
	field := at.String()
	d.report(finding.UnknownField, finding.Invalid, d.at(field, n.keyLine), field)
}

// settle hands the findings over and tells whether the object can be used.
func (d *subject) settle() bool {
	switch findings := &d.snapshot.Findings; {
	case d.twice != nil:
		findings.Report(finding.DuplicateKey, d.at(d.twice.key, d.twice.keyLine), d.twice.key)
	case d.template != "":
		findings.Report(finding.TemplateSource, d.at("", d.templateLine), d.template)
	case d.encrypted:
		findings.Report(finding.Encrypted, d.at("", 0), "it cannot be used")
	default:
		findings.Add(d.found...)
		return d.refusals == 0
	}
	return false
}
