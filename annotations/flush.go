package annotations

import "github.com/ingress2gw/ingress2gw/reports/finding"

// Flush writes what is to be said of every annotation of the Ingress: what features reported, else what is declared.
func (in *Ingress) Flush() {
	for i := range in.values {
		if v := &in.values[i]; !in.reported(v) {
			in.byDeclaration(v, in.Edge.keys[v.key])
		}
	}
	in.flushUnknown()
}

// FlushDropped is Flush for an Ingress that the controller drops: nothing else becomes of its annotations.
func (in *Ingress) FlushDropped() {
	for i := range in.values {
		if v := &in.values[i]; !in.reported(v) {
			in.Edge.Findings.Report(finding.KeyOverruled, in.place(v), in.Edge.FullName(v.key), "the controller drops the Ingress")
		}
	}
	in.flushUnknown()
}

func (in *Ingress) flushUnknown() {
	for i := range in.unknown {
		if v := &in.unknown[i]; !in.reported(v) {
			in.Edge.Findings.Report(finding.KeyUnknown, in.place(v), in.Edge.FullName(v.key), didYouMean(v.key, in.Edge.keys))
		}
	}
}

// reported writes what features reported of an annotation, and tells whether there was anything.
func (in *Ingress) reported(v *value) bool {
	if len(v.reports) == 0 {
		return false
	}
	in.Edge.Findings.Add(worst(v.reports)...)
	v.reports = nil
	return true
}

// byDeclaration says what is declared about a key.
func (in *Ingress) byDeclaration(v *value, k *declared) {
	o := finding.Origin{Object: in.Object, Field: k.full, Line: v.line}
	switch {
	case k.Since != "":
		in.Edge.Findings.Report(finding.KeyHistorical, o, k.full, k.Since, k.Note)
	case in.newer(k) != "":
		in.Edge.Findings.Report(finding.KeyOverruled, o, k.full, in.newer(k)+" is set, which is its newer name")
	case k.needs != nil && !on(in.of(k.needs).accepted()):
		in.Edge.Findings.Report(finding.KeyWithoutGroup, o, k.full, k.Needs)
	default:
		in.Edge.Findings.Report(classCode(k.Class), o, k.note...)
	}
}

// place is the place of an annotation.
func (in *Ingress) place(v *value) finding.Origin {
	return finding.Origin{Object: in.Object, Field: in.Edge.FullName(v.key), Line: v.line}
}

// Place is the place of an annotation, declared or not.
func (in *Ingress) Place(key string) finding.Origin {
	if v := in.named(key); v != nil {
		return in.place(v)
	}
	return finding.Origin{Object: in.Object, Field: in.Edge.FullName(key)}
}

// worst keeps what says more than "exact" or "noop", if there is anything.
func worst(rs []finding.Finding) []finding.Finding {
	var out []finding.Finding
	for _, f := range rs {
		if f.Class != finding.Exact && f.Class != finding.Noop {
			out = append(out, f)
		}
	}
	if out != nil {
		return out
	}
	for _, f := range rs {
		if f.Class == finding.Exact {
			return []finding.Finding{f}
		}
	}
	return rs[:1]
}

func classCode(c finding.Class) finding.Code {
	switch c {
	case finding.Exact:
		return finding.KeyExact
	case finding.Noop:
		return finding.KeyNoop
	case finding.Approximate:
		return finding.KeyApproximate
	case finding.Refused:
		return finding.KeyRefused
	}
	return finding.KeyManual
}
