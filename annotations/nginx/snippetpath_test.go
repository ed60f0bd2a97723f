package nginx

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestPatternsOfPathsNeverReachIntoTheQuery(t *testing.T) {
	for pattern, paths := range map[string]map[string]bool{
		`^/old/(.*)\.html$`:      {"/old/a.html": true, "/old/a.html?x": true, "/old/a?b.html": false, "/old/a.htm": false},
		`^/a(?:$|/.*)`:           {"/a": true, "/a?b": true, "/a/b?c": true, "/ab": false},
		`/x[^/]+`:                {"/xyz": true, "/x?y": false, "/xy?z/": true},
		`(?i)/FOO`:               {"/foo": true, "/Foo?BAR": true, "/foob": false},
		`/a\.b`:                  {"/a.b": true, "/a.b?": true, "/a.b.c": false},
		`/literal\?`:             {"/literal?": true, "/literal": false},
		`.*(?:secret|private).*`: {"/a/secret/b": true, "/a?secret": false},
	} {
		re, ok := withQuery(pattern)
		if !ok {
			t.Errorf("%s: not converted", pattern)
			continue
		}
		whole := regexp.MustCompile(`^(?:` + re + `)$`)
		for path, want := range paths {
			if got := whole.MatchString(path); got != want {
				t.Errorf("%s as %s matches %s: %v", pattern, re, path, got)
			}
		}
	}
}

func TestConditionsThatCannotBeSaidTogether(t *testing.T) {
	header := func(name string) model.Match {
		return model.Match{Headers: []model.HeaderMatch{{Name: name, Present: true}}}
	}
	for name, c := range map[string]struct {
		a, b model.Match
		want bool
	}{
		"two headers":         {header("x"), header("y"), true},
		"one header twice":    {header("x"), header("x"), false},
		"methods twice":       {model.Match{Methods: []string{"GET"}}, model.Match{Methods: []string{"PUT"}}, false},
		"a method and scheme": {model.Match{Methods: []string{"GET"}}, model.Match{Scheme: "https"}, true},
		"schemes twice":       {model.Match{Scheme: "http"}, model.Match{Scheme: "https"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := narrowed(c.a, c.b); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	m, ok := narrowed(header("x"), header("y"))
	want := model.Match{Headers: []model.HeaderMatch{{Name: "x", Present: true}, {Name: "y", Present: true}}}
	if diff := cmp.Diff(want, m); diff != "" || !ok {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
