package chart

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// decode finds an object of a kind and reads it without tolerance.
func decode(t *testing.T, variant, kind string, into any) {
	t.Helper()
	text, err := os.ReadFile(variants + "/" + variant + "/rendered.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for d := range strings.SplitSeq(string(text), "---\n") {
		if strings.Contains("\n"+d, "\nkind: "+kind+"\n") {
			if err := yaml.UnmarshalStrict([]byte(d), into); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("%s has no %s", variant, kind)
}

func TestServiceMonitorsAreReadByPrometheusOperator(t *testing.T) {
	for variant, scheme := range map[string]string{"monitoring": "https", "monitoring-unverified": "https", "monitoring-plain": ""} {
		var m monitoringv1.ServiceMonitor
		decode(t, variant, "ServiceMonitor", &m)
		e := m.Spec.Endpoints[0]
		got := ""
		if e.Scheme != nil {
			got = e.Scheme.String()
		}
		if got != scheme || e.Port != "metrics" || (scheme == "https") != (e.TLSConfig != nil) {
			t.Errorf("%s: %+v", variant, e)
		}
	}
}

func TestAlertsAreRead(t *testing.T) {
	var r monitoringv1.PrometheusRule
	decode(t, "monitoring", "PrometheusRule", &r)
	n := 0
	for _, g := range r.Spec.Groups {
		for _, a := range g.Rules {
			n++
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(a.Expr.String()); err != nil {
				t.Errorf("%s: %v", a.Alert, err)
			}
			if a.Annotations["summary"] == "" || a.Annotations["description"] == "" || a.Labels["severity"] == "" {
				t.Errorf("%s says too little: %+v", a.Alert, a)
			}
		}
	}
	if n < 4 {
		t.Errorf("%d alerts", n)
	}
}

func TestTheDashboardIsRead(t *testing.T) {
	text, err := os.ReadFile(folder + "/files/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &d); err != nil || len(d.Panels) == 0 {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		for _, x := range p.Targets {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(x.Expr); err != nil {
				t.Errorf("%s: %v", p.Title, err)
			}
		}
	}
}
