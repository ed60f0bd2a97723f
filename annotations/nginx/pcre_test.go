package nginx

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func TestPatternsOfPaths(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		want Pattern
	}{
		"a literal path covers what begins with it": {"/api", Pattern{Match: "(?i)/api.*", Rewrite: "(?i)^/api.*$"}},
		"groups are counted": {
			"/api(/|$)(.*)", Pattern{Match: "(?i)/api(/|$)(.*)", Rewrite: "(?i)^/api(/|$)(.*)$", Groups: 2},
		},
		"the caret binds to the first alternative": {
			"/a|/b", Pattern{Match: "(?i).*(?:^/a|/b).*", Rewrite: "(?i)^.*?(?:/a|/b).*$"},
		},
		"names are kept": {
			"/(?<id>[0-9]+)", Pattern{Match: "(?i)/(?P<id>[0-9]+).*", Rewrite: "(?i)^/(?P<id>[0-9]+).*$", Groups: 1, Names: map[string]int{"id": 1}},
		},
		"a final anchor is enough": {"/item/[0-9]{3}$", Pattern{Match: "(?i)/item/[0-9]{3}$", Rewrite: "(?i)^/item/[0-9]{3}$"}},
		"a dot between literals stays": {
			"/robots.txt", Pattern{Match: "(?i)/robots.txt.*", Rewrite: "(?i)^/robots.txt.*$"},
		},
		"a counter counts encoded characters once": {
			"/([^/]{2})", Pattern{Match: "(?i)/((?:[^/%]|%[0-9A-Fa-f]{2}){2}).*", Rewrite: "(?i)^/((?:[^/%]|%[0-9A-Fa-f]{2}){2}).*$", Groups: 1},
		},
		"two backslashes are one to nginx": {`/a\\.b`, Pattern{Match: `(?i)/a\.b.*`, Rewrite: `(?i)^/a\.b.*$`}},
		"quoted text is literal":           {`/\Qa.b*\E`, Pattern{Match: `(?i)/a\.b(?:\*|%2[Aa]).*`, Rewrite: `(?i)^/a\.b(?:\*|%2[Aa]).*$`}},
		"word boundaries are approximate": {
			`/\bx`, Pattern{
				Match: `(?i)/\bx.*`, Rewrite: `(?i)^/\bx.*$`,
				Approximate: "a word boundary next to a percent-encoded character is seen differently",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := convertPath(c.path)
			require.NoError(t, err)
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLongPatternsBecomeApproximate(t *testing.T) {
	p, err := convertPath("/" + strings.Repeat("[^@]", 100))
	require.NoError(t, err)
	if p.Approximate == "" || len(p.Match) > maxPattern {
		t.Errorf("%d bytes, approximate %q", len(p.Match), p.Approximate)
	}
}

func TestRefusedPatterns(t *testing.T) {
	for pattern, want := range map[string]error{
		`(?=a)`: errNotRE2, `(?!a)`: errNotRE2, `(?<=a)`: errNotRE2, `(?<!a)`: errNotRE2, `(?>a)`: errNotRE2, `(?|a)`: errNotRE2,
		`(a)\1`: errNotRE2, `(?<n>a)\k<n>`: errNotRE2, `(a)\g1`: errNotRE2, `(a)(?P=n)`: errNotRE2, `(?R)`: errNotRE2, `(?1)`: errNotRE2,
		`a++`: errNotRE2, `a*+`: errNotRE2, `a?+`: errNotRE2, `a{2}+`: errNotRE2, `a\K`: errNotRE2, `\Ga`: errNotRE2, `\R`: errNotRE2,
		`\X`: errNotRE2, `a\Z`: errNotRE2, `(?(1)a)`: errNotRE2, `a{1001}`: errNotRE2, `a{2,1001}`: errNotRE2, `(*UTF8)a`: errNotRE2,
		`(?x)a`: errNotRE2, `\pL`: errNotRE2, `a{,3}`: errNotRE2, `(?:a{100}){100}`: errNotRE2, `[^a]{1000}[^b]{1000}[^c]{1000}`: nil,
		`(`: errNotPCRE, `)`: errNotPCRE, `[a`: errNotPCRE, `a\`: errNotPCRE, `*a`: errNotPCRE, `a|*`: errNotPCRE, `a**`: errNotPCRE,
		`a{2}{3}`: errNotPCRE, `[z-a]`: errNotPCRE, `[[:nope:]]`: errNotPCRE, `a{3,2}`: errNotPCRE, `(?<n>a)(?<n>b)`: errNotPCRE,
		`\1`: errNotPCRE, `(?<9>a)`: errNotPCRE, `\x{100}`: errNotPCRE, `a{65536}`: errNotPCRE, `(?#a`: errNotPCRE, `\l`: errNotPCRE,
		`[]`: errNotPCRE, `(?`: errNotPCRE,
	} {
		t.Run(pattern, func(t *testing.T) {
			if _, err := convertPath(pattern); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("as a path: %v", err)
			}
			if _, err := convertSearch(pattern); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("as a search: %v", err)
			}
		})
	}
	if _, err := convertPath("/" + strings.Repeat("a", maxPattern)); !errors.Is(err, errNotRE2) {
		t.Errorf("a long path: %v", err)
	}
}

func TestSearchedPatterns(t *testing.T) {
	for pattern, want := range map[string]string{
		`ye`: `ye`, `^a b$`: `^a b$`, `a@b`: `a@b`, `(?<x>a)`: `(?P<x>a)`, `\_\-`: `_-`, `[\w-.]`: `[\w\-.]`, `\h\H`: `[\x09 ][^\x09 ]`,
		`a{2}{`: `a{2}\{`, `Ünder`: `Ünder`, `\xC3\x9C`: `Ü`, `\x41\o{101}\cA`: `AA\x01`, `a(?#no)b`: `ab`, `(?i)x`: `(?i)x`, `(?)x`: `x`,
		`[[:^digit:]\]]`: `[[:^digit:]\]]`, `\Qa.b`: `a\.b`, `[\Q-]\E]`: `[\-\]]`, `\N`: `.`,
	} {
		got, err := convertSearch(pattern)
		require.NoError(t, err, pattern)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
	for _, pattern := range []string{`é+`, `[é]`, `\xC3`} {
		if got, err := convertSearch(pattern); !errors.Is(err, errNotRE2) {
			t.Errorf("%s: %q, %v", pattern, got, err)
		}
	}
}

func TestPatternsOfNames(t *testing.T) {
	for pattern, want := range map[string]string{
		`~^www\d+\.x$`: `(?i)www\d+\.x`, `foo`: `(?i).*foo.*`, `~^a\.b`: `(?i)a\.b.*`, `~\.test$`: `(?i).*\.test`,
		`~^a$|^b$`: `(?i)(?:a|b)`, `~^a$|b`: `(?i)(?:a|.*b.*)`, `~(?-i)^a$`: `(?i)(?-i)a`, `~^(a|b)\\.c$`: `(?i)(a|b)\.c`,
	} {
		got, err := convertName(pattern)
		require.NoError(t, err, pattern)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
	for _, pattern := range []string{`~^(a$|b)`, `~(?=a)`, `~(`} {
		if got, err := convertName(pattern); err == nil {
			t.Errorf("%s: %s", pattern, got)
		}
	}
}

func TestPatternsOfRewrites(t *testing.T) {
	for pattern, want := range map[string][2]string{
		`^/old/(.*)$`: {`^/old/(.*)$`, `^/old/(.*)$`},
		`^/old`:       {`^/old.*`, `^/old.*$`},
		`/old/(\d+)`:  {`.*/old/(\d+).*`, `^.*?/old/(\d+).*$`},
		`^/a|/b`:      {`.*(?:^/a|/b).*`, `^.*?(?:^/a|/b).*$`},
		`^`:           {`^.*`, `^.*$`},
		`b$`:          {`(?:[^%]|%[0-9A-Fa-f]{2})*b$`, `^(?:[^%]|%[0-9A-Fa-f]{2})*?b$`},
	} {
		p, err := convertRewrite(pattern)
		require.NoError(t, err, pattern)
		if diff := cmp.Diff(want, [2]string{p.Match, p.Rewrite}); diff != "" {
			t.Errorf("%s: %s", pattern, diff)
		}
	}
}

// FuzzPatterns makes sure that whatever is converted compiles, is short enough, and that a name's pattern allows for a port.
func FuzzPatterns(f *testing.F) {
	for _, s := range []string{`/a(b|c)[^d]{2}\x41`, `(?<n>\Qx\E)`, `^a$|b`, `[[:alpha:]-\d]`, `\o{101}\cA`, `(?i-s:a)`, `{1,2}`, `a{1,2}?`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := convertPath(s); err == nil {
			for _, re := range []string{p.Match, p.Rewrite} {
				if c, err := regexp.Compile(re); err != nil || len(re) > maxPattern || c.NumSubexp() != p.Groups {
					t.Errorf("%q gives %q: %v", s, re, err)
				}
			}
		}
		if re, err := convertSearch(s); err == nil {
			if _, err := regexp.Compile(".*(?:" + re + ").*"); err != nil {
				t.Errorf("%q gives %q: %v", s, re, err)
			}
		}
		if re, err := convertName(s); err == nil {
			with, err := regexp.Compile("^(?:" + re + "(:[0-9]+)?)$")
			require.NoError(t, err)
			if regexp.MustCompile("^(?:"+re+")$").MatchString("www1.x") && !with.MatchString("www1.x:80") {
				t.Errorf("%q gives %q, which leaves no place for a port", s, re)
			}
		}
	})
}
