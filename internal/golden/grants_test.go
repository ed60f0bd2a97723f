package golden

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	gwv1beta1 "sigs.k8s.io/gateway-api/apis/v1beta1"
	"sigs.k8s.io/yaml"
)

// TestReferenceGrantsAreWhatTheGatewayAPISays decodes every ReferenceGrant of the golden outputs strictly into the type of
// the Gateway API.
func TestReferenceGrantsAreWhatTheGatewayAPISays(t *testing.T) {
	found := 0
	for _, c := range cases(t) {
		for _, f := range []string{"platform.yaml", "teams.yaml"} {
			b, err := os.ReadFile(filepath.Join(c.Dir, f))
			if os.IsNotExist(err) {
				continue
			}
			require.NoError(t, err)
			for doc := range bytes.SplitSeq(b, []byte("\n---\n")) {
				if !bytes.Contains(doc, []byte("kind: ReferenceGrant")) {
					continue
				}
				var g gwv1beta1.ReferenceGrant
				if err := yaml.UnmarshalStrict(doc, &g); err != nil {
					t.Errorf("%s: %v", c.Name, err)
				}
				if len(g.Spec.From) == 0 || len(g.Spec.To) == 0 {
					t.Errorf("%s: grant %s allows nothing", c.Name, g.Name)
				}
				found++
			}
		}
	}
	if found == 0 {
		t.Error("no golden output has a ReferenceGrant")
	}
}
