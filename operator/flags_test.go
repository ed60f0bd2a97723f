package operator

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, args ...string) (Options, error) {
	t.Helper()
	flags := pflag.NewFlagSet("operator", pflag.ContinueOnError)
	given := AddFlags(flags)
	require.NoError(t, flags.Parse(args))
	return given.Options()
}

func TestFlags(t *testing.T) {
	t.Setenv("POD_NAMESPACE", "ops")
	for name, tt := range map[string]struct {
		args   []string
		change func(*Options)
	}{
		"by default nothing is applied": {nil, func(*Options) {}},
		"applying":                      {[]string{"--mode=apply", "--settle-interval=0s"}, func(o *Options) { o.Apply, o.Settle = true, 0 }},
		"guarding":                      {[]string{"--mode=apply", "--guard=istio-system,istio-shadow"}, func(o *Options) { o.Apply, o.Guard.Namespaces = true, []string{"istio-system", "istio-shadow"} }},
		"guarding pods": {[]string{"--mode=apply", "--guard=istio-system", "--guard-selector=istio-system/istio=gw", "--guard-selector=istio-system/example.com/kind=public,istio-shadow/a=", "--guard-team-gateways"}, func(o *Options) {
			o.Apply = true
			o.Guard.Namespaces, o.Guard.TeamGateways = []string{"istio-system"}, true
			o.Guard.Selectors = map[string]map[string]string{"istio-system": {"istio": "gw", "example.com/kind": "public"}, "istio-shadow": {"a": ""}}
		}},
		"without Secrets": {[]string{"--watch-secrets=false"}, func(o *Options) { o.Secrets = false }},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, tt.args...)
			require.NoError(t, err)
			want := Options{
				Namespace: "ops", Secrets: true, LeaderElection: true, Batch: 200 * time.Millisecond, Settle: 2 * time.Second, Workers: 16,
				MetricsAddress: "127.0.0.1:8443", MetricsSecure: true, HealthAddress: "127.0.0.1:8081",
			}
			tt.change(&want)
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Options{}, "Version")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	t.Setenv("POD_NAMESPACE", "")
	for flags, want := range map[string]string{
		"--mode=maybe --leader-elect=false":      "--mode",
		"--mode=apply --leader-elect=false":      "--namespace",
		"--namespace=A":                          "--namespace",
		"--mode=preview":                         "--leader-elect",
		"--namespace=a --guard=x,Y":              "--guard",
		"--namespace=a --batch-interval=-1s":     "--batch-interval",
		"--namespace=a --settle-interval=-1s":    "--settle-interval",
		"--namespace=a --mode=apply --workers=0": "--workers",
	} {
		if _, err := parse(t, strings.Fields(flags)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", flags, err)
		}
	}
}
