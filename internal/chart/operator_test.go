package chart_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/internal/chart"
	"github.com/ingress2gw/ingress2gw/operator"
	"github.com/ingress2gw/ingress2gw/operator/metrics"
)

func TestTheOperatorKnowsTheFlags(t *testing.T) {
	check := func(name string, os []*unstructured.Unstructured) {
		t.Run(name, func(t *testing.T) {
			d := find[appsv1.Deployment](t, os, "Deployment")
			require.Len(t, d, 1)
			flags := pflag.NewFlagSet("operator", pflag.ContinueOnError)
			given := operator.AddFlags(flags)
			require.NoError(t, flags.Parse(append(d[0].Spec.Template.Spec.Containers[0].Args, "--namespace=here")))
			o, err := given.Options()
			require.NoError(t, err)
			if got := *d[0].Spec.Replicas > 1; got && !o.LeaderElection {
				t.Errorf("%d replicas and no lease", *d[0].Spec.Replicas)
			}
			ports := map[string]string{}
			for _, p := range d[0].Spec.Template.Spec.Containers[0].Ports {
				ports[p.Name] = ":" + intText(p.ContainerPort)
			}
			want := map[string]string{"health": o.HealthAddress, "metrics": o.MetricsAddress}
			if o.MetricsAddress == "0" {
				delete(want, "metrics")
			}
			if diff := cmp.Diff(want, ports); diff != "" {
				t.Errorf("(-flags +ports):\n%s", diff)
			}
			lists := may(t, os, "", "secrets", "list")
			if o.Secrets != lists {
				t.Errorf("Secrets: watched %v, right to list them %v", o.Secrets, lists)
			}
		})
	}
	for name, os := range rendered(t) {
		check(name, os)
	}
	for _, name := range []string{"default", "guarded"} {
		check("kustomize "+name, built(t, name))
	}
}

func intText(n int32) string { return strconv.Itoa(int(n)) }

// Dashboards and alerts ask for metrics that there are.
func TestMetricsAreThoseOfTheOperator(t *testing.T) {
	known := map[string]bool{}
	descs := make(chan *prometheus.Desc, 100)
	metrics.New("test").Describe(descs)
	close(descs)
	fq := regexp.MustCompile(`fqName: "([^"]+)"`)
	for d := range descs {
		known[fq.FindStringSubmatch(d.String())[1]] = true
	}
	require.NotEmpty(t, known)
	asked := regexp.MustCompile(`ingress2gw_[a-z_]+`)
	for _, f := range []string{"files/dashboard.json", "templates/alerts.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, chart.Folder, f))
		require.NoError(t, err)
		names := asked.FindAllString(string(text), -1)
		require.NotEmpty(t, names)
		for _, n := range names {
			if !known[n] && !known[strings.TrimSuffix(n, "_bucket")] {
				t.Errorf("%s asks for %s, which there is not", f, n)
			}
		}
	}
}
