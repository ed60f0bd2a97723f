package nginx

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// outline writes directives on one line each.
func outline(ds []directive, indent string) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(indent + d.name)
		for _, a := range d.args {
			b.WriteString(" [" + a + "]")
		}
		if d.body {
			b.WriteString(" {}")
		}
		b.WriteString("\n" + outline(d.block, indent+"  "))
	}
	return b.String()
}

func TestSnippetsAreParsed(t *testing.T) {
	for name, c := range map[string]struct{ snippet, want string }{
		"nothing":                    {" # only a comment", ""},
		"words and quotes":           {`a b "c d" 'e;f' "g\"h\\i\t.";`, "a [b] [c d] [e;f] [g\"h\\i\t.]\n"},
		"a hash inside a word":       {"a b#c; # d;\nd;", "a [b#c]\nd\n"},
		"braces of a variable":       {"a ${b}c;", "a [${b}c]\n"},
		"a quote inside a word":      {`a b"c;`, "a [b\"c]\n"},
		"an escaped semicolon":       {`a b\;c;`, "a [b\\;c]\n"},
		"a block":                    {"if ($a = \"b\") { return 403; }", "if [($a] [=] [b] [)] {}\n  return [403]\n"},
		"blocks in blocks":           {"a { b { c; } d{} }", "a {}\n  b {}\n    c\n  d {}\n"},
		"text over several lines":    {"a 'b\nc';", "a [b\nc]\n"},
		"Windows line ends":          {"a b;\r\nc;\r\n", "a [b]\nc\n"},
		"Lua with braces in strings": {"x_by_lua_block { local t = {a=\"}\"} -- }\n --[[ } ]] return [==[}]==] }\nb;", "x_by_lua_block [ local t = {a=\"}\"} -- }\n --[[ } ]] return [==[}]==] ] {}\nb\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseSnippet(c.snippet)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, outline(got, "")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBrokenSnippetsNameTheLine(t *testing.T) {
	for snippet, want := range map[string]string{
		"a;\nb":                    `line 2: the last directive does not end in a semicolon`,
		"a;\nb c ":                 `line 2: "b" does not end in a semicolon`,
		"a;\n}":                    `line 2: unexpected '}'`,
		"a {\nb;\n":                `line 3: a block is never closed`,
		"a;\n\n;":                  `line 3: unexpected ';'`,
		"\n'a":                     `line 2: a quoted word is never closed`,
		`a "b"c;`:                  `line 1: unexpected 'c' behind a quoted word`,
		"a { b }":                  `line 1: "b" does not end in a semicolon`,
		"{ a; }":                   `line 1: unexpected '{'`,
		"\nx_by_lua_block { '}":    `line 2: a Lua block is never closed`,
		"a { 'b\\":                 `line 1: a quoted word is never closed`,
		"a { b\\":                  `line 1: the last directive does not end in a semicolon`,
		strings.Repeat("a { ", 50): `line 1: blocks are nested too deeply`,
	} {
		_, err := parseSnippet(snippet)
		if err == nil {
			t.Errorf("%q is accepted", snippet)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("%q: %s", snippet, diff)
		}
	}
}

func TestDirectivesKnowTheirLines(t *testing.T) {
	ds, err := parseSnippet("a;\n# x\nb 'c\nd' {\n  e;\n}\nf_by_lua_block {\n\n--x\n'\\\n'[[\n]]}\ng;")
	require.NoError(t, err)
	var lines []int
	for _, d := range ds {
		lines = append(lines, d.line)
	}
	if diff := cmp.Diff([]int{1, 3, 7, 13}, lines); diff != "" {
		t.Error(diff)
	}
}

// FuzzSnippets makes sure that parsing ends, that lines are right, and that what is understood comes from the snippet.
func FuzzSnippets(f *testing.F) {
	for _, s := range []string{
		"more_set_headers \"A: b\";", "if ($http_x ~* \"y\") { return 403; }", "location = /a { deny all; }", "x_by_lua_block { [[}]] --[=[\n]=] }",
		"rewrite ^/(.*)$ /$1? permanent;", "a 'b' \"c\\\"\" ${d}{ }", "allow 10.0.0.0/8; deny all;", "if ( $scheme != https ) { rewrite ^ https://$host$request_uri? permanent; }",
		"return 301 $scheme://a.test$request_uri;", "\\", "\"", "a{", "location ~ \\.php$ { return 404 x; }",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, server bool) {
		if ds, err := parseSnippet(s); err == nil {
			for _, d := range ds {
				if d.line < 1 || d.line > 1+strings.Count(s, "\n") || !strings.Contains(s, d.text) || d.name == "" && !strings.ContainsAny(s, `'"`) {
					t.Errorf("%q gives %+v", s, d)
				}
			}
		}
		u := understand(s, server, nil)
		if len(u.unknown) == 0 && u.protective {
			t.Errorf("%q: nothing is unknown, yet it protects", s)
		}
		for _, st := range u.sts {
			if st == nil {
				t.Errorf("%q gives a nil statement", s)
			}
		}
	})
}
