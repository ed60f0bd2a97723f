package suite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/runner"
)

// Summary is what is written of a whole run.
type Summary struct {
	Mode        string           `json:"mode"`
	Seconds     float64          `json:"seconds"`
	Cases       int              `json:"cases"`
	States      map[string]int   `json:"states"`
	Requests    runner.Requests  `json:"requests"`
	Overclaimed int              `json:"overclaimed"`
	Results     []*runner.Result `json:"results"`
}

// Summarize counts; results are ordered by name.
func Summarize(mode string, took time.Duration, results []*runner.Result) *Summary {
	s := &Summary{Mode: mode, Seconds: took.Round(100 * time.Millisecond).Seconds(), Cases: len(results), States: map[string]int{}, Results: slices.Clone(results)}
	slices.SortFunc(s.Results, func(a, b *runner.Result) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Mutation, b.Mutation))
	})
	for _, r := range results {
		s.States[string(r.State)]++
		s.Requests = add(s.Requests, r.Requests)
		if len(r.Overclaimed) > 0 {
			s.Overclaimed++
		}
	}
	return s
}

func add(a, b runner.Requests) runner.Requests {
	return runner.Requests{Total: a.Total + b.Total, Exact: a.Exact + b.Exact, Accepted: a.Accepted + b.Accepted, Failed: a.Failed + b.Failed}
}

// Good tells whether nothing failed; strict counts overclaimed differences as failures.
func (s *Summary) Good(strict bool) bool {
	for _, r := range s.Results {
		if !r.State.Good() {
			return false
		}
	}
	return !strict || s.Overclaimed == 0
}

// WriteJSON writes the summary with all results.
func (s *Summary) WriteJSON(path string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// states in the order of the table's columns.
var states = []runner.State{runner.Pass, runner.Declared, runner.Silent, runner.Fail, runner.Broken, runner.Skipped, runner.NotRun}

// row counts one feature.
type row struct {
	cases, overclaimed int
	states             map[runner.State]int
	requests           runner.Requests
}

func (r *row) add(x *runner.Result) {
	r.cases++
	r.states[x.State]++
	r.requests = add(r.requests, x.Requests)
	if len(x.Overclaimed) > 0 {
		r.overclaimed++
	}
}

// WriteTable prints one line a feature, and the total.
func (s *Summary) WriteTable(w io.Writer) error {
	rows, total := map[string]*row{}, &row{states: map[runner.State]int{}}
	var names []string
	for _, r := range s.Results {
		if rows[r.Feature] == nil {
			rows[r.Feature] = &row{states: map[runner.State]int{}}
			names = append(names, r.Feature)
		}
		rows[r.Feature].add(r)
		total.add(r)
	}
	slices.Sort(names)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "FEATURE\tCASES\t")
	for _, st := range states {
		fmt.Fprintf(t, "%s\t", st)
	}
	fmt.Fprintln(t, "overclaimed\tREQUESTS\texact\taccepted\tfailed")
	for _, n := range append(names, "") {
		r, label := rows[n], n
		if n == "" {
			r, label = total, "TOTAL"
		}
		fmt.Fprintf(t, "%s\t%d\t", label, r.cases)
		for _, st := range states {
			fmt.Fprintf(t, "%s\t", dash(r.states[st]))
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\n", dash(r.overclaimed), r.requests.Total, r.requests.Exact, dash(r.requests.Accepted), dash(r.requests.Failed))
	}
	return t.Flush()
}

// dash keeps zeros out of the reader's way.
func dash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
