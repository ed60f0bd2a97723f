// Package finding holds what a translation has to say about the user's input: one Finding for every thing that was
// translated, changed, refused or not understood, with a stable code and the place it comes from.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Class says what became of one value of the input. Every rule, TLS block and annotation ends in exactly one.
type Class string

// The classes, from harmless to severe.
const (
	Exact       Class = "exact"       // same behaviour, request by request
	Noop        Class = "noop"        // nothing to emit: it has no effect, or the target behaves so anyway
	Approximate Class = "approximate" // works, the difference is named
	Unknown     Class = "unknown"     // not a key or value the controller knows
	Invalid     Class = "invalid"     // the controller refuses the value; its own consequence is imitated
	Manual      Class = "manual"      // cannot be carried over; the message says what to do
	Refused     Class = "refused"     // must not be carried over (raw configuration)
)

// Severity ranks findings for --fail-on.
type Severity int

// The severities, in rising order.
const (
	Info Severity = iota
	Warning
	Error
)

var severityNames = [...]string{"info", "warning", "error"}

// String gives the word used on the command line and in reports.
func (s Severity) String() string { return severityNames[s] }

// MarshalText writes the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Object is the identity of an input object. One is made for each object read, and shared by all its findings.
type Object struct {
	Kind, Namespace, Name string
	File                  string // as given on the command line; "" when the object came from a cluster
	Line                  int    // of the document's first line in File, from 1; 0 when unknown
}

// Ref is "Kind namespace/name", or "Kind name" without a namespace.
func (o *Object) Ref() string {
	switch {
	case o == nil:
		return ""
	case o.Namespace == "":
		return strings.TrimSpace(o.Kind + " " + o.Name)
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Origin is a place in the input: an object and, where known, the field and its line.
type Origin struct {
	Object *Object
	Field  string // annotation key, ConfigMap key, controller flag, or a field path such as spec.rules[0].host
	Line   int    // line of the field; 0 means the object's own line
}

// At returns the origin of another field of the same object.
func (o Origin) At(field string, line int) Origin {
	return Origin{Object: o.Object, Field: field, Line: line}
}

// Place is "file:line", "file" or "".
func (o Origin) Place() string {
	if o.Object == nil || o.Object.File == "" {
		return ""
	}
	line := o.Line
	if line == 0 {
		line = o.Object.Line
	}
	if line == 0 {
		return o.Object.File
	}
	return fmt.Sprintf("%s:%d", o.Object.File, line)
}

// Finding is one statement about the input.
type Finding struct {
	Code   Code
	Class  Class // "" for findings that are not about one value
	Origin Origin
	Args   []string // fill the %s of the code's message, in order
	Waived bool     // the user accepted the loss (--waive or the waiver annotation)
	Known  bool     // a former report, the baseline, has it as well
}

// Severity is that of the code; a waived finding is a warning at most.
func (f Finding) Severity() Severity {
	s := f.Code.Entry().Severity
	if f.Waived && s > Warning {
		return Warning
	}
	return s
}

// Blocking tells whether something protective was withheld or lost and not waived.
func (f Finding) Blocking() bool { return f.Code.Entry().Protective && !f.Waived }

// Message is the text for people. Arguments are user input: a %s in one of them is text.
func (f Finding) Message() string {
	parts := strings.Split(f.Code.Entry().Message, "%s")
	var b strings.Builder
	for i, p := range parts {
		b.WriteString(p)
		if i < len(parts)-1 && i < len(f.Args) {
			b.WriteString(f.Args[i])
		}
	}
	return b.String()
}

// Compare orders findings by object, line, field, code, arguments and waiver, so that lists do not depend on input order.
func Compare(a, b *Finding) int {
	if ao, bo := a.Origin.Object, b.Origin.Object; ao != bo {
		if c := compareObjects(ao, bo); c != 0 {
			return c
		}
	}
	// Not cmp.Or, which would compare everything every time: there are many findings.
	if a.Origin.Line != b.Origin.Line {
		return cmp.Compare(a.Origin.Line, b.Origin.Line)
	}
	if a.Origin.Field != b.Origin.Field {
		return cmp.Compare(a.Origin.Field, b.Origin.Field)
	}
	if c := cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Class, b.Class), slices.Compare(a.Args, b.Args)); c != 0 || a.Waived == b.Waived {
		return c
	}
	if b.Waived {
		return -1
	}
	return 1
}

func compareObjects(a, b *Object) int {
	if a == b {
		return 0
	}
	if a == nil {
		a = &Object{}
	}
	if b == nil {
		b = &Object{}
	}
	switch {
	case a.Kind != b.Kind:
		return cmp.Compare(a.Kind, b.Kind)
	case a.Namespace != b.Namespace:
		return cmp.Compare(a.Namespace, b.Namespace)
	case a.Name != b.Name:
		return cmp.Compare(a.Name, b.Name)
	}
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}

// Part is the part of the object that a finding gives a class to: a rule, TLS block or default backend, else the field. A
// difference in a corner of a key stands beside what becomes of the key: its part is "".
func (f *Finding) Part() string {
	field := f.Origin.Field
	switch {
	case f.Code == CornerCase, f.Code == DetectionLost:
		return ""
	case strings.HasPrefix(field, "spec.defaultBackend"):
		return "spec.defaultBackend"
	case strings.HasPrefix(field, "spec.rules["), strings.HasPrefix(field, "spec.tls["):
		if end := strings.IndexByte(field, ']'); end > 0 {
			return field[:end+1]
		}
	}
	return field
}

// rank orders classes from harmless to severe. That a path of a rule needs nothing says less of the rule than that the others
// are translated.
func (c Class) rank(part string) int {
	switch c {
	case Exact:
		return 1
	case Noop:
		if strings.HasPrefix(part, "spec.") {
			return 0
		}
		return 2
	case Approximate:
		return 3
	case Unknown:
		return 4
	case Invalid:
		return 5
	case Manual:
		return 6
	case Refused:
		return 7
	}
	return 0
}
