package acceptance

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// outcome is a translation under test.
type outcome struct {
	*testing.T
	*translate.Result
	router *router
}

// check holds a statement against the translation. Statements are
//
//	GET http://host/path [header=value ...] => answer      see router
//	certificate HOST = NAME                                the credential of the server for a name
//	counts IN CONVERTED SKIPPED FAILED
//	blocking | nothing blocking
//	[no] finding CODE [OBJECT [FIELD]]                      CODE by name, OBJECT as namespace/name, FIELD without its domain
//	N findings CODE
//	class CLASS OBJECT FIELD                                what is said of a field is of this class
//	says TEXT | output TEXT | no output TEXT                in a message; in the objects as YAML
//	N objects KIND
//	object KIND NAMESPACE/NAME PATH = VALUE                 "" for absent
func (o *outcome) check(statement string) {
	o.Helper()
	words := strings.Fields(statement)
	if left, right, ok := strings.Cut(statement, " => "); ok {
		o.equal(statement, right, o.router.ask(o.request(left)))
		return
	}
	rest := strings.TrimSpace(strings.TrimPrefix(statement, words[0]))
	switch words[0] {
	case "certificate":
		want := words[3:]
		var got []string
		if s := o.router.server(words[1], true); s != nil {
			got = append(got, s.Tls.CredentialName)
		}
		o.equal(statement, strings.Join(want, " "), strings.Join(got, " "))
	case "counts":
		o.equal(statement, rest, fmt.Sprintf("%d %d %d %d", o.Counts.In, o.Counts.Converted, o.Counts.Skipped, o.Counts.Failed))
	case "blocking", "nothing":
		blocking := slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Blocking() })
		o.holds(statement, blocking == (words[0] == "blocking"))
	case "finding":
		o.holds(statement, len(o.found(words[1:])) > 0)
	case "class":
		o.class(statement, words[1], words[2:])
	case "says":
		o.holds(statement, slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return strings.Contains(f.Message(), rest) }))
	case "output":
		o.holds(statement, strings.Contains(yamlOf(o, o.Objects), rest))
	case "object":
		left, right, _ := strings.Cut(rest, " =")
		o.equal(statement, strings.TrimSpace(right), o.value(strings.Fields(left)))
	case "no":
		if words[1] == "finding" {
			o.holds(statement, len(o.found(words[2:])) == 0)
			return
		}
		o.holds(statement, !strings.Contains(yamlOf(o, o.Objects), strings.TrimSpace(strings.TrimPrefix(rest, words[1]))))
	default:
		o.counted(statement, words)
	}
}

// counted checks a statement that begins with a number.
func (o *outcome) counted(statement string, words []string) {
	o.Helper()
	n, err := strconv.Atoi(words[0])
	if err != nil {
		o.Fatalf("unknown statement %q", statement)
	}
	got := 0
	switch words[1] {
	case "findings":
		got = len(o.found(words[2:]))
	case "objects":
		for _, x := range o.Objects {
			if x.Kind == words[2] {
				got++
			}
		}
	default:
		o.Fatalf("unknown statement %q", statement)
	}
	if got != n {
		o.Errorf("%s: there are %d", statement, got)
		o.list()
	}
}

func (o *outcome) equal(statement, want, got string) {
	o.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		o.Errorf("%s (-want +got):\n%s", statement, diff)
	}
}

func (o *outcome) holds(statement string, ok bool) {
	o.Helper()
	if !ok {
		o.Errorf("does not hold: %s", statement)
		o.list()
	}
}

// list logs the findings.
func (o *outcome) list() {
	for _, f := range o.Findings {
		o.Logf("%s %s %s (%s): %s", f.Code.Entry().Name, f.Class, f.Origin.Object.Ref(), f.Origin.Field, f.Message())
	}
}

// request reads METHOD URL [HEADER=VALUE ...].
func (o *outcome) request(text string) *request {
	words := strings.Fields(text)
	u, err := url.Parse(words[1])
	if err != nil {
		o.Fatal(err)
	}
	q := &request{method: words[0], url: u, headers: map[string]string{}}
	for _, h := range words[2:] {
		name, value, _ := strings.Cut(h, "=")
		q.headers[name] = value
	}
	return q
}

// found gives the findings with a code, of an object and a field.
func (o *outcome) found(words []string) []finding.Finding {
	known := slices.ContainsFunc(finding.Catalogue, func(e finding.Entry) bool { return e.Name == words[0] })
	if !known {
		o.Fatalf("there is no finding %s", words[0])
	}
	return slices.DeleteFunc(o.about(words[1:]), func(f finding.Finding) bool { return f.Code.Entry().Name != words[0] })
}

// about gives the findings about an object and a field; either may be left out.
func (o *outcome) about(words []string) []finding.Finding {
	var out []finding.Finding
	for _, f := range o.Findings {
		_, short, _ := strings.Cut(f.Origin.Field, "/")
		if x := f.Origin.Object; (len(words) < 1 || x != nil && x.Namespace+"/"+x.Name == words[0]) && (len(words) < 2 || f.Origin.Field == words[1] || short == words[1]) {
			out = append(out, f)
		}
	}
	return out
}

func (o *outcome) class(statement, class string, words []string) {
	o.Helper()
	fs := slices.DeleteFunc(o.about(words), func(f finding.Finding) bool { return f.Part() == "" }) // differences in a corner are beside it
	ok := len(fs) > 0
	for _, f := range fs {
		ok = ok && string(f.Class) == class
	}
	o.holds(statement, ok)
}

// value gives a field of an object as text.
func (o *outcome) value(words []string) string {
	o.Helper()
	if len(words) != 3 {
		o.Fatalf("object takes KIND NAMESPACE/NAME PATH, not %q", words)
	}
	i := slices.IndexFunc(o.Objects, func(x *manifest.Object) bool { return x.Kind == words[0] && x.Namespace+"/"+x.Name == words[1] })
	if i < 0 {
		o.Errorf("there is no %s %s", words[0], words[1])
		for _, x := range o.Objects {
			o.Log(x.ID())
		}
		return "no object"
	}
	var v any = manifest.Unstructured(o.Objects[i]).Object
	for key := range strings.SplitSeq(words[2], ".") {
		if n, err := strconv.Atoi(key); err == nil && n < len(list(v)) {
			v = list(v)[n]
		} else {
			v = at(v, key)
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
