package finding

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessagesTakeArgumentsInOrderAndAsText(t *testing.T) {
	for want, args := range map[string][]string{
		"a: b":        {"a", "b"},
		"%s%s: b":     {"%s%s", "b"},
		"a: ":         {"a"},
		": ":          nil,
		"a: b (more)": {"a", "b (more)", "one too many"},
	} {
		if diff := cmp.Diff(want, Finding{Code: KeyExact, Args: args}.Message()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestTheCatalogueIsInOrderAndHasEveryCodeOnce(t *testing.T) {
	last := Code("")
	for i := range Catalogue {
		e := &Catalogue[i]
		if e.Code <= last {
			t.Errorf("%s follows %s", e.Code, last)
		}
		last = e.Code
		if e.Name == "" || e.Message == "" || e.Advice == "" {
			t.Errorf("%s lacks a name, a message or an advice", e.Code)
		}
		if got := e.Code.Entry(); got != e {
			t.Errorf("%s is described by %s", e.Code, got.Code)
		}
	}
}

func TestEverythingEndsInOneClass(t *testing.T) {
	a, b := &Object{Kind: "Ingress", Name: "a"}, &Object{Kind: "Ingress", Name: "b"}
	l := &List{}
	l.Report(KeyExact, Origin{Object: a, Field: "lost"}, "lost", "x")
	l.Report(NoLua, Origin{Object: a, Field: "lost"}, "lost", "y")
	l.Report(KeyExact, Origin{Object: a, Field: "kept"}, "kept", "x")
	l.Report(NoHTTPS, Origin{Object: a}, "a.test") // about the host, not about the key
	l.Report(KeyExact, Origin{Object: a, Field: "redirects"}, "redirects", "x")
	l.Report(DeadRedirect, Origin{Object: a, Field: "redirects"}, "a.test")
	l.Report(RuleTranslated, Origin{Object: b, Field: "spec.rules[0]"}, "the rule")
	l.Report(DuplicatePath, Origin{Object: b, Field: "spec.rules[0].http.paths[1]"}, "/", "other")
	l.Report(RuleTranslated, Origin{Object: b, Field: "spec.rules[1]"}, "the rule")
	l.Report(PortUnresolved, Origin{Object: b, Field: "spec.rules[1].http.paths[0].backend"}, "http", "web")
	l.Report(KeyExact, Origin{Object: b, Field: "lost"}, "lost", "x")
	l.Report(KeyApproximate, Origin{Object: b, Field: "worse"}, "worse", "x")
	l.Report(NoEnvoyFilter, Origin{Object: b, Field: "worse"}, "worse", "y")
	l.Report(KeyNoop, Origin{Object: b, Field: "worse"}, "worse", "z")
	l.Settle()
	type said struct {
		Code  Code
		Class Class
	}
	var got []said
	for _, f := range l.Sorted() {
		got = append(got, said{f.Code, f.Class})
	}
	want := []said{
		{NoHTTPS, Approximate}, {KeyExact, Exact}, {NoLua, Manual}, {DeadRedirect, Approximate},
		{KeyExact, Exact}, {RuleTranslated, Exact}, {DuplicatePath, ""}, {PortUnresolved, Invalid}, {KeyApproximate, ""}, {NoEnvoyFilter, Manual},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
