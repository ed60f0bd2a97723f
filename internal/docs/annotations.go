package docs

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// AnnotationsPage says of everything that a controller reads what it does and what becomes of it.
func AnnotationsPage() []byte {
	items := Items()
	p := newPage("ingress-nginx: annotations, settings and flags")
	p.printf("\nWhat ingress-nginx (v1.15) reads, and what becomes of it. Names of annotations stand without their prefix, %s.\n", code(nginx.DefaultPrefix))
	p.WriteString("The class is the usual one; a report can say another of one Ingress, for example that an annotation has no effect there.\n")
	classTable(p, items)
	index(p, items)
	byFeature(p, items)
	older(p, items)
	return []byte(p.String())
}

// Meaning says what a class means.
func Meaning(c finding.Class) string {
	switch c {
	case finding.Exact:
		return "same behaviour, request by request"
	case finding.Approximate:
		return "translated; the difference is named"
	case finding.Noop:
		return "nothing to write: it has no effect, or Istio behaves so anyway"
	case finding.Manual:
		return "cannot be carried over; the message says what to do"
	case finding.Refused:
		return "raw configuration: never copied. What it does is translated where every part of it is understood"
	case finding.Invalid:
		return "the controller refuses the value; what it does then is imitated"
	case finding.Unknown:
		return "neither a name nor a value that the controller knows; it had no effect"
	}
	return ""
}

func classTable(p *page, items []Item) {
	p.header("class", "meaning", "annotations", "ConfigMap keys", "flags")
	for _, c := range []finding.Class{finding.Exact, finding.Approximate, finding.Noop, finding.Manual, finding.Refused} {
		n := map[Kind]int{}
		for _, i := range items {
			if i.Class == c && i.Since == "" {
				n[i.Kind]++
			}
		}
		p.row(string(c), Meaning(c), strconv.Itoa(n[Annotation]), strconv.Itoa(n[ConfigMap]), strconv.Itoa(n[Flag]))
	}
}

// index lists the annotations by name.
func index(p *page, items []Item) {
	p.WriteString("\n## Annotations by name\n\n\"protects\" marks annotations whose loss closes the route.\n")
	p.header("annotation", "class", "where")
	var live []Item
	for _, i := range items {
		if i.Kind == Annotation && i.Since == "" {
			live = append(live, i)
		}
	}
	slices.SortFunc(live, func(a, b Item) int { return cmp.Compare(a.Name, b.Name) })
	for _, i := range live {
		class := string(i.Class)
		if i.Protects {
			class += ", protects"
		}
		p.row(code(i.Name), class, "["+i.Feature+"](#"+i.Feature+")")
	}
}

func byFeature(p *page, items []Item) {
	p.WriteString("\n## By feature\n")
	for _, f := range nginx.Features() {
		if f.Name == nginx.Historical.Name || len(f.Keys)+len(f.Settings) == 0 {
			continue
		}
		p.printf("\n### %s\n", f.Name)
		for _, k := range []struct {
			kind  Kind
			title string
		}{{Annotation, "annotation"}, {ConfigMap, "ConfigMap key"}, {Flag, "flag"}} {
			first := true
			for _, i := range items {
				if i.Feature != f.Name || i.Kind != k.kind || i.IsDefault(items) {
					continue
				}
				if first {
					p.header(k.title, "value", "what it does", "what becomes of it")
					first = false
				}
				p.row(code(i.Name), value(i), prose(i.Does), "**"+string(i.Class)+"**: "+prose(i.Becomes))
			}
		}
	}
}

// value says what stands where the name is written, and what holds if nothing does.
func value(i Item) string {
	parts := []string{prose(i.Syntax)}
	add := func(before, v string) {
		if v != "" {
			parts = append(parts, before+v)
		}
	}
	named := func(v string) string {
		if v == "" {
			return ""
		}
		return code(v)
	}
	add("default ", named(i.Default))
	add("ConfigMap key ", named(i.Setting))
	add("scope ", i.Scope)
	add("only with ", named(i.Needs))
	add("also written ", named(i.Alias))
	if i.Broken != consequence(annotations.UseDefault) {
		add("broken value: ", i.Broken)
	}
	if i.Protects {
		parts = append(parts, "protects")
	}
	return strings.Join(parts, "<br>")
}

func older(p *page, items []Item) {
	p.WriteString("\n## Of older releases\n\nThe controller no longer reads these. They have no effect, and some look like a protection that is not there.\n")
	p.header("annotation", "no longer read since", "what it did", "now")
	var settings []string
	for _, i := range items {
		switch {
		case i.Since == "":
		case i.Kind == Annotation:
			p.row(code(i.Name), i.Since, prose(i.Does), prose(i.Becomes))
		default:
			settings = append(settings, code(i.Name))
		}
	}
	p.printf("\nKeys of the ConfigMap that are no longer read: %s.\n", strings.Join(settings, ", "))
}
