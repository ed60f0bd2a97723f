package operator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func parse(t *testing.T, args ...string) (Options, error) {
	t.Helper()
	flags := pflag.NewFlagSet("operator", pflag.ContinueOnError)
	given := AddFlags(flags)
	require.NoError(t, flags.Parse(args))
	return given.Options()
}

func TestFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "map.yaml")
	require.NoError(t, os.WriteFile(file, []byte("'*.shop.test': istio-system/shop\na.test: edge/a\n"), 0o600))
	o, err := parse(t, "--class=nginx=k8s.io/ingress-nginx", "--controller-config=a/b", "--controller-args=--x --y=1", "--istio-version=1.29", "--tls=cert-manager", "--routes-only", "--gateway-map="+file, "--waive=I2G4001")
	require.NoError(t, err)
	o.Translate.Target = o.Translate.Target.Defaults()
	waived := o.Translate.Waived
	o.Translate.Waived, o.Translate.Target.Waived = nil, nil
	want := emit.Options{RoutesOnly: true, IstioVersion: emit.Version{Major: 1, Minor: 29}, TLS: emit.TLSCertManager, GatewayMap: []emit.GatewayMapping{
		{Host: "*.shop.test", Gateway: snapshot.Key{Namespace: "istio-system", Name: "shop"}}, {Host: "a.test", Gateway: snapshot.Key{Namespace: "edge", Name: "a"}},
	}}.Defaults()
	want.Waived = nil
	if diff := cmp.Diff(want, o.Translate.Target); diff != "" {
		t.Errorf("target (-want +got):\n%s", diff)
	}
	s := o.Translate.Source
	got := []any{s.ControllerConfig, s.ControllerArgs, s.ClassControllers, waived(finding.Code("I2G4001"), nil), waived(finding.Code("I2G4002"), nil)}
	if diff := cmp.Diff([]any{snapshot.Key{Namespace: "a", Name: "b"}, []string{"--x", "--y=1"}, map[string]string{"nginx": "k8s.io/ingress-nginx"}, true, false}, got); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	for flag, want := range map[string]string{
		"--tls=copy":                  "does not read",
		"--tls=maybe":                 "--tls",
		"--ownership=mine":            "--ownership",
		"--profile=x":                 "--profile",
		"--limit-connections=x":       "--limit-connections",
		"--sni=x":                     "--sni",
		"--istio-version=new":         "--istio-version",
		"--default-certificate=A/b":   "--default-certificate",
		"--class=nginx":               "--class",
		"--controller-config=x.yaml":  "--controller-config",
		"--controller-args=--a='b c'": "--controller-args",
		"--gateway-selector=":         "--gateway-selector",
		"--gateway-namespace=A":       "--gateway-namespace",
		"--cluster-domain=_":          "--cluster-domain",
		"--http-port=443":             "--http-port",
		"--routes-only":               "--gateway-map",
		"--waive=x y z":               "--waive",
		"--batch-interval=-1s":        "--batch-interval",
	} {
		if _, err := parse(t, flag); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
