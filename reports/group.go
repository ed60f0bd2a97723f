package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// group are the findings of one code about one field: one entry of a report for people, however many objects it is about.
type group struct {
	code     finding.Code
	field    string
	severity finding.Severity
	blocking bool
	waived   bool
	message  string // of the first
	varied   bool   // others say it of other values
	count    int
	objects  []string // the first few, each once
	more     int      // findings about further objects
}

const (
	objectsShown  = 3
	messageLength = 400
	objectLength  = 200
	fieldLength   = 120
)

type groupKey struct {
	code             finding.Code
	field            string
	severity         finding.Severity
	blocking, waived bool
}

// groupFindings groups the findings that are wanted; the order is that of codes and fields.
func groupFindings(all []finding.Finding, wanted func(finding.Finding) bool) []*group {
	byKey := map[groupKey]*group{}
	var out []*group
	for _, f := range all {
		if !wanted(f) {
			continue
		}
		k := groupKey{f.Code, GeneralField(f.Origin.Field), f.Severity(), f.Blocking(), f.Waived}
		g := byKey[k]
		if g == nil {
			g = &group{code: k.code, field: k.field, severity: k.severity, blocking: k.blocking, waived: k.waived, message: f.Message()}
			byKey[k] = g
			out = append(out, g)
		}
		g.add(f)
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(a.code, b.code), cmp.Compare(a.field, b.field))
	})
	return out
}

func (g *group) add(f finding.Finding) {
	g.count++
	if !g.varied && f.Message() != g.message {
		g.varied = true
	}
	ref := describe(f.Origin)
	switch {
	case ref == "" || slices.Contains(g.objects, ref):
	case len(g.objects) < objectsShown:
		g.objects = append(g.objects, ref)
	default:
		g.more++
	}
}

// describe is the object and its place.
func describe(o finding.Origin) string {
	ref, place := o.Object.Ref(), o.Place()
	if place != "" {
		place = "(" + place + ")"
	}
	return strings.TrimSpace(ref + " " + place)
}

// GeneralField drops the indexes of a path, so that all rules of all objects are one field.
func GeneralField(field string) string {
	if !strings.Contains(field, "[") {
		return field
	}
	var b strings.Builder
	for field != "" {
		before, after, open := strings.Cut(field, "[")
		b.WriteString(before)
		if !open {
			break
		}
		index, rest, closed := strings.Cut(after, "]")
		if !closed || strings.Trim(index, "0123456789") != "" {
			b.WriteByte('[')
			field = after
			continue
		}
		b.WriteString("[]")
		field = rest
	}
	return b.String()
}
