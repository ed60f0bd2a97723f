package load

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// shape is a node for comparison: what it holds, and where maps, lists and keys stand.
func shape(n *node) any {
	switch n.kind {
	case mapping:
		out := []any{"map", n.line}
		for c := range n.children {
			out = append(out, c.key, c.keyLine, shape(c))
		}
		return out
	case sequence:
		out := []any{"list"}
		if n.count > 0 {
			out = append(out, n.line)
		}
		for c := range n.children {
			out = append(out, shape(c))
		}
		return out
	}
	return []any{n.kind.String(), n.text}
}

func twiceOf(t tree) string {
	if t.twice == nil {
		return ""
	}
	return t.twice.key
}

// requireSameTree holds the quick parser to the full one wherever it claims to understand a document.
func requireSameTree(t *testing.T, doc string) bool {
	t.Helper()
	var a, b arena
	quick, ok := blockYAML(&a, doc, 1)
	if !ok {
		return false
	}
	full, err := fullYAML(&b, doc, 1)
	if err != nil {
		t.Fatalf("the full parser refuses what the quick one reads: %v\n%q", err, doc)
	}
	if diff := cmp.Diff([]any{shape(full.root), twiceOf(full)}, []any{shape(quick.root), twiceOf(quick)}); diff != "" {
		t.Fatalf("trees differ (-full +quick):\n%s\n%q", diff, doc)
	}
	return true
}

var blockDocuments = []string{
	"a: 1\nb: two\nc: \"three\"\nd: 'it''s'\n",
	"a:\n  b:\n    - c: 1\n      d: 2\n    - e\n  f: g\n",
	"a:\n- b\n- c: d\n  e:\n  - f\ng: h\n",
	"a: |\n  line one\n    deeper\n\n  line two\nb: |-\n  no end\nc: x\n",
	"- a: |\n    text\n  b: 1\n- c\n",
	"a: # comment\n  b: c # comment\n# comment\n  d: e#f\n",
	"a:\nb:\n- \n- c\n-\n  d: e\n",
	"yes: on\n8: 010\n1.50: 1e3\nx: 1_000\nz: 0x1F\nt: 2001-01-01\nn: ~\no: null\n",
	"url: http://x:80/y?z#w\n\"quoted key\": \"a\\tb\\n\\\"c\\\"\"\n",
	"a: {}\nb: []\nc: {} # none\n",
	"a: b\na: c\n",
	"a: |\n  x\n\n\nb: |\n  y\n # comment\nc: d\n",
	"  a: b\n  c: d\n",
	"a: -1\nb: -x\nc: - \n",
	"a: x\n  y\n", "a: 'x\n  y'\n", "a: &x b\nc: *x\n", "a:\n    b: c\n  d: e\n", "a: [x, y]\n", "a: >\n  x\n", "? a\n", "a: |2\n   x\n",
	"a: 'b' 'c'\n", "a: b: c\n", "- - a\n", "a: \"b\n", "a: |\n  x", "a: |\n\n  x\n \n\nb: 1\n", "a: |\n  x\n     \n  y\n", "\n\n# x\n", "---\n", "a: b\n...\n",
	"a: |\n  x\n   # not a comment\n# a comment\nb: c\n", "a:b\n", "a:  b  \n", "a:\n  - b:\n    - c\n  - d: |\n      e\n    f: g\n", "a: .inf\nb: .5\nc: +.5\n",
	"'a': b\n'': c\n", "a: b\n- c\n", "- a\nb: c\n", "a:\n- b\n c: d\n", "a: 'b'#c\n", "a: 'b' #c\n", "a: \"b\" \n", "a: # b\n\n\n  c: d\n", "- # a\n- b\n",
}

func TestQuickParserAgreesWithFullParser(t *testing.T) {
	read := 0
	for _, doc := range blockDocuments {
		if requireSameTree(t, doc) {
			read++
		}
	}
	if read < 20 {
		t.Errorf("the quick parser read only %d of %d documents", read, len(blockDocuments))
	}
}

func FuzzQuickParser(f *testing.F) {
	for _, doc := range blockDocuments {
		f.Add(doc)
	}
	names, err := filepath.Glob("testdata/*.yaml")
	require.NoError(f, err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, doc string) {
		if !strings.Contains(doc, "\n---") && !strings.Contains(doc, "\n...") {
			requireSameTree(t, doc)
		}
	})
}

