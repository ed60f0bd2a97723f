package nginx

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// declarable are the classes that a key can be declared with.
var declarable = [...]finding.Class{finding.Exact, finding.Approximate, finding.Noop, finding.Manual, finding.Refused}

// TestFigures prints what becomes of the annotations, and holds the counts against those that were reached: that a key moves
// down must be a decision. WEIGHTS=FILE weighs them by how often people use them: a table with the columns key, uses and
// capped (uses, of which each repository gives a few at most), separated by tabs.
//
//	go test ./annotations/nginx -run TestFigures -v
func TestFigures(t *testing.T) {
	all, live := map[finding.Class]int{}, map[finding.Class]int{}
	keys := map[string]annotations.Key{}
	for _, f := range Features() {
		for _, k := range f.Keys {
			keys[k.Name] = k
			all[k.Class]++
			if k.Since == "" {
				live[k.Class]++
			}
		}
	}
	for _, c := range declarable {
		t.Logf("%-12s %3d keys, %3d of them read by the current release", c, all[c], live[c])
	}
	t.Logf("%-12s %3d keys", "together", len(keys))
	if n := all[finding.Exact]; n < 92 {
		t.Errorf("%d keys are translated without difference, there were 92", n)
	}
	if n := all[finding.Manual] + all[finding.Refused]; n > 12 {
		t.Errorf("%d keys are left to people, there were 12", n)
	}
	if file := os.Getenv("WEIGHTS"); file != "" {
		weigh(t, file, keys)
	}
}

// weigh prints shares of uses by class.
func weigh(t *testing.T, file string, keys map[string]annotations.Key) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	require.NoError(t, err)
	require.NotEmpty(t, rows)
	for _, column := range []string{"uses", "capped"} {
		at := slices.Index(rows[0], column)
		require.NotEqual(t, -1, at, "no column %s", column)
		share(t, column, at, rows[1:], keys)
	}
}

func share(t *testing.T, column string, at int, rows [][]string, keys map[string]annotations.Key) {
	t.Helper()
	total, by := 0, map[finding.Class]int{}
	var lost []string
	for _, row := range rows {
		name, ok := strings.CutPrefix(row[0], DefaultPrefix)
		n, err := strconv.Atoi(row[at])
		require.NoError(t, err, row[0])
		if !ok || n == 0 {
			continue
		}
		class := finding.Unknown
		if k, declared := keys[name]; declared {
			class = k.Class
		}
		total += n
		by[class] += n
		if class == finding.Manual || class == finding.Refused || class == finding.Unknown {
			lost = append(lost, name+" "+row[at]+" ("+string(class)+")")
		}
	}
	require.Positive(t, total)
	known := total - by[finding.Unknown]
	carried := by[finding.Exact] + by[finding.Approximate] + by[finding.Noop]
	t.Logf("%s: %d of %d are exact, approximate or noop: %.1f %%; of the %d of keys that any release read %.1f %%", column, carried, total,
		percent(carried, total), known, percent(carried, known))
	for _, c := range append(declarable[:], finding.Unknown) {
		t.Logf("  %-12s %5d  %5.1f %%", c, by[c], percent(by[c], total))
	}
	t.Logf("  not carried over: %s", strings.Join(lost, ", "))
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(whole) }
