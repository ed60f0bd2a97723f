package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

const oneIngress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {ingressClassName: nginx, rules: [{host: a.test}], tls: [{secretName: t}]}
`

func TestKeyMaterialIsNotShownOnATerminal(t *testing.T) {
	for name, terminal := range map[string]bool{"a pipe gets everything": false, "a terminal does not": true} {
		var out, errOut strings.Builder
		streams := Streams{In: strings.NewReader(oneIngress), Out: &out, Err: &errOut, OutTerminal: terminal}
		code := Run(t.Context(), []string{"ingress2gw", "convert", "-f", "-", "--tls", "copy", "-q"}, streams, fakes())
		require.Equal(t, exitDone, code, errOut.String())
		if got := strings.Contains(out.String(), "tls.key"); got == terminal {
			t.Errorf("%s: key printed: %v", name, got)
		}
		if got := strings.Contains(errOut.String(), "Not shown on a terminal: 1 object with key material."); got != terminal {
			t.Errorf("%s: %q", name, errOut.String())
		}
	}
}

// closed is a stream that nobody reads any more.
type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestOutputThatCannotBeWrittenIsNoBugOfOurs(t *testing.T) {
	for _, args := range [][]string{{"convert", "-f", "-"}, {"convert", "-f", "-", "-o", "json"}, {"convert", "-f", "-", "-o", "name"}, {"convert", "-f", "-", "--to", "model"}, {"version"}} {
		var errOut strings.Builder
		code := Run(t.Context(), append([]string{"ingress2gw"}, args...), Streams{In: strings.NewReader(oneIngress), Out: closed{}, Err: &errOut}, fakes())
		if code != exitIO {
			t.Errorf("%v: exit code %d: %s", args, code, errOut.String())
		}
	}
}

// planned parses a command line and gives what it means.
func planned(t *testing.T, args ...string) *plan {
	t.Helper()
	var p *plan
	cmd := newConvert(Streams{}, fakes(), func(o *convertOptions, _ *cobra.Command) (err error) {
		p, err = o.plan()
		return err
	})
	cmd.SetArgs(args)
	require.NoError(t, cmd.Execute())
	return p
}

func TestFlagsFillTheOptions(t *testing.T) {
	p := planned(t, "--controller-args", `--enable-ssl-passthrough --x="a b"`, "--controller-config", "ns/cm", "--class", "a=b", "--class", "c=d", "--controller-class", "k", "--ingress-class", "i",
		"--watch-ingress-without-class", "--annotations-prefix", "p", "--ownership", "team", "--profile", "native", "--tls", "copy", "--sni", "421", "--basic-auth", "authorizer", "--limit-connections", "shared", "--default-certificate", "d", "--istio-version", "1.30", "--no-envoyfilter", "--no-lua", "--rbac", "--team-group", "t-{namespace}",
		"--gateway-namespace", "gw", "--gateway-selector", "a=b", "--http-port", "8080", "--https-port", "8443", "--cluster-domain", "c.d", "--waive", "I2G4001=shop/*")
	if diff := cmp.Diff(translate.SourceOptions{
		ClassControllers: map[string]string{"a": "b", "c": "d"}, ControllerArgs: []string{"--enable-ssl-passthrough", "--x=a b"}, ControllerConfig: snapshot.Key{Namespace: "ns", Name: "cm"},
		ControllerClass: "k", IngressClass: "i", AnnotationsPrefix: "p", WatchIngressWithoutClass: true,
	}, p.translate.Source); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	target := p.translate.Target
	for _, waived := range []func(finding.Code, *finding.Object) bool{target.Waived, p.translate.Waived} {
		if !waived("I2G4001", &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "x"}) || waived("I2G4001", nil) {
			t.Error("the waiver does not hold")
		}
	}
	target.Waived = nil
	if diff := cmp.Diff(emit.Options{
		Ownership: emit.Team, Profile: emit.ProfileNative, TLS: emit.TLSCopy, SNI: emit.SNIMisdir, BasicAuth: emit.BasicAuthAuthorizer, Connections: emit.ConnectionsShared, DefaultCertificate: "d", IstioVersion: emit.Version{Major: 1, Minor: 30}, NoEnvoyFilter: true, NoLua: true, RBAC: true, TeamGroup: "t-{namespace}",
		Gateway: emit.GatewayOptions{Namespace: "gw", Selector: map[string]string{"a": "b"}, HTTPPort: 8080, HTTPSPort: 8443, ClusterDomain: "c.d"},
	}, target); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutFlagsTheDefaultsHold(t *testing.T) {
	target := planned(t).translate.Target
	target.Waived = nil
	want := emit.Options{}.Defaults()
	want.Waived, want.BodyBuffer = nil, 0
	if diff := cmp.Diff(want, target); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestANameWithASlashIsAnObjectUnlessItLooksLikeAFile(t *testing.T) {
	for in, want := range map[string]bool{"a/b": true, "ingress-nginx/ingress-nginx-controller": true, "./a/b": false, "a/b.yaml": false, "a/b/c": false, "cm.yaml": false, "/a/b": false, "../a": false, "": false} {
		if _, got := configKey(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestErrorsBecomeExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"nothing":                     {nil, 0},
		"findings":                    {findingsError{1, 0}, 1},
		"usage":                       {usagef("x"), 2},
		"usage within another error":  {fmt.Errorf("a: %w", usagef("x")), 2},
		"a file that is missing":      {inputError(fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}), true), 2},
		"a URL that does not answer":  {inputError(&url.Error{Op: "Get", URL: "x", Err: errors.New("y")}, true), 3},
		"a cluster":                   {inputError(errors.New("x"), false), 3},
		"an error nobody thought of":  {errors.New("x"), 70},
		"a file that is not writable": {ioError{fs.ErrPermission}, 3},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestMessagesObeyNoInput(t *testing.T) {
	var errOut strings.Builder
	code := Run(context.Background(), []string{"ingress2gw", "\x1b[2J"}, Streams{Out: &errOut, Err: &errOut}, fakes())
	require.Equal(t, exitUsage, code)
	if strings.Contains(errOut.String(), "\x1b") {
		t.Errorf("%q", errOut.String())
	}
}

func TestColorIsForTerminalsThatWantIt(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(k string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == k {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for name, c := range map[string]struct {
		when     string
		terminal bool
		getenv   func(string) string
		want     bool
	}{
		"a terminal":                {"auto", true, env(), true},
		"a pipe":                    {"auto", false, env(), false},
		"a terminal under NO_COLOR": {"auto", true, env("NO_COLOR", "1"), false},
		"a dumb terminal":           {"auto", true, env("TERM", "dumb"), false},
		"a pipe that must":          {"always", false, env("NO_COLOR", "1"), true},
		"a terminal that must not":  {"never", true, env(), false},
	} {
		if got := colored(c.when, c.terminal, c.getenv); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWordsAreSplitAsAShellDoes(t *testing.T) {
	for in, want := range map[string][]string{
		"":                     nil,
		"  --a  --b=c\t\n--d ": {"--a", "--b=c", "--d"},
		`--a='x y' --b="x 'y"`: {"--a=x y", "--b=x 'y"},
		`a\ b "c\"d\n" 'e\f'`:  {"a b", `c"d\n`, `e\f`},
		`"" ''`:                {"", ""},
		"a\\\nb":               {"ab"},
		"$HOME `x` *":          {"$HOME", "`x`", "*"},
	} {
		got, err := splitWords(in)
		require.NoError(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
	for _, in := range []string{`'a`, `"a`, `a\`, `"a\`} {
		if got, err := splitWords(in); err == nil {
			t.Errorf("%q gives %q", in, got)
		}
	}
}

func TestQuotedWordsOfAShellVariableArePutTogetherAgain(t *testing.T) {
	for name, c := range map[string]struct{ in, want []string }{
		"no quotes":                   {[]string{"convert", "-f", "it's"}, []string{"convert", "-f", "it's"}},
		"a flag and its value":        {[]string{"convert", "'--controller-config'", "'a/b'", "--tls", "copy"}, []string{"convert", "--controller-config", "a/b", "--tls", "copy"}},
		"a value with blanks":         {[]string{"'--controller-args'", "'--x=1", "--y'", "-q"}, []string{"--controller-args", "--x=1 --y", "-q"}},
		"a quote that is not closed":  {[]string{"'--x"}, []string{"'--x"}},
		"a quoted word that is alone": {[]string{"-f", "'a'"}, []string{"-f", "'a'"}},
		"nothing":                     {nil, nil},
	} {
		if diff := cmp.Diff(c.want, rejoin(c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestQuotedWordsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "words")
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		got, err := splitWords(strings.Join(quoted, " "))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(words, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func FuzzSplitWords(f *testing.F) {
	f.Add(`--a "b\" c" 'd' \e`)
	f.Fuzz(func(t *testing.T, s string) {
		words, err := splitWords(s)
		if err == nil && len(strings.Join(words, "")) > len(s) {
			t.Errorf("%q grows to %q", s, words)
		}
	})
}

func TestNamesInTheModelAreLowered(t *testing.T) {
	for in, want := range map[string]string{"TLS": "tls", "MinTLS": "minTLS", "HTTPSRedirect": "httpsRedirect", "Name": "name", "CORS": "cors", "HSTS": "hsts", "CIDRs": "cidrs", "ID": "id"} {
		if diff := cmp.Diff(want, lowerFirst(in)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestAnEmptyModelIsAnEmptyTree(t *testing.T) {
	if tree := modelTree(&model.Edge{}); len(tree) != 0 {
		t.Errorf("%v", tree)
	}
	if tree := modelTree(nil); len(tree) != 0 {
		t.Errorf("%v", tree)
	}
}
