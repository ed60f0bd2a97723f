package manifest

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	yamlv3 "go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
	sigsyaml "sigs.k8s.io/yaml"
)

func TestStringsAreQuotedWhenAReaderWouldTakeThemForSomethingElse(t *testing.T) {
	for in, want := range map[string]string{
		"":                     `""`,
		"true":                 `"true"`,
		"Yes":                  `"Yes"`,
		"on":                   `"on"`,
		"OFF":                  `"OFF"`,
		"y":                    `"y"`,
		"N":                    `"N"`,
		"null":                 `"null"`,
		"~":                    `"~"`,
		"=":                    `"="`,
		"<<":                   `"<<"`,
		"0":                    `"0"`,
		"8080":                 `"8080"`,
		"-1":                   `"-1"`,
		"+5":                   `"+5"`,
		"1_000":                `"1_000"`,
		"0777":                 `"0777"`,
		"0o17":                 `"0o17"`,
		"0x1F":                 `"0x1F"`,
		"-0xff":                `"-0xff"`,
		"0b101":                `"0b101"`,
		"1.5":                  `"1.5"`,
		".5":                   `".5"`,
		"5.":                   `"5."`,
		"1e3":                  `"1e3"`,
		"12e03":                `"12e03"`,
		"1.5E-7":               `"1.5E-7"`,
		".inf":                 `".inf"`,
		"-.INF":                `"-.INF"`,
		".NaN":                 `".NaN"`,
		"1:30":                 `"1:30"`,
		"190:20:30.15":         `"190:20:30.15"`,
		"2026-11-23":           `"2026-11-23"`,
		"2026-1-2":             `"2026-1-2"`,
		"2001-12-14 21:59:43Z": `"2001-12-14 21:59:43Z"`,
		"- a":                  `"- a"`,
		"-":                    `"-"`,
		"---":                  `"---"`,
		"...":                  `"..."`,
		"? a":                  `"? a"`,
		": a":                  `": a"`,
		"a: b":                 `"a: b"`,
		"a:":                   `"a:"`,
		"a #b":                 `"a #b"`,
		"#a":                   `"#a"`,
		" a":                   `" a"`,
		"a ":                   `"a "`,
		"[a]":                  `"[a]"`,
		"{a}":                  `"{a}"`,
		"*.a.test":             `"*.a.test"`,
		"&a":                   `"&a"`,
		"!a":                   `"!a"`,
		"|":                    `"|"`,
		">a":                   `">a"`,
		"%a":                   `"%a"`,
		"@a":                   `"@a"`,
		"`a":                   "\"`a\"",
		"'a'":                  `"'a'"`,
		`"a"`:                  `'"a"'`,
		`[\d]'"`:               `'[\d]''"'`,
		"a\tb":                 `"a\tb"`,
		"a\x1b[31mb":           `"a\u001b[31mb"`,
		"a\u0085b":             `"a\u0085b"`,
		"a\u202eb":             `"a\u202eb"`,
		"a\U000e0001b":         `"a\U000e0001b"`,
		"\ufeff":               `"\ufeff"`,
		"a\r\n":                `"a\r\n"`,
		"é: b":                 `"é: b"`,
	} {
		if diff := cmp.Diff(want, string(appendString(nil, in))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestStringsStayPlainWhenNoReaderErrs(t *testing.T) {
	for _, in := range []string{
		"shop", "shop.svc.cluster.local", "10.0.0.0/8", "1.2.3", "5s", "0.001s", "/foo/bar", "^/api/v\\d+", "a:b", "a#b", "http://a.test/?x=1#y",
		"-a", "?a", ":a", "--flag", "trueish", "yesno", "0xzz", "1e", "1.e", "0o9x", "12:99", "1:2:3:x", "2026-11-x", "v1", "é", "größe", "日本", "%REQ(X)"[1:],
		"istio-system/gw", "nginx.ingress.kubernetes.io/rewrite-target", "+", ".", ".a", "~/a", "<a>", "=a",
	} {
		if diff := cmp.Diff(in, string(appendString(nil, in))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestYAMLIsWrittenInBlockStyle(t *testing.T) {
	got, err := YAML(Map{
		{"apiVersion", "v1"},
		{"empty", Map{}},
		{"none", []any{}},
		{"hosts", []string{"a.test", "*.b.test"}},
		{"http", []any{
			Map{{"name", "x"}, {"match", []any{Map{{"port", 80}}, Map{{"port", uint32(443)}, {"uri", Map{{"exact", "/"}}}}}}},
			[]any{[]any{int32(1), 2.5}, []any{}},
			nil,
		}},
		{"code", "function f()\n  return 1\n\nend\n"},
		{"text", "two\nlines"},
		{"open", "ends\n\n"},
		{"labels", map[string]string{"b": "2", "a": "x"}},
		{"big", 1e21}, {"small", 1e-9}, {"whole", 3.0}, {"on", true},
		{strings.Repeat("k", 200), "long key"},
		{"data", []byte("hi")},
	})
	require.NoError(t, err)
	want := `apiVersion: v1
empty: {}
none: []
hosts:
- a.test
- "*.b.test"
http:
- name: x
  match:
  - port: 80
  - port: 443
    uri:
      exact: /
- - - 1
    - 2.5
  - []
- null
code: |
  function f()
    return 1

  end
text: |-
  two
  lines
open: "ends\n\n"
labels:
  a: x
  b: "2"
big: 1.0e+21
small: 1.0e-09
whole: 3
"on": true
? ` + strings.Repeat("k", 200) + `
: long key
data: aGk=
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoNumberIsAnError(t *testing.T) {
	for _, v := range []any{math.NaN(), math.Inf(1), struct{}{}, make(chan int), map[int]string{}} {
		if _, err := YAML(Map{{"a", v}}); err == nil {
			t.Errorf("%v was written", v)
		}
		if _, err := JSON([]any{v}); err == nil {
			t.Errorf("%v was written as JSON", v)
		}
	}
}

// nasty are pieces that strings are made of in the property test.
var nasty = []string{
	"a", "b", " ", "  ", "\n", "\n\n", "\t", ":", ": ", "#", " #", "-", "- ", "---", "...", "?", "? ", "'", "''", `"`, `\`, `\n`, "|", "|-", ">", "%", "@", "`", "!", "!!str", "&x", "*x", "{", "}", "[", "]", ",",
	"true", "no", "null", "~", "0", "1", "7", "9", "_", "e", "E", "x", "0x", "0o", "0b", ".", "+", "inf", "nan", "2026-01-02", "T", "Z", "1:30", "<<", "=", "\r", "\r\n", "\x00", "\x1b", "\x7f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\ufffe", "é", "日", "\U0001f600", "\U000e0001",
}

func genString() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(nasty), 0, 6), func(s []string) string { return strings.Join(s, "") }),
		rapid.StringMatching(`[-+]?[0-9_.:eExob]{1,8}`),
		rapid.String(),
	)
}

func genTree(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Map(genString(), func(s string) any { return s }),
		rapid.Map(rapid.Int64(), func(i int64) any { return i }),
		rapid.Map(rapid.Uint64(), func(i uint64) any { return i }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Just(any(nil)),
	)
	if depth == 0 {
		return leaf
	}
	return rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(genTree(depth-1), 0, 4), func(s []any) any { return s }),
		rapid.Map(rapid.MapOfN(genString(), genTree(depth-1), 0, 4), func(m map[string]any) any {
			out := Map{}
			for k, v := range m {
				out = append(out, Field{k, v})
			}
			sortByKey(out)
			return out
		}),
	)
}

// loose brings trees of several decoders to one form: numbers as float64, mappings as map[string]any.
func loose(v any) any {
	switch v := v.(type) {
	case Map:
		out := map[string]any{}
		for _, f := range v {
			out[f.Key] = loose(f.Value)
		}
		return out
	case map[string]any:
		for k := range v {
			v[k] = loose(v[k])
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = loose(v[i])
		}
		return out
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return v
}

type failer interface{ Fatalf(string, ...any) }

// readBack decodes with both readers and wants the tree again.
func readBack(t failer, tree any) {
	y, err := YAML(tree)
	if err != nil {
		t.Fatalf("writing: %v", err)
	}
	want := loose(tree)
	var v3 any
	if err := yamlv3.Unmarshal(y, &v3); err != nil {
		t.Fatalf("yaml/v3: %v\n%s", err, y)
	}
	if diff := cmp.Diff(want, loose(v3)); diff != "" {
		t.Fatalf("yaml/v3 (-want +got):\n%s\n%s", diff, y)
	}
	var sigs any
	if err := sigsyaml.Unmarshal(y, &sigs); err != nil {
		t.Fatalf("sigs.k8s.io/yaml: %v\n%s", err, y)
	}
	if diff := cmp.Diff(want, loose(sigs)); diff != "" {
		t.Fatalf("sigs.k8s.io/yaml (-want +got):\n%s\n%s", diff, y)
	}
	j, err := JSON(tree)
	if err != nil {
		t.Fatalf("writing JSON: %v", err)
	}
	var js any
	if err := json.Unmarshal(j, &js); err != nil {
		t.Fatalf("JSON: %v\n%s", err, j)
	}
	if diff := cmp.Diff(want, loose(js)); diff != "" {
		t.Fatalf("JSON (-want +got):\n%s\n%s", diff, j)
	}
}

func TestWhatIsWrittenIsReadBackByAllReaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		readBack(t, Map{{"spec", genTree(4).Draw(t, "tree")}})
	})
}

func TestTheTopOfADocumentMayBeAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { readBack(t, genTree(2).Draw(t, "tree")) })
}

func FuzzStringsAreReadBack(f *testing.F) {
	for _, s := range nasty {
		f.Add(s, s+"a"+s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.ToValidUTF8(a, "\ufffd"), strings.ToValidUTF8(b, "\ufffd") // a protobuf string is valid UTF-8
		readBack(t, Map{{"x" + a, b}, {a, []any{a, Map{{b, a}}}}})
	})
}

func TestInvalidUTF8BecomesTheReplacementCharacter(t *testing.T) {
	y, err := YAML(Map{{"a", "x\xffy"}})
	require.NoError(t, err)
	if diff := cmp.Diff("a: \"x\ufffdy\"\n", string(y)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestKYAMLIsYAMLOfTheSameTree(t *testing.T) {
	o := &Object{APIVersion: "v1", Kind: "ConfigMap", Namespace: "a", Name: "b", Fields: Map{{"data", Map{{"on", "yes"}, {"k", "a\nb"}}}}}
	var b bytes.Buffer
	require.NoError(t, WriteKYAML(&b, o, o))
	docs := strings.Split(strings.TrimPrefix(b.String(), "---\n"), "---\n")
	require.Len(t, docs, 2)
	for _, d := range docs {
		var got any
		require.NoError(t, sigsyaml.Unmarshal([]byte(d), &got))
		if diff := cmp.Diff(loose(o.Tree()), loose(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
