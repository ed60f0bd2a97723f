package chart_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	netv1 "k8s.io/api/networking/v1"
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
	for _, name := range kustomizations(t) {
		check("kustomize "+name, built(t, name))
	}
}

func kustomizations(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "deploy/kustomize/*/kustomization.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

// To apply another folder changes the mode of the operator that is there. A second one beside it would wait for ever for the lease that
// the first has.
func TestKustomizationsReplaceEachOther(t *testing.T) {
	want := ""
	for _, name := range kustomizations(t) {
		d := find[appsv1.Deployment](t, built(t, name), "Deployment")
		require.Len(t, d, 1)
		got := d[0].Namespace + "/" + d[0].Name + " " + d[0].Spec.Selector.String()
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s has %s, others have %s", name, got, want)
		}
	}
}

// The operator has no webhook: in come probes and metrics, out go DNS and requests to the API server.
func TestTheNetworkLetsThroughWhatIsNeeded(t *testing.T) {
	variants := rendered(t)
	for _, name := range kustomizations(t) {
		variants["kustomize "+name] = built(t, name)
	}
	closed := 0
	for name, os := range variants {
		c := find[appsv1.Deployment](t, os, "Deployment")[0].Spec.Template.Spec.Containers[0]
		for _, p := range find[netv1.NetworkPolicy](t, os, "NetworkPolicy") {
			closed++
			in, out := map[string]bool{}, map[string]bool{}
			for _, r := range p.Spec.Ingress {
				for _, port := range r.Ports {
					in[port.Port.String()] = true
				}
			}
			for _, r := range p.Spec.Egress {
				for _, port := range r.Ports {
					protocol := "TCP"
					if port.Protocol != nil {
						protocol = string(*port.Protocol)
					}
					out[protocol+" "+port.Port.String()] = true
				}
			}
			listens := map[string]bool{}
			for _, port := range c.Ports {
				listens[intText(port.ContainerPort)] = true
			}
			if diff := cmp.Diff(listens, in); diff != "" {
				t.Errorf("%s: (-listens +reached):\n%s", name, diff)
			}
			want := map[string]bool{"UDP 53": true, "TCP 53": true, "TCP 443": true, "TCP 6443": true}
			if name == "monitoring" {
				delete(want, "TCP 443")
				peers := []netv1.NetworkPolicyPeer{{IPBlock: &netv1.IPBlock{CIDR: "10.0.0.1/32"}}}
				if diff := cmp.Diff(peers, p.Spec.Egress[1].To); diff != "" {
					t.Errorf("%s: the API server (-want +got):\n%s", name, diff)
				}
			}
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("%s: goes out (-want +got):\n%s", name, diff)
			}
			if diff := cmp.Diff([]netv1.PolicyType{netv1.PolicyTypeIngress, netv1.PolicyTypeEgress}, p.Spec.PolicyTypes); diff != "" {
				t.Errorf("%s: (-want +got):\n%s", name, diff)
			}
		}
	}
	require.Greater(t, closed, 8)
}

func intText(n int32) string { return strconv.Itoa(int(n)) }

// labelsOf are the metrics of the operator with their labels.
func labelsOf(t *testing.T) map[string][]string {
	t.Helper()
	descs := make(chan *prometheus.Desc, 100)
	metrics.New("test").Describe(descs)
	close(descs)
	parts := regexp.MustCompile(`fqName: "([^"]+)".* constLabels: \{([^}]*)\}, variableLabels: \{([^}]*)\}`)
	word := regexp.MustCompile(`[a-z_]+`)
	quoted := regexp.MustCompile(`"[^"]*"`)
	out := map[string][]string{}
	for d := range descs {
		m := parts.FindStringSubmatch(d.String())
		require.NotNil(t, m, d.String())
		out[m[1]] = word.FindAllString(quoted.ReplaceAllString(m[2], "")+" "+m[3], -1)
	}
	require.NotEmpty(t, out)
	return out
}

// Dashboards and alerts ask for metrics that there are, by labels that they have.
func TestMetricsAreThoseOfTheOperator(t *testing.T) {
	known := labelsOf(t)
	asked := regexp.MustCompile(`(ingress2gw_[a-z_]+)(?:\{([^}]*\{\{- \$job -\}\})?([^}]*)\})?`)
	label := regexp.MustCompile(`([a-z]+)(?:=~|!~|!=|=)\\?"`)
	for _, f := range []string{"files/dashboard.json", "templates/alerts.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, chart.Folder, f))
		require.NoError(t, err)
		all := asked.FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, all)
		filtered := 0
		for _, m := range all {
			labels, ok := known[m[1]]
			if !ok {
				labels, ok = known[strings.TrimSuffix(m[1], "_bucket")]
			}
			if !ok {
				t.Errorf("%s asks for %s, which there is not", f, m[1])
			}
			for _, l := range label.FindAllStringSubmatch(m[3], -1) {
				if filtered++; !slices.Contains(labels, l[1]) {
					t.Errorf("%s asks %s for label %s; it has %v", f, m[1], l[1], labels)
				}
			}
		}
		if filtered == 0 {
			t.Errorf("no label is asked for in %s", f)
		}
	}
}

// What the page about the operator says of metrics and reasons is all that there is.
func TestThePageOfTheOperatorIsComplete(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/operator.md"))
	require.NoError(t, err)
	rows := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			for _, name := range regexp.MustCompile("`(ingress2gw_[a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
				rows[name[1]] = strings.TrimSpace(cells[2])
			}
		}
	}
	want := map[string]string{}
	for name, labels := range labelsOf(t) {
		if name == "ingress2gw_build_info" {
			labels = []string{"version", "goversion"}
		}
		want[name] = strings.Join(labels, ", ")
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("metrics and labels (-operator +docs/operator.md):\n%s", diff)
	}
	words, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "api/v1alpha1/words.go"), nil, 0)
	require.NoError(t, err)
	_, conditions, ok := strings.Cut(string(page), "## Conditions\n")
	require.True(t, ok)
	conditions, _, _ = strings.Cut(conditions, "\n## ")
	n := 0
	ast.Inspect(words, func(x ast.Node) bool {
		s, ok := x.(*ast.ValueSpec)
		if ok && strings.HasPrefix(s.Names[0].Name, "Reason") {
			reason, err := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
			if n++; err != nil || !strings.Contains(conditions, "`"+reason+"`") {
				t.Errorf("docs/operator.md does not say what the reason %s means", reason)
			}
		}
		return true
	})
	require.Greater(t, n, 30)
}
