package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/translate"
)

// TestLinesOfObjectsSayWhatTheyComeFrom keeps, for two Ingresses of the mixed fleet, every line of theirs and of their
// objects with the fields by which they are linked.
func TestLinesOfObjectsSayWhatTheyComeFrom(t *testing.T) {
	o := &convertOptions{
		streams: Streams{In: strings.NewReader("")}, config: genericclioptions.NewConfigFlags(true),
		deps: Dependencies{Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, Getenv: func(string) string { return "" }},
	}
	cmd := &cobra.Command{}
	useGroups(cmd, o.inputFlags(), o.sourceFlags(), o.targetFlags(), o.outputFlags(), o.reportFlags())
	require.NoError(t, cmd.ParseFlags([]string{"-f", filepath.Join(reportsFolder, "fleet"), "--controller-config", "ingress-nginx/ingress-nginx-controller"}))
	p, err := o.plan()
	require.NoError(t, err)
	p.format = reports.Format{Details: true, Sources: true}
	_, r, err := o.translate(t.Context(), p)
	require.NoError(t, err)

	var b strings.Builder
	show := func(title string, lines []reports.Line) {
		fmt.Fprintf(&b, "== %s\n", title)
		for _, l := range lines {
			text := fmt.Sprintf("%-72s %s", l.Text, strings.ReplaceAll(strings.Join(l.Fields, " "), "nginx.ingress.kubernetes.io/", "…/"))
			b.WriteString(strings.TrimRight(text, " ") + "\n")
		}
	}
	for _, in := range r.Details.Ingresses {
		if ref := in.Object.Ref(); ref == "Ingress billing/api" || ref == "Ingress shop/images" {
			show(ref, in.Lines())
			for _, m := range in.Objects {
				show(m.ID(), in.ObjectLines(m))
			}
		}
	}
	golden := filepath.Join(reportsFolder, "lines.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("if the new one is right, run make golden (-file +program):\n%s", diff)
	}
}
