// Package acceptance holds the rules that a conversion must keep, one case a rule, and the promises that hold for all input.
// A case is a file of testdata: the rule in a sentence, the input, and what is wanted of the output.
package acceptance

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

func TestRules(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	oracle, err := full.New()
	require.NoError(t, err)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			c := readCase(t, name)
			r := c.translate(c.inputs)
			o := &outcome{T: t, Result: r, router: newRouter(r.Objects)}
			for _, statement := range c.want {
				o.check(statement)
			}
			if n := r.Counts; n.In != n.Converted+n.Skipped+n.Failed {
				t.Errorf("counts do not add up: %+v", n)
			}
			problems, err := oracle.Check(r.Objects)
			require.NoError(t, err)
			for _, p := range problems {
				t.Errorf("an API server would refuse %s", p)
			}
			c.sameWhateverTheOrder(t, r)
		})
	}
}

func TestTextInOtherEncodings(t *testing.T) {
	const ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: NAME, namespace: shop}\nspec: {ingressClassName: nginx, rules: [{host: NAME.example.com}]}\n"
	named := func(name string) string { return strings.ReplaceAll(ingress, "NAME", name) }
	wide := []byte{0xff, 0xfe}
	for _, c := range []byte(named("wide")) {
		wide = append(wide, c, 0)
	}
	for name, c := range map[string]struct {
		in   []byte
		want translate.Counts
		bad  bool // something cannot be read
	}{
		"UTF-16 is read":                           {wide, translate.Counts{In: 1, Converted: 1}, false},
		"half of UTF-16 is no manifest":            {append(slices.Clone(wide[:9]), "\xd8\x00"...), translate.Counts{}, true},
		"a byte of Latin-1 costs its own document": {[]byte(named("good") + "---\n" + named("caf\xe9")), translate.Counts{In: 2, Converted: 1, Failed: 1}, true},
	} {
		s := snapshot.New()
		load.Bytes("in.yaml", c.in, s)
		r := translate.Translate(s, translate.Options{})
		if diff := cmp.Diff(c.want, r.Counts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if said := slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Code == finding.Unreadable }); said != c.bad {
			t.Errorf("%s: said: %v", name, said)
		}
	}
}

// testCase is one rule. The files of its archive are read in order, want is what must hold then.
type testCase struct {
	inputs  []input
	options translate.Options
	want    []string
}

type input struct {
	name string
	data []byte
}

func readCase(t *testing.T, name string) *testCase {
	t.Helper()
	a, err := txtar.ParseFile(name)
	require.NoError(t, err)
	require.Greater(t, len(bytes.TrimSpace(a.Comment)), 20, "the rule is missing")
	c := &testCase{}
	for _, f := range a.Files {
		if f.Name != "want" {
			c.inputs = append(c.inputs, input{f.Name, f.Data})
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			line = strings.TrimSpace(line)
			if flag, ok := strings.CutPrefix(line, "with "); ok {
				c.options = option(t, c.options, flag)
			} else if line != "" && line[0] != '#' {
				c.want = append(c.want, line)
			}
		}
	}
	require.NotEmpty(t, c.want)
	return c
}

// option adds what a flag of the command line stands for.
func option(t *testing.T, o translate.Options, flag string) translate.Options {
	t.Helper()
	name, value, _ := strings.Cut(flag, "=")
	switch name {
	case "--controller-args":
		o.Source.ControllerArgs = append(o.Source.ControllerArgs, value)
	case "--controller-config":
		o.Source.ControllerConfig.Namespace, o.Source.ControllerConfig.Name, _ = strings.Cut(value, "/")
	case "--class":
		class, controller, _ := strings.Cut(value, ":")
		if o.Source.ClassControllers == nil {
			o.Source.ClassControllers = map[string]string{}
		}
		o.Source.ClassControllers[class] = controller
	case "--watch-ingress-without-class":
		o.Source.WatchIngressWithoutClass = true
	case "--default-certificate":
		o.Target.DefaultCertificate = value
	case "--no-envoyfilter":
		o.Target.NoEnvoyFilter = true
	case "--waive":
		o.Waived = func(c finding.Code, _ *finding.Object) bool { return c.Entry().Name == value }
	default:
		require.Fail(t, "unknown flag "+flag)
	}
	return o
}

func (c *testCase) translate(inputs []input) *translate.Result {
	s := snapshot.New()
	for _, in := range inputs {
		load.Bytes(in.name, in.data, s)
	}
	return translate.Translate(s, c.options)
}

// sameWhateverTheOrder reads the documents in other orders.
func (c *testCase) sameWhateverTheOrder(t *testing.T, first *translate.Result) {
	t.Helper()
	var docs []input
	for _, in := range c.inputs {
		for i, d := range bytes.Split(in.data, []byte("\n---\n")) {
			docs = append(docs, input{fmt.Sprintf("%s-%d", in.name, i), append(d, '\n')})
		}
	}
	if len(docs) == len(c.inputs) && len(docs) == 1 {
		return
	}
	want := yamlOf(t, first.Objects)
	for seed := range uint64(5) {
		shuffled := slices.Clone(docs)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(docs), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(want, yamlOf(t, c.translate(shuffled).Objects)); diff != "" {
			t.Fatalf("another order of the input gives another output:\n%s", diff)
		}
	}
}

func yamlOf(t require.TestingT, objects []*manifest.Object) string {
	var b bytes.Buffer
	require.NoError(t, manifest.WriteYAML(&b, objects...))
	return b.String()
}
