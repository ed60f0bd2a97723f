package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/suite"
)

// retryAtMost is how many failed measurements a busy machine may be blamed for.
const retryAtMost = 6

// runCases runs the suite, runs failed measurements again with nothing beside them, and writes the results.
func runCases(o *options, pool *suite.Pool, cases []*casefile.Case) (bool, error) {
	start := time.Now()
	ordered := suite.SlowestFirst(cases)
	results := map[string]*runner.Result{}
	err := pool.Run(jobs(ordered), func(r *runner.Result) {
		results[r.File] = r
		o.print(r)
	})
	var again []*casefile.Case
	for _, c := range ordered {
		if r := results[c.Path]; r != nil && r.State == runner.Fail && suite.Timed(c) {
			again = append(again, c)
		}
	}
	if len(again) > retryAtMost {
		again = nil
	}
	alone := &suite.Pool{Settings: pool.Settings, Workers: 1}
	err = errors.Join(err, alone.Run(jobs(again), func(r *runner.Result) {
		r.Retried = true
		results[r.File] = r
		o.print(r)
	}))
	if err != nil {
		return false, err
	}
	all := make([]*runner.Result, 0, len(results))
	for _, c := range ordered {
		all = append(all, results[c.Path])
	}
	summary := suite.Summarize(o.mode, time.Since(start), all)
	if err := write(o, summary); err != nil {
		return false, err
	}
	return summary.Good(o.strict), nil
}

func jobs(cases []*casefile.Case) []suite.Job {
	var out []suite.Job
	for _, c := range cases {
		out = append(out, suite.Job{Path: c.Path})
	}
	return out
}

// print writes one line a case, and the problems of those that failed.
func (o *options) print(r *runner.Result) {
	if o.quiet && r.State.Good() {
		return
	}
	again := ""
	if r.Retried {
		again = " (second try, alone)"
	}
	fmt.Printf("%-8s %s (%d) %.1fs%s\n", strings.ToUpper(string(r.State)), r.Name, r.Requests.Total, r.Seconds, again)
	if r.State.Good() {
		return
	}
	for _, p := range append(r.Problems, r.Notes...) {
		fmt.Println("         " + p)
	}
}

func write(o *options, s *suite.Summary) error {
	fmt.Println()
	err := errors.Join(
		s.WriteTable(os.Stdout),
		s.WriteJSON(filepath.Join(o.out, "results.json")),
		s.WriteJUnit(filepath.Join(o.out, "junit.xml")),
	)
	for _, r := range s.Results {
		if len(r.Overclaimed) > 0 {
			fmt.Printf("OVERCLAIMED %s: passes exactly, but a difference is reported of %s\n", r.Name, strings.Join(r.Overclaimed, ", "))
		}
	}
	fmt.Printf("\nmode %s, %d cases in %.1f s; results in %s\n", s.Mode, s.Cases, s.Seconds, o.out)
	return err
}
