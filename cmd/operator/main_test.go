package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatTheProgramSaysBeforeItRuns(t *testing.T) {
	t.Setenv("POD_NAMESPACE", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	empty := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for name, tt := range map[string]struct {
		args   string
		status int
		out    string // a part
		logs   string // a part
		json   bool
	}{
		"help":                            {"--help", 0, "--watch-secrets", "", false},
		"the version":                     {"--version", 0, "v1.2.3\n", "", false},
		"an unknown flag":                 {"--mod=apply", 2, "", "operator: unknown flag: --mod (see --help)", false},
		"a word that is no flag":          {"--leader-elect=false apply", 2, "", `operator: "apply" is no flag`, false},
		"flags that contradict":           {"--mode=apply --leader-elect=false", 2, "", "operator: --mode=apply needs --namespace", false},
		"a kubeconfig that is not there":  {"--leader-elect=false --kubeconfig=/nowhere", 3, "", "/nowhere", true},
		"a kubeconfig that names nothing": {"--leader-elect=false --kubeconfig=" + empty, 3, "", "Operator ends", true},
	} {
		t.Run(name, func(t *testing.T) {
			version = "v1.2.3"
			t.Cleanup(func() { version = "" })
			var out, logs bytes.Buffer
			status := run(t.Context(), strings.Fields(tt.args), &out, &logs)
			if status != tt.status || !strings.Contains(out.String(), tt.out) || !strings.Contains(logs.String(), tt.logs) || (out.Len() > 0) != (tt.out != "") {
				t.Errorf("status %d, stdout %q, stderr %q", status, out.String(), logs.String())
			}
			for line := range strings.Lines(logs.String()) {
				if json.Valid([]byte(line)) != tt.json {
					t.Errorf("JSON is %v: %s", !tt.json, line)
				}
			}
		})
	}
}
