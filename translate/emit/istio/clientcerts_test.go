package istio

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestLongChainsCloseAHostWithoutEnvoyFilter(t *testing.T) {
	waived := func(code finding.Code, _ *finding.Object) bool { return code == finding.ProtectionClosed }
	for name, c := range map[string]struct {
		certs  model.ClientCerts
		opts   emit.Options
		closed bool
		asks   bool
	}{
		"a CA that admits any chain":           {model.ClientCerts{Depth: 1}, emit.Options{NoEnvoyFilter: true}, true, true},
		"also where none is needed":            {model.ClientCerts{Depth: 1, Mode: model.CertOptional}, emit.Options{NoEnvoyFilter: true}, true, true},
		"a CA that admits short chains only":   {model.ClientCerts{Depth: 1, Short: true}, emit.Options{NoEnvoyFilter: true}, false, true},
		"certificates that nobody verifies":    {model.ClientCerts{Depth: 1, Mode: model.CertUnverified}, emit.Options{NoEnvoyFilter: true}, false, true},
		"a waiver still asks for certificates": {model.ClientCerts{Depth: 1}, emit.Options{NoEnvoyFilter: true, Waived: waived}, false, true},
		"an EnvoyFilter limits the chain":      {model.ClientCerts{Depth: 1}, emit.Options{}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.IstioVersion = emit.Version{Major: 1, Minor: 31}
			e := testEmitter(model.Global{}, c.opts)
			h := &model.Host{Name: "a.test", ClientCerts: &c.certs}
			e.checkClientCerts(h)
			if diff := cmp.Diff(c.closed, h.Closed != nil); diff != "" {
				t.Error("closed:", diff)
			}
			if diff := cmp.Diff(c.asks, h.ClientCerts != nil); diff != "" {
				t.Error("asks:", diff)
			}
		})
	}
}
