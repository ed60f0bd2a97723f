package metrics

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

func TestMetrics(t *testing.T) {
	r := New("v1")
	var before State
	before.Object("Secret", false)
	before.Unapplied("Failed")
	r.Show(&before)
	s := State{}
	s.Drifted("Changed")
	s.Drifted("Changed")
	s.Object("Gateway", false)
	s.Object("VirtualService", true)
	s.Object("VirtualService", true)
	s.Findings(Finding{"I2G2001", "info"}, "shop", 2)
	s.Findings(Finding{"I2G2001", "info"}, "shop", 1)
	s.Unapplied("Conflict")
	s.Migration("LimitExceeded")
	s.Phases(v1alpha1.Totals{Live: 3, Preview: 1})
	s.Phases(v1alpha1.Totals{Live: 1})
	r.Show(&s)
	r.Translating()(false)
	r.Translating()(false)
	r.Translating()(true)
	r.Acted("Gateway", "Applied", false)
	r.Acted("Gateway", "ForeignObject", true)
	r.Repaired()
	r.Failed()

	want := `
# HELP ingress2gw_applies_total Objects that were applied or removed, or not, by why.
# TYPE ingress2gw_applies_total counter
ingress2gw_applies_total{kind="Gateway",result="Applied"} 1
ingress2gw_applies_total{kind="Gateway",result="ForeignObject"} 1
# HELP ingress2gw_apply_conflicts_total Objects that were left alone because they, or fields of them, are somebody else's.
# TYPE ingress2gw_apply_conflicts_total counter
ingress2gw_apply_conflicts_total 1
# HELP ingress2gw_drifted_objects Applied objects that somebody changed, and that are not repaired; of those with the reason ProtectionLost a route may be open.
# TYPE ingress2gw_drifted_objects gauge
ingress2gw_drifted_objects{reason="Changed"} 2
ingress2gw_drifted_objects{reason="ProtectionLost"} 0
# HELP ingress2gw_errors_total Times that something went wrong which is in no condition, and was tried again. The log says what.
# TYPE ingress2gw_errors_total counter
ingress2gw_errors_total 1
# HELP ingress2gw_findings Findings about Ingresses.
# TYPE ingress2gw_findings gauge
ingress2gw_findings{code="I2G2001",namespace="shop",severity="info"} 3
# HELP ingress2gw_ingresses Ingresses by phase.
# TYPE ingress2gw_ingresses gauge
ingress2gw_ingresses{phase="excluded"} 0
ingress2gw_ingresses{phase="live"} 4
ingress2gw_ingresses{phase="preview"} 1
ingress2gw_ingresses{phase="released"} 0
ingress2gw_ingresses{phase="shadow"} 0
# HELP ingress2gw_migrations Migrations by the reason of their condition Ready.
# TYPE ingress2gw_migrations gauge
ingress2gw_migrations{reason="LimitExceeded"} 1
# HELP ingress2gw_objects Objects that are to be there, by who owns them.
# TYPE ingress2gw_objects gauge
ingress2gw_objects{kind="Gateway",owner="platform",target="istio"} 1
ingress2gw_objects{kind="VirtualService",owner="team",target="istio"} 2
# HELP ingress2gw_repairs_total Objects that somebody changed and that were applied again.
# TYPE ingress2gw_repairs_total counter
ingress2gw_repairs_total 1
# HELP ingress2gw_translations_total Translations by how they ended: clean, or blocked (a protection could not be carried over).
# TYPE ingress2gw_translations_total counter
ingress2gw_translations_total{controller="ingress-nginx",result="blocked",target="istio"} 1
ingress2gw_translations_total{controller="ingress-nginx",result="clean",target="istio"} 2
# HELP ingress2gw_unapplied_objects Objects that are not as they are to be, by why.
# TYPE ingress2gw_unapplied_objects gauge
ingress2gw_unapplied_objects{reason="Conflict"} 1
`
	if err := testutil.CollectAndCompare(r, strings.NewReader(want), "ingress2gw_applies_total", "ingress2gw_apply_conflicts_total", "ingress2gw_drifted_objects",
		"ingress2gw_errors_total", "ingress2gw_findings", "ingress2gw_ingresses", "ingress2gw_migrations", "ingress2gw_objects", "ingress2gw_repairs_total", "ingress2gw_translations_total", "ingress2gw_unapplied_objects"); err != nil {
		t.Error(err)
	}
	problems, err := testutil.CollectAndLint(r)
	require.NoError(t, err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
