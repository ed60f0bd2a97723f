package translate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func TestWaiversNeedAKnownCodeAndAReason(t *testing.T) {
	in := &snapshot.Ingress{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "web"}}
	in.Annotations = map[string]string{
		snapshot.WaiveAnnotation:    "I2G4001: behind the VPN; I2G4002; I2G9999: no such code",
		snapshot.SuppressAnnotation: "I2G2003: read; I2G2004",
	}
	s := snapshot.New()
	s.Ingresses = []*snapshot.Ingress{in}
	fs := &finding.List{}
	waived := waivers(s, func(c finding.Code, o *finding.Object) bool { return c == finding.KeyManual && o == in.Object }, fs)
	got := map[finding.Code]bool{}
	for _, c := range []finding.Code{finding.ProtectionClosed, finding.ProtectionOpen, finding.KeyApproximate, finding.KeyManual} {
		got[c] = waived(c, in.Object)
	}
	if d := cmp.Diff(map[finding.Code]bool{finding.ProtectionClosed: true, finding.ProtectionOpen: false, finding.KeyApproximate: false, finding.KeyManual: true}, got); d != "" {
		t.Errorf("waived (-want +got):\n%s", d)
	}
	if waived(finding.ProtectionClosed, &finding.Object{}) {
		t.Error("one Ingress waives for another")
	}
	var said []string
	for _, f := range fs.Sorted() {
		said = append(said, f.Origin.Field+": "+f.Message())
	}
	want := []string{
		"ingress2gw.io/suppress: accepts nothing: I2G2004: a reason is missing",
		"ingress2gw.io/waive: accepts nothing: I2G4002: a reason is missing",
		"ingress2gw.io/waive: accepts nothing: I2G9999: it is no finding code",
	}
	if d := cmp.Diff(want, said); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}
