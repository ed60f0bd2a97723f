package nginx

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestTargetsOfRewrites(t *testing.T) {
	consts := fixed(map[string]string{"host": "a.test", "service_name": "app", "namespace": "ns"})
	for name, c := range map[string]struct {
		path, target string
		want         Target
	}{
		"text is the whole path":              {"/x", "/new", Target{Literal: "/new"}},
		"groups are numbered":                 {"/x/(.*)/(.*)", "/$2/$1", Target{Substitution: `/\2/\1`}},
		"only one digit belongs to a group":   {"/x/(.*)", "/$10", Target{Substitution: `/\10`}},
		"absent groups are empty":             {"/x/(.*)", "/$1/$2", Target{Substitution: `/\1/`}},
		"only absent groups leave text":       {"/x", "/$1", Target{Literal: "/"}},
		"named groups have numbers":           {"/(?<a>x)/(?<Id>.*)", "/${id}/$a", Target{Substitution: `/\2/\1`}},
		"constants are put in":                {"/x/(.*)", "/$host/${namespace}-$service_name/$1", Target{Substitution: `/a.test/ns-app/\1`}},
		"backslashes of text are doubled":     {"/x/(.*)", `/\1$1`, Target{Substitution: `/\\1\1`}},
		"backslashes without groups are text": {"/x", `/\1`, Target{Literal: `/\1`}},
		"text is encoded":                     {"/x", "/a b#é%", Target{Literal: "/a%20b%23%C3%A9%25"}},
		"variables of the request": {
			"/x", "/v/$arg_id/$http_x_tenant",
			Target{Template: model.Value{{Text: "/v/"}, {Var: model.VarQuery, Text: "id"}, {Text: "/"}, {Var: model.VarHeader, Text: "x-tenant"}}},
		},
		"the scheme is not known":             {"/x/(.*)", "/$scheme/$1", Target{Scheme: true}},
		"a group that begins with a slash":    {"/x(/.*)", "$1", Target{Substitution: `\1`}},
		"alternatives that begin with one":    {"/x((?:/a|/b)+)", "$1", Target{Substitution: `\1`}},
		"a URL has parts":                     {"/x/(.*)", "https://b.test:8443/y/$1", Target{Absolute: true, URLScheme: "https", Authority: "b.test:8443", Substitution: `/y/\1`}},
		"a URL without path":                  {"/x", "http://b.test", Target{Absolute: true, URLScheme: "http", Authority: "b.test", Literal: "/"}},
		"a URL with a constant host":          {"/x", "http://$host/y", Target{Absolute: true, URLScheme: "http", Authority: "a.test", Literal: "/y"}},
		"a URL that keeps the scheme":         {"/x", "$scheme://b.test/y", Target{Absolute: true, Authority: "b.test", Literal: "/y"}},
		"a question mark drops the query":     {"/x", "/y?", Target{Literal: "/y", DropQuery: true}},
		"a URL with a question mark only":     {"/x", "http://b.test?", Target{Absolute: true, URLScheme: "http", Authority: "b.test", Literal: "/", DropQuery: true}},
		"a group stands before its own slash": {"/x(/.*)", "$1/end", Target{Substitution: `\1/end`}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := convertPath(c.path)
			require.NoError(t, err)
			got, err := convertTarget(c.target, p, consts)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheSchemeOfATargetIsConvertedTwice(t *testing.T) {
	p, err := convertPath("/x")
	require.NoError(t, err)
	got, err := convertTarget("/$scheme/y", p, fixed(map[string]string{"scheme": "https"}))
	require.NoError(t, err)
	if diff := cmp.Diff(Target{Literal: "/https/y"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedTargets(t *testing.T) {
	for name, c := range map[string][2]string{
		"no leading slash":                    {"/x/(.*)", "new/$1"},
		"a group that may lack the slash":     {"/x(/.*)?", "$1"},
		"a group in one alternative only":     {"/x(/a)|/b", "$1"},
		"a group without a slash":             {"/x/(.*)", "$1"},
		"nothing":                             {"/x", ""},
		"an unknown variable":                 {"/x", "/$nope"},
		"the whole URI":                       {"/x", "/y$request_uri"},
		"group zero":                          {"/x", "/$0"},
		"a lone dollar sign":                  {"/x", "/y$"},
		"a brace that is never closed":        {"/x", "/${y"},
		"groups and variables of the request": {"/x/(.*)", "/$1/$arg_x"},
		"a query":                             {"/x", "/y?a=b"},
		"a URL with a host of the request":    {"/x", "http://$http_x/y"},
		"a URL with a group as host":          {"/x/(.*)", "http://$1/y"},
		"a URL without host":                  {"/x", "http:///y"},
		"a URL with a name and password":      {"/x", "http://u@b.test/y"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := convertPath(c[0])
			require.NoError(t, err)
			if got, err := convertTarget(c[1], p, nil); err == nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// FuzzTargets makes sure that substitutions name only groups that exist and that every new path begins with a slash.
func FuzzTargets(f *testing.F) {
	for _, s := range []string{"/$1", "$2", `/\$1`, "/${a}", "http://h/$1?", "$scheme://x", "/$host$arg_q"} {
		f.Add("/x(/.*)/(?<a>.*)", s)
	}
	f.Fuzz(func(t *testing.T, path, target string) {
		p, err := convertPath(path)
		if err != nil {
			return
		}
		got, err := convertTarget(target, p, fixed(map[string]string{"host": "a.test"}))
		if err != nil || got.Scheme {
			return
		}
		if got.Substitution == "" {
			s := got.Literal
			if len(got.Template) > 0 {
				s = got.Template[0].Text
			}
			if s == "" || s[0] != '/' {
				t.Errorf("%q gives %+v", target, got)
			}
			return
		}
		for _, m := range regexp.MustCompile(`\\(.)`).FindAllStringSubmatch(got.Substitution, -1) {
			if m[1] != `\` && (m[1] < "1" || m[1] > "9" || int(m[1][0]-'0') > p.Groups) {
				t.Errorf("%q gives %q for %d groups", target, got.Substitution, p.Groups)
			}
		}
	})
}