// pieces are what FuzzQuickParserPieces composes documents of: text near the borders of what the quick parser takes.
var pieces = []string{
	"\n", "\n  ", "\n    ", "\n- ", "\n  - ", "\n    - ", "\n ", " ", "  ", "a:", "b:", "c:", "a: ", "b: x", "- ", "-", "x", "y z", "1", "yes", "\"q\"", "'q'", "\"", "'", "''",
	"\\", "\\n", "|", "|-", "|+", ">", "#", " # c", "\n# c", "\n  # c", "{}", "[]", "{", "]", ":", ": ", ",", "&a", "*a", "!t", "?", "%", "@", "~", "<<:", "\"k\": v", "'k': v", "\n\n", "\n   \n", "---", "...", "a-b/c.d:",
}

func FuzzQuickParserPieces(f *testing.F) {
	f.Add([]byte{9, 1, 10, 16, 0, 11})
	f.Add([]byte{9, 31, 1, 16, 2, 16, 0, 13})
	f.Add([]byte{9, 4, 12, 16, 2, 10, 33, 0, 3, 13})
	f.Fuzz(func(t *testing.T, choice []byte) {
		var b strings.Builder
		for _, c := range choice {
			b.WriteString(pieces[int(c)%len(pieces)])
		}
		b.WriteString("\n")
		if doc := b.String(); !strings.Contains(doc, "\n---") && !strings.Contains(doc, "\n...") && !strings.HasPrefix(doc, "---") && !strings.HasPrefix(doc, "...") {
			requireSameTree(t, doc)
		}
	})
}

// jsonOf is a scalar as JSON, from our rules for plain scalars.
func jsonOf(k kind, s string) string {
	switch k {
	case null:
		return "null"
	case text:
		b, _ := json.Marshal(s)
		return string(b)
	}
	return s
}

var plainScalars = []string{
	"", "~", "null", "Null", "y", "Y", "yes", "No", "on", "OFF", "true", "True", "tRUE", "0", "-0", "+1", "010", "08", "0o17", "0x1f", "0b11", "-0b11", "1_000", "1__0",
	"1.5", "1.", ".5", "-.5", "+.5", "1e3", "1e+3", "1.0", "80.0", "1e400", "1e70", "-1e70", "12e03", "0x1p-2", "12345678901234567890", "99999999999999999999", "-9223372036854775809",
	"2001-01-01", "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", "2001-13-01", "1:30", "190:20:30", "1.2.3", "1-2", "v1", "-", "+", "0_", "_1", "10.0.0.0/8", "<<",
	"no way", "1 2", "0.1", "1e21", "1e20", "100000000000000000000.0", "123456789.123", ".", "..", "-.", "0b", "0x", "e5", "1e", "+1e5", "00", "007", "0.0", "-1.0e-7",
}

func TestPlainScalarsAreTypedAsKubernetesToolsDo(t *testing.T) {
	for _, s := range plainScalars {
		requireSameScalar(t, s)
	}
}

func requireSameScalar(t *testing.T, s string) {
	t.Helper()
	want, err := yaml.YAMLToJSON([]byte("[ " + s + " ]"))
	if err != nil || s == "" {
		return
	}
	k, v := resolve(s)
	if got := "[" + jsonOf(k, v) + "]"; got != string(want) {
		t.Errorf("%q is %s, must be %s", s, got, want)
	}
	wantKey, err := yaml.YAMLToJSON([]byte(s + ": 1\n"))
	if err != nil || s == "<<" {
		return
	}
	key, ok := keyText(s)
	b, _ := json.Marshal(map[string]int{key: 1})
	if !ok || string(b) != string(wantKey) {
		t.Errorf("as a key %q is %s (%v), must be %s", s, b, ok, wantKey)
	}
}

func FuzzPlainScalar(f *testing.F) {
	for _, s := range plainScalars {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s = strings.TrimSpace(s); s == "" {
			return
		}
		if s, ok := plainScalar(s); ok && plainBytes(s) && !strings.ContainsAny(s, ",[]{}\n") {
			requireSameScalar(t, s)
		}
	})
}
