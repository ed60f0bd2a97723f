package nginx

import (
	_ "embed"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// perlResults says what Perl 5.36 makes of patterns and decoded paths with m/^PATTERN/i (nginx's location) and m/(?i)PATTERN/
// (its rewrite): pattern, path, and "+" with the groups for a match. Pairs of a pattern and a path of the table that have no
// line do not match.
//
//go:embed testdata/perl.tsv
var perlResults string

type perlTable struct {
	patterns, paths []string
	results         map[[2]string]string
}

func readPerlTable(t testing.TB) perlTable {
	t.Helper()
	out := perlTable{results: map[[2]string]string{}}
	for line := range strings.SplitSeq(strings.TrimSpace(perlResults), "\n") {
		f := strings.Split(line, "\t")
		require.Len(t, f, 3)
		out.patterns, out.paths = append(out.patterns, f[0]), append(out.paths, f[1])
		out.results[[2]string{f[0], f[1]}] = f[2]
	}
	slices.Sort(out.patterns)
	slices.Sort(out.paths)
	out.patterns, out.paths = slices.Compact(out.patterns), slices.Compact(out.paths)
	return out
}

func TestPathsMatchAsInPerl(t *testing.T) {
	table := readPerlTable(t)
	for _, pattern := range table.patterns {
		p, err := convertPath(pattern)
		require.NoError(t, err, pattern)
		match, rewrite := regexp.MustCompile("^(?:"+p.Match+")$"), regexp.MustCompile(p.Rewrite)
		if diff := cmp.Diff(rewrite.NumSubexp(), p.Groups); diff != "" {
			t.Errorf("%s has another number of groups (-want +got):\n%s", pattern, diff)
		}
		for _, path := range table.paths {
			want := table.results[[2]string{pattern, path}]
			if want == "" {
				want = "-"
			}
			if got := matchPath(t, match, rewrite, path); got != want {
				t.Errorf("%s on %s: got %s, Perl says %s (match %s, rewrite %s)", pattern, path, got, want, p.Match, p.Rewrite)
			}
		}
	}
}

// matchPath writes a result as it stands in the table.
func matchPath(t testing.TB, match, rewrite *regexp.Regexp, path string) string {
	t.Helper()
	if !match.MatchString(path) {
		return "-"
	}
	m := rewrite.FindStringSubmatch(path)
	if m == nil || m[0] != path {
		return "the rewrite does not cover the path"
	}
	out := "+"
	for _, g := range m[1:] {
		out += " <" + canonical(t, g) + ">"
	}
	return out
}

// canonical encodes everything but unreserved characters and slashes.
func canonical(t testing.TB, s string) string {
	t.Helper()
	d, err := url.PathUnescape(s)
	if err != nil {
		t.Errorf("a group ends within an encoded byte: %s", s)
	}
	var b strings.Builder
	for _, c := range []byte(d) {
		if plainBytes()[c] {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// FuzzEncodedPaths compares a converted pattern on an encoded path with the plain pattern on the decoded one.
func FuzzEncodedPaths(f *testing.F) {
	table := readPerlTable(f)
	for i, p := range table.patterns {
		f.Add(p, table.paths[i%len(table.paths)], uint64(i))
	}
	f.Fuzz(func(t *testing.T, pattern, path string, choice uint64) {
		p, err := convertPath(pattern)
		if err != nil || p.Approximate != "" {
			return
		}
		match, rewrite := regexp.MustCompile("^(?:"+p.Match+")$"), regexp.MustCompile(p.Rewrite)
		scanned, err := scan(unescape(pattern))
		require.NoError(t, err)
		plain, err := spell(scanned.tokens)
		w := newPathWriter(false)
		w.ts = scanned.tokens
		for i := range w.ts {
			if err != nil || w.literalDot(i) {
				return
			}
		}
		decoded, encoded := spellPath(path, choice)
		got := matchPath(t, match, rewrite, encoded)
		want := "-"
		if regexp.MustCompile("(?i)^" + plain).MatchString(decoded) {
			want = "+"
			m := regexp.MustCompile("(?i)" + plain).FindStringSubmatch(decoded)
			for _, g := range m[1:] {
				want += " <" + canonical(t, url.PathEscape(g)) + ">"
			}
		}
		if got != want {
			t.Errorf("%s on %s: got %s, want %s (match %s)", pattern, encoded, got, want, p.Match)
		}
	})
}

// spellPath makes a decoded and an encoded path out of printable ASCII, choosing among spellings by bits.
func spellPath(s string, choice uint64) (decoded, encoded string) {
	decoded, encoded = "/", "/"
	for i, c := range []byte(s) {
		if c < ' ' || c > '~' || i == 0 {
			continue
		}
		decoded += string(rune(c))
		switch {
		case plainBytes()[c], eitherBytes()[c] && choice>>(i%64)&1 == 0:
			encoded += string(rune(c))
		case choice>>((i+7)%64)&1 == 0:
			encoded += fmt.Sprintf("%%%02x", c)
		default:
			encoded += fmt.Sprintf("%%%02X", c)
		}
	}
	return decoded, encoded
}
