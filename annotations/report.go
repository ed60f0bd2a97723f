package annotations

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// report says something about a key of this Ingress. If the Ingress does not carry the key, the value came from the
// controller's settings and the finding is about those.
func (in *Ingress) report(code finding.Code, key string, args ...string) {
	f := finding.Finding{Code: code, Class: in.Edge.closedClass(code, key), Origin: in.Origin(key), Args: args}
	v := in.of(in.Edge.mustKey(key))
	if v == nil {
		in.Edge.Findings.Add(f)
		return
	}
	for i := range v.reports {
		if finding.Compare(&f, &v.reports[i]) == 0 {
			return
		}
	}
	v.reports = append(v.reports, f)
}

// closedClass is the usual class of a code. A protection that is lost with raw configuration is refused, not left to people.
func (e *Edge) closedClass(code finding.Code, key string) finding.Class {
	entry := code.Entry()
	if k := e.keys[key]; entry.Protective && k != nil && k.Class == finding.Refused {
		return finding.Refused
	}
	return entry.Class
}

// classed reports a class for a key. Values that are the controller's own defaults are not reported key by key.
func (in *Ingress) classed(c finding.Class, key, text string) {
	k := in.Edge.mustKey(key)
	if in.of(k) != nil {
		in.report(classCode(c), key, k.full, text)
		return
	}
	if k.Setting == "" {
		return
	}
	if _, ok := in.Edge.Settings.Get(k.Setting); ok {
		in.Edge.Settings.report(in.Edge, c, k.Setting, text)
	}
}

// Exact says that the key is translated without difference; text says what it becomes.
func (in *Ingress) Exact(key, text string) { in.classed(finding.Exact, key, text) }

// Approximate says that the key is translated; text says what it becomes and what differs.
func (in *Ingress) Approximate(key, text string) { in.classed(finding.Approximate, key, text) }

// Noop says that there is nothing to emit for the key; text says why.
func (in *Ingress) Noop(key, text string) { in.classed(finding.Noop, key, text) }

// Manual says that the key cannot be translated; text says what to do.
func (in *Ingress) Manual(key, text string) { in.classed(finding.Manual, key, text) }

// Refused says that the key is raw configuration that is never copied; text says what is lost.
func (in *Ingress) Refused(key, text string) { in.classed(finding.Refused, key, text) }

// Overruled says that the key has no effect here because of something else.
func (in *Ingress) Overruled(key, why string) {
	if k := in.Edge.mustKey(key); in.of(k) != nil {
		in.report(finding.KeyOverruled, key, k.full, why)
	}
}

// Corner says what differs in a corner of a key that is translated without difference otherwise.
func (in *Ingress) Corner(key, text string) {
	k := in.Edge.mustKey(key)
	v := in.of(k)
	if v == nil {
		if _, ok := in.Edge.Settings.Get(k.Setting); ok && k.Setting != "" {
			in.Edge.Corner(k.Setting, text)
		}
		return
	}
	o := finding.Origin{Object: in.Object, Field: k.full, Line: v.line}
	in.Edge.Findings.Report(finding.CornerCase, o, "annotation "+k.full, text)
}

// Say reports a finding with a code of its own about a key.
func (in *Ingress) Say(code finding.Code, key string, args ...string) { in.report(code, key, args...) }

// Drop says that the controller drops the Ingress because of an annotation that it carries, declared or not; cause names it.
func (in *Ingress) Drop(key, cause string) {
	code := finding.IngressDropped
	if v := in.named(key); v != nil {
		v.reports = append(v.reports, finding.Finding{Code: code, Class: code.Entry().Class, Origin: in.place(v), Args: []string{cause}})
	}
}

// FailClosed handles a protection that cannot be carried over: the route answers 403, unless the user waived it. It
// tells whether the route is closed.
func (r *Route) FailClosed(key, why string) bool {
	return r.failClosed(finding.ProtectionClosed, key, why)
}

// FailClosedDead is FailClosed for an annotation that looks like a protection but protects nothing on the controller.
func (r *Route) FailClosedDead(key, why string) bool {
	return r.failClosed(finding.ProtectionDead, key, why)
}

func (r *Route) failClosed(code finding.Code, key, why string) bool {
	k := r.Edge.mustKey(key)
	v, name := r.of(k), k.full
	if v == nil && k.Setting != "" {
		name = "controller setting " + k.Setting
	}
	if w := r.Edge.Options.Waived; w != nil && w(code, r.Object) {
		f := finding.Finding{Code: finding.ProtectionOpen, Class: r.Edge.closedClass(finding.ProtectionOpen, key), Origin: r.Origin(key), Args: []string{name, why}, Waived: true}
		if v != nil {
			v.reports = append(v.reports, f)
		} else {
			r.Edge.Findings.Add(f)
		}
		return false
	}
	r.report(code, key, name, why)
	r.Model.Close(403, r.Origin(key))
	return true
}

// Answers503 closes the route with 503, as the controller does for a broken value, before redirects and preflights; why
// says what is broken.
func (r *Route) Answers503(key, why string) {
	r.report(finding.ValueCloses, key, r.Edge.FullName(key), why, "503")
	r.Model.Close(503, r.Origin(key))
	r.Model.Closed.First = true
}

// Quote shortens a value for a message and makes it safe to print.
func Quote(v string) string {
	const most = 80
	cut := ""
	if len(v) > most {
		v, cut = strings.ToValidUTF8(v[:most], ""), "…"
	}
	return "\"" + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || (r >= 0x200e && r <= 0x202e) {
			return ' '
		}
		return r
	}, v) + cut + "\""
}
