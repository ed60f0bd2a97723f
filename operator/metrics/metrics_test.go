package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

func TestMetrics(t *testing.T) {
	r := New("v1")
	shop := &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "web"}
	blog := &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "blog"}
	r.Show([]*manifest.Object{{Kind: "Secret"}}, []finding.Finding{{Code: finding.SecretReference, Origin: finding.Origin{Object: shop}}})
	r.Show(
		[]*manifest.Object{{Kind: "Gateway"}, {Kind: "VirtualService", Owner: "shop"}, {Kind: "VirtualService", Owner: "other"}},
		[]finding.Finding{
			{Code: finding.KeyExact, Origin: finding.Origin{Object: shop}}, {Code: finding.KeyExact, Origin: finding.Origin{Object: blog}},
			{Code: finding.NothingSelected},
		})
	r.Observe(Clean, time.Second)
	r.Observe(Clean, time.Second)
	r.Observe(Blocked, time.Second)

	none := finding.NothingSelected.Entry()
	exact := finding.KeyExact.Entry()
	want := `
# HELP ingress2gw_findings Findings of the last translation.
# TYPE ingress2gw_findings gauge
ingress2gw_findings{code="` + string(none.Code) + `",namespace="",severity="` + none.Severity.String() + `"} 1
ingress2gw_findings{code="` + string(exact.Code) + `",namespace="shop",severity="` + exact.Severity.String() + `"} 2
# HELP ingress2gw_objects Objects of the last translation, by who owns them.
# TYPE ingress2gw_objects gauge
ingress2gw_objects{kind="Gateway",owner="platform",target="istio"} 1
ingress2gw_objects{kind="VirtualService",owner="team",target="istio"} 2
# HELP ingress2gw_translations_total Translations by how they ended: clean, blocked (a protection could not be carried over) or failed.
# TYPE ingress2gw_translations_total counter
ingress2gw_translations_total{controller="ingress-nginx",result="blocked",target="istio"} 1
ingress2gw_translations_total{controller="ingress-nginx",result="clean",target="istio"} 2
ingress2gw_translations_total{controller="ingress-nginx",result="failed",target="istio"} 0
`
	if err := testutil.CollectAndCompare(r, strings.NewReader(want), "ingress2gw_findings", "ingress2gw_objects", "ingress2gw_translations_total"); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(r)
	require.NoError(t, err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
